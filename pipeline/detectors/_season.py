"""Baseline of a count: a drifting level, a factor for each hour of the day, and the spread around both."""

from math import sqrt

import msgspec

from pipeline.detectors._base import DAY_S, WEEK_S, forgetting

BLOCK_S = 300  # rates wander together for minutes, so spread measured on shorter blocks is understated
FLOOR = 1e-3  # expected count of a block on a key that is practically silent
FIRST_BLOCKS = 12  # too few to tell spread from not knowing the level
HOUR_HALF_LIFE_S = 7 * 3_600  # seven visits to the same hour
PSEUDO_COUNT = 3.0  # pulls the factor of a rarely seen hour to 1
MIN_FACTOR = 0.1
MIN_SPREAD, MAX_SPREAD = 0.02, 3.0


class Season(msgspec.Struct, array_like=True):
    """Negative-binomial baseline, learned in blocks of ``BLOCK_S`` whatever the length of a bucket.

    Levels are counts per block. ``spread`` is phi in variance = mean + phi * mean**2 of a block.
    """

    blocks: int = 0
    level: float = 0.0
    spread: float = 0.3
    counts: list[float] = msgspec.field(default_factory=lambda: [0.0] * 24)
    levels: list[float] = msgspec.field(default_factory=lambda: [0.0] * 24)
    excess: float = 0.0  # mean of (x - mean)**2 - mean
    square: float = 0.0  # mean of mean**2
    open_s: int = 0  # of the block being filled: its age and count
    open_count: float = 0.0

    def rate(self, hour: int) -> float:
        """Expected count per second, > 0."""
        return max(self.level * self._factor(hour), FLOOR) / BLOCK_S

    def learn(self, count: float, hour: int, bucket_s: int, clip: float) -> None:
        """Add one bucket. A block further than ``clip`` standard deviations above its mean counts as just that far."""
        self.open_s += bucket_s
        self.open_count += count
        if self.open_s >= BLOCK_S:
            self._learn_block(self.open_count * BLOCK_S / self.open_s, hour, clip)
            self.open_s, self.open_count = 0, 0.0

    def _learn_block(self, count: float, hour: int, clip: float) -> None:
        mean = self.rate(hour) * BLOCK_S
        if self.blocks * BLOCK_S > DAY_S:
            count = min(count, mean + clip * sqrt(mean + self.spread * mean * mean) + 1)
        self.level += _weight(self.blocks) * (count / self._factor(hour) - self.level)
        keep = 1 - forgetting(BLOCK_S, HOUR_HALF_LIFE_S)
        self.counts[hour] = self.counts[hour] * keep + count
        self.levels[hour] = self.levels[hour] * keep + max(self.level, FLOOR / 10)
        if self.blocks >= FIRST_BLOCKS:
            self._learn_spread(mean, count - mean)
        self.blocks += 1

    def _learn_spread(self, mean: float, deviation: float) -> None:
        weight = _weight(self.blocks - FIRST_BLOCKS)
        self.excess += weight * (deviation * deviation - mean - self.excess)
        self.square += weight * (mean * mean - self.square)
        self.spread = min(max((self.excess + 5e-4) / (self.square + 1e-2), MIN_SPREAD), MAX_SPREAD)

    def _factor(self, hour: int) -> float:
        return max((self.counts[hour] + PSEUDO_COUNT) / (self.levels[hour] + PSEUDO_COUNT), MIN_FACTOR)


def _weight(blocks: int) -> float:
    """Weight of the newest block: a plain mean at first, then half-life a week."""
    return max(forgetting(BLOCK_S, WEEK_S), 1 / (blocks + 1))
