"""Slow burn: the negative share creeps up over days, by less than any single day would tell."""

from collections.abc import Sequence
from math import exp, log, sqrt

import msgspec

from pipeline.detectors._base import BLOCK_S, Observation, Tuning, Verdict, pooled

PERIOD_S, PERIOD_POSTS = 21_600, 30  # a period is at least so long and holds at least so many posts
ALLOWANCE = 1.0  # spreads; half of the shift that is sought
DEPENDENCE = 1.8  # moods last half a day, so that one period is much like the last: the limit is so much higher
MEMORY = 28.0  # periods that are usual
KNOWN = 8  # periods before anything is judged
PRIOR_SPREAD = 0.3
LEAST_SPREAD = 0.15
OUTLIER = 2.5  # spreads up to which a deviation is judged and learned
OVERSHOOT = 1.166


class State(msgspec.Struct, array_like=True):
    """What is known of one key. Levels are log odds of the negative share."""

    periods: int = 0
    mean: float = 0.0
    square: float = PRIOR_SPREAD**2  # of the deviations
    excess: float = 0.0
    since: int = 0
    posts: int = 0  # since then
    negatives: int = 0
    opened: int = 0  # of the period being filled
    open_s: int = 0
    open_posts: int = 0
    open_negatives: int = 0
    high: bool = False  # whether the last period was evidence


class SlowBurn:
    """Page's CUSUM over periods of six hours or more, against the mean and spread that weeks of periods have taught.

    The threshold follows from the average run length (Siegmund's approximation, Sequential Analysis, 1985, section 2.6)
    that the budget of false pages asks for. It is calm once a whole period was no evidence: an alarm takes the evidence
    away, not the level.
    """

    name = "slow_burn"
    state = State
    harmful = True

    def start(self, peers: Sequence[State] = ()) -> State:
        """State of a key never seen before."""
        return State(square=pooled([peer.square for peer in peers if peer.periods >= KNOWN], PRIOR_SPREAD**2))

    def step(self, state: State, seen: Observation, tuning: Tuning) -> Verdict:
        """Judge a period that ends with this bucket, then learn from it."""
        bucket_s = tuning.bucket_s
        if not state.open_s:
            state.opened = seen.minute
        state.open_s += bucket_s
        state.open_posts += seen.posts
        state.open_negatives += min(seen.negatives, seen.posts)
        if state.open_s >= PERIOD_S and state.open_posts >= PERIOD_POSTS:
            _judge(state)
        score = 0.0
        if state.excess > 0:
            score = state.excess / _limit(tuning.log_threshold + log(max(bucket_s, BLOCK_S) / PERIOD_S))
        share, usual = state.negatives / max(state.posts, 1), 1 / (1 + exp(-state.mean))
        return Verdict(
            score,
            2 * ALLOWANCE * state.excess,
            share,
            usual,
            "negative share over days",
            state.since,
            state.excess <= ALLOWANCE and not state.high,
        )

    def rearm(self, state: State) -> None:
        """Start the evidence anew."""
        state.excess = 0.0


def _limit(log_periods: float) -> float:
    """Threshold of a CUSUM with that log of the average run length: exp(2kh) - 2kh - 1 = 2k^2 run length."""
    double = 2 * ALLOWANCE
    length = double * ALLOWANCE * exp(max(log_periods, 3.0))
    return DEPENDENCE * (log(length + log(length) + 1) / double - OVERSHOOT)


def _judge(state: State) -> None:
    posts, negatives = state.open_posts, state.open_negatives
    level = log((negatives + 0.5) / (posts - negatives + 0.5))
    chance = 1 / (negatives + 0.5) + 1 / (posts - negatives + 0.5)  # variance of ``level`` from so few posts
    if not state.periods:
        state.mean = level
    spread = sqrt(max(state.square, LEAST_SPREAD**2) + chance)
    deviation = max(min((level - state.mean) / spread, OUTLIER), -OUTLIER)
    state.high = deviation > ALLOWANCE
    if state.periods >= KNOWN:
        if state.excess <= 0:
            state.excess, state.since, state.posts, state.negatives = 0.0, state.opened, 0, 0
        state.excess = max(state.excess + deviation - ALLOWANCE, 0.0)
        state.posts += posts
        state.negatives += negatives
    weight = max(1 / MEMORY, 1 / (state.periods + 1)) if state.excess <= 0 else 0.25 / MEMORY
    moved = deviation * spread
    state.mean += weight * moved
    state.square += max(1 / MEMORY, 1 / (state.periods + 4)) * (max(moved * moved - chance, 0.0) - state.square)
    state.periods += 1
    state.open_s, state.open_posts, state.open_negatives = 0, 0, 0


DETECTOR = SlowBurn()
