"""Influential complaint: somebody complains who has far more followers than those who usually do."""

from collections.abc import Sequence
from math import erfc, exp, log, sqrt

import msgspec

from pipeline.detectors._base import BLOCK_S, WEEK_S, Observation, Tuning, Verdict, is_warm, pooled

MEMORY = 500.0  # complaints that are usual
PRIOR, MEAN, SPREAD = 10.0, 6.0, 2.0  # loudest complainers so far, as if: 400 followers, give or take a factor of seven
LEAST_SPREAD = 1.0
KNOWN = 50  # complaints that say what is usual
OUTLIER = 3.0  # spreads up to which a deviation is learned
CALM_S = 1_800
RAREST = 1e-300


class State(msgspec.Struct, array_like=True):
    """What is known of one key. ``mean`` and ``square`` are of the logs of followers."""

    age_s: int = 0
    posts: int = 0
    count: int = 0  # buckets with a complaint
    mean: float = MEAN
    square: float = SPREAD**2  # of the deviations
    since: int = 0
    told_s: int = CALM_S  # time since the last alarm, at most ``CALM_S``


class InfluentialComplaint:
    """How many complaints of such a reach are to be expected in a block: their rate times a log-normal tail.

    ``strength`` is minus its log, so that the threshold is the budget itself. One voice is attention, not yet harm.
    """

    name = "influential_complaint"
    state = State
    harmful = False

    def start(self, peers: Sequence[State] = ()) -> State:
        """State of a key never seen before."""
        known = [peer for peer in peers if peer.count >= KNOWN]
        return State(
            mean=pooled([peer.mean for peer in known], MEAN), square=pooled([peer.square for peer in known], SPREAD**2)
        )

    def step(self, state: State, seen: Observation, tuning: Tuning) -> Verdict:
        """Judge one bucket, then learn from it."""
        mean, strength = state.mean, 0.0
        if seen.reach > 0:
            spread = max(sqrt(state.square), LEAST_SPREAD)
            deviation = (log(seen.reach) - mean) / spread
            rate = (state.count + 1) * BLOCK_S / max(state.age_s, WEEK_S)
            if deviation > 0:
                strength = max(-log(max(min(rate, 1.0) * erfc(deviation / sqrt(2)) / 2, RAREST)), 0.0)
            _learn(state, spread * max(min(deviation, OUTLIER), -OUTLIER))
        score = strength / tuning.log_threshold if is_warm(state.age_s, state.posts) else 0.0
        if score >= 1:
            state.since = seen.minute
        state.age_s += tuning.bucket_s
        state.posts += seen.posts
        state.told_s = min(state.told_s + tuning.bucket_s, CALM_S)
        return Verdict(
            score, strength, float(seen.reach), exp(mean), "followers of a complainer", state.since,
            score < 1 and state.told_s >= CALM_S,
        )  # fmt: skip

    def rearm(self, state: State) -> None:
        """The next one counts anew."""
        state.told_s = 0


def _learn(state: State, deviation: float) -> None:
    state.count += 1
    weight = 1 / min(state.count + PRIOR, MEMORY)
    state.mean += weight * deviation
    state.square += weight * (deviation * deviation - state.square)


DETECTOR = InfluentialComplaint()
