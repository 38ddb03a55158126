"""Complaint volume: complaints come at more than twice the rate that is normal for this hour."""

from math import log

import msgspec

from pipeline.detectors._base import TOLERANCE, Observation, Tuning, Verdict, forgetting, is_warm
from pipeline.detectors._evidence import Alternative, fresh, sum_up, weigh
from pipeline.detectors._season import BLOCK_S, Season

RISES = tuple((rise, log(rise)) for rise in (1.3, 1.6, 2.5, 5.0))  # above the tolerated rate
CLIP = 3.0  # with 5, an hour of crisis doubled what a key of four days expects of that hour
RECENT_S = 900  # half-life of the level that says whether it is over


class State(msgspec.Struct, array_like=True):
    """What is known of one key."""

    age_s: int = 0
    posts: int = 0
    recent: float = 0.0  # complaints per second
    season: Season = msgspec.field(default_factory=Season)
    rises: list[Alternative] = msgspec.field(default_factory=lambda: fresh(len(RISES)))


class ComplaintVolume:
    """Tests "the rate is at most ``TOLERANCE`` times the expected one" against the rates in ``RISES``."""

    name = "complaint_volume"
    state = State
    harmful = True

    def start(self) -> State:
        """State of a key never seen before."""
        return State()

    def step(self, state: State, seen: Observation, tuning: Tuning) -> Verdict:
        """Judge one bucket, then learn from it."""
        bucket_s, count = tuning.bucket_s, seen.complaints
        expected = state.season.rate(seen.hour)
        state.recent += forgetting(bucket_s, RECENT_S) * (count / bucket_s - state.recent)
        if is_warm(state.age_s, state.posts):
            gains = _gains(count, expected * bucket_s, state.season.spread * BLOCK_S / bucket_s)
            weigh(state.rises, gains, seen.minute, count, bucket_s)
        weight = sum_up(state.rises)
        state.age_s += bucket_s
        state.posts += seen.posts
        state.season.learn(count, seen.hour, bucket_s, CLIP)
        calm = state.recent <= TOLERANCE * expected
        return Verdict(
            weight.strength / tuning.log_threshold, weight.strength, weight.level * 60, expected * 60,
            "complaints per minute", weight.since, calm,
        )  # fmt: skip

    def rearm(self, state: State) -> None:
        """Start the evidence anew."""
        state.rises = fresh(len(RISES))


def _gains(count: int, mean: float, spread: float) -> list[float]:
    """Negative-binomial log likelihood ratios of the risen rates to the tolerated one.

    ``spread`` is that of a block divided among its buckets: gains then add up to exactly the gain of the block.
    """
    shape = 1 / spread
    tolerated = TOLERANCE * mean
    reach = shape + tolerated
    gains = []
    for rise, log_rise in RISES:
        change = log(reach / (shape + rise * tolerated))
        gains.append(count * (log_rise + change) + shape * change)
    return gains


DETECTOR = ComplaintVolume()
