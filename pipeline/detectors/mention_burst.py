"""Mention burst: posts come faster than chance allows, and the peak is large among those of the last days."""

from collections.abc import Sequence
from math import lgamma, log, sqrt

import msgspec

from pipeline.detectors._base import (
    BLOCK_S,
    CAMPAIGN,
    DAY_S,
    HELD,
    TOLERANCE,
    Observation,
    Tuning,
    Verdict,
    forgetting,
)
from pipeline.detectors._season import Season, season_among

THRESHOLD = 2.7  # of the mean root of surprise (in powers of ten) times novelty
LEVELS_S = (7_200, 21_600)  # half-lives of the averages that are compared
RECORD_S = 5 * DAY_S  # half-life of the largest peak
NEWEST = 0.5  # weight of the newest block in the peak
DOUBT = 0.005  # spread of a level that does not average out
CLIP = 10.0
LN_10 = log(10)
GROWTH = 4.0  # how much larger than at the last alarm a burst must be to alarm again within a day


class State(msgspec.Struct, array_like=True):
    """What is known of one key. Rates are posts per block."""

    levels: list[float] = msgspec.field(default_factory=lambda: [0.0] * len(LEVELS_S))
    means: list[float] = msgspec.field(default_factory=lambda: [0.0] * len(LEVELS_S))  # what levels should be
    peak: float = 0.0
    record: float = 0.0  # largest peak, decayed
    since: int = 0
    told_s: int = DAY_S  # time since the last alarm, at most a day
    told: float = 0.0  # peak at the last alarm
    score: float = 0.0  # of the last block
    surprise: float = 0.0
    season: Season = msgspec.field(default_factory=Season)


class MentionBurst:
    """Improbability of the last hours' posts, times how their peak compares with the largest in days.

    It judges whole blocks; within one the last judgement stands. No theory gives ``THRESHOLD``: scores of the Numenta
    benchmark's Twitter series are flat from 2.2 to 3.4, and ``make bench-detect`` shows what it costs elsewhere.
    """

    name = "mention_burst"
    state = State
    harmful = False

    def start(self, peers: Sequence[State] = ()) -> State:
        """State of a key never seen before."""
        return State(season=season_among(peer.season for peer in peers))

    def step(self, state: State, seen: Observation, tuning: Tuning) -> Verdict:
        """Judge a block that ends with this bucket, then learn from it."""
        bucket_s, season = tuning.bucket_s, state.season
        expected = season.rate(seen.hour) * BLOCK_S * (CAMPAIGN if seen.campaign else 1.0)
        block_s = season.open_s + bucket_s
        if block_s >= BLOCK_S:
            state.told_s = min(state.told_s + block_s, DAY_S)
            _judge(state, (season.open_count + seen.posts) * BLOCK_S / block_s, expected, block_s)
            if state.peak <= expected:
                state.since = seen.minute + bucket_s * 1000
            score = state.score
        else:
            score = min(state.score, HELD)
        season.learn(seen.posts, seen.hour, bucket_s, CLIP, campaign=seen.campaign)
        per_minute = 60 / BLOCK_S
        return Verdict(
            score, state.surprise, state.peak * per_minute, expected * per_minute, "posts per minute", state.since,
            state.peak <= TOLERANCE * expected,
        )  # fmt: skip

    def rearm(self, state: State) -> None:
        """Stay silent for a day unless the burst outgrows this one."""
        state.told_s, state.told = 0, state.peak


def _judge(state: State, rate: float, expected: float, block_s: int) -> None:
    """Score and surprise of a block with ``rate`` posts."""
    state.peak += NEWEST * (rate - state.peak)
    state.record *= 1 - forgetting(block_s, RECORD_S)
    novelty = max(log((state.peak + 1) / (state.record + 1)) + 2, 0.0)  # 0 below about a seventh of the record
    state.record = max(state.record, state.peak)
    roots, state.surprise = 0.0, 0.0
    for place, half_life in enumerate(LEVELS_S):
        surprise = _surprise(state, place, rate, expected, forgetting(block_s, half_life))
        roots += sqrt(surprise / LN_10 * novelty)
        state.surprise = max(state.surprise, surprise)
    state.score = roots / len(LEVELS_S) / THRESHOLD
    if state.told_s < DAY_S and state.peak <= GROWTH * state.told:
        state.score = min(state.score, HELD)
    if not state.season.known:
        state.score = 0.0


def _surprise(state: State, place: int, rate: float, expected: float, weight: float) -> float:
    """-ln P(as many posts or more) over the effective window of an average."""
    level = state.levels[place] = state.levels[place] + weight * (rate - state.levels[place])
    mean = state.means[place] = state.means[place] + weight * (expected - state.means[place])
    blocks = 2 / weight - 1
    return tail(level * blocks, mean * blocks, 2 * state.season.spread / blocks + DOUBT)


def tail(count: float, mean: float, spread: float) -> float:
    """-ln P(X >= count) of a negative binomial with variance mean + spread * mean**2; 0 up to the mean.

    The first term times the geometric series that bounds the rest. ``count`` need not be whole.
    """
    if count <= mean:
        return 0.0
    shape = 1 / spread
    odds = mean / (mean + shape)
    ways = lgamma(count + shape) - lgamma(count + 1) - lgamma(shape)
    first = ways + shape * log(shape / (mean + shape)) + count * log(odds)
    ratio = (count + shape) / (count + 1) * odds
    return max(-first + log(1 - ratio) if ratio < 1 else -first, 0.0)


DETECTOR = MentionBurst()
