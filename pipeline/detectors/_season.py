"""Baseline of a count: a drifting level, a factor for each hour of the day, and the spread around both."""

from collections.abc import Iterable
from math import sqrt

import msgspec

from pipeline.detectors._base import BLOCK_S, DAY_S, QUORUM, WARM_S, WEEK_S, forgetting, is_warm, pooled

FLOOR = 1e-3  # expected count of a block on a key that is practically silent
FIRST_BLOCKS = 12  # too few to tell spread from not knowing the level
HOURS = 24
HOUR_VISITS = 121.0  # blocks of one hour that a factor remembers: seven days by half-life
PSEUDO_COUNT = 3.0  # pulls the factor of a rarely seen hour to 1
UNIT = 10_000  # factors are kept in ten-thousandths: a third of the bytes of 24 floats
LEAST, MOST = 1_000, 240_000
MIN_SPREAD, MAX_SPREAD, FIRST_SPREAD = 0.02, 3.0, 0.3
LEVEL_WEIGHT = forgetting(BLOCK_S, WEEK_S)
MEMORY = 1 / LEVEL_WEIGHT  # blocks


class Season(msgspec.Struct, array_like=True):
    """Negative-binomial baseline, learned in blocks of ``BLOCK_S`` whatever the length of a bucket.

    Levels are counts per block. ``spread`` is phi in variance = mean + phi * mean**2 of a block.
    """

    blocks: int = 0
    level: float = 0.0
    spread: float = FIRST_SPREAD
    factors: list[int] = msgspec.field(default_factory=lambda: [UNIT] * HOURS)
    excess: float = 0.0  # mean of (x - mean)**2 - mean
    square: float = 0.0  # mean of mean**2
    open_s: int = 0  # of the block being filled: its age and count
    open_count: float = 0.0
    exposure: float = 0.0  # sum of the factors of the blocks ``level`` stands on, up to ``MEMORY``

    @property
    def known(self) -> bool:
        """Whether enough was seen to call a volume unusual: two days, or much said in a quarter of one.

        At first ``level`` is a plain mean over ``exposure``, which gives the posts so far.
        """
        age_s = self.blocks * BLOCK_S
        return age_s >= DAY_S // 4 and is_warm(age_s, self.level * self.exposure)

    def rate(self, hour: int) -> float:
        """Expected count per second, > 0."""
        return max(self.level * self.factors[hour] / UNIT, FLOOR) / BLOCK_S

    def learn(self, count: float, hour: int, bucket_s: int, clip: float, *, campaign: bool = False) -> None:
        """Add one bucket. A block further than ``clip`` standard deviations above its mean counts as just that far.

        A block that ends in a ``campaign`` teaches nothing, unless nothing else is known yet.
        """
        self.open_s += bucket_s
        self.open_count += count
        if self.open_s >= BLOCK_S:
            if not campaign or not self.known:
                self._learn_block(self.open_count * BLOCK_S / self.open_s, hour, clip)
            self.open_s, self.open_count = 0, 0.0

    def _learn_block(self, count: float, hour: int, clip: float) -> None:
        mean = self.rate(hour) * BLOCK_S
        if self.blocks * BLOCK_S > DAY_S:
            count = min(count, mean + clip * sqrt(mean + self.spread * mean * mean) + 1)
        factor = self.factors[hour] / UNIT
        self.exposure = min(self.exposure + factor, MEMORY)
        self.level += (count - self.level * factor) / self.exposure
        self._learn_factor(count, hour, factor)
        if self.blocks >= FIRST_BLOCKS:
            self._learn_spread(mean, count - mean)
        self.blocks += 1

    def _learn_factor(self, count: float, hour: int, factor: float) -> None:
        """Follow the mean of counts over that of levels, both with ``PSEUDO_COUNT`` added."""
        visits = min(self.blocks / HOURS, HOUR_VISITS) / 2  # the first were measured by a level that was wrong
        pull = PSEUDO_COUNT / HOUR_VISITS * (1 - factor)
        factor += (count - self.level * factor + pull) / (self.level * (visits + 1) + PSEUDO_COUNT)
        self.factors[hour] = min(max(round(factor * UNIT), LEAST), MOST)

    def _learn_spread(self, mean: float, deviation: float) -> None:
        weight = max(LEVEL_WEIGHT, 1 / (self.blocks - FIRST_BLOCKS + 1))
        self.excess += weight * (deviation * deviation - mean - self.excess)
        self.square += weight * (mean * mean - self.square)
        self.spread = min(max((self.excess + 5e-4) / (self.square + 1e-2), MIN_SPREAD), MAX_SPREAD)


def season_among(peers: Iterable[Season]) -> Season:
    """Nothing counted yet, but days like those of peers that have seen two: a new key's first morning is no rise."""
    known = [peer for peer in peers if peer.blocks * BLOCK_S >= WARM_S]
    season = Season(spread=pooled([peer.spread for peer in known], FIRST_SPREAD))
    if len(known) >= QUORUM:
        season.factors = [sum(visits) // len(known) for visits in zip(*(peer.factors for peer in known), strict=True)]
    return season
