"""Complaint volume: complaints come at more than twice the rate that is normal for this hour."""

from math import log

import msgspec

from pipeline.detectors._base import CAMPAIGN, HELD, TOLERANCE, Observation, Tuning, Verdict, forgetting, is_warm
from pipeline.detectors._evidence import Run, grow
from pipeline.detectors._season import BLOCK_S, Season
from pipeline.detectors._share import Share

RISES = (1.3, 1.6, 2.5, 5.0)  # above the tolerated rate
LOG_RISES = tuple((rise, log(rise)) for rise in RISES)
CLIP = 3.0  # with 5, an hour of crisis doubled what a key of four days expects of that hour
RECENT_S = 900  # half-life of the level that says whether it is over
HARM = 1.2  # complaints per post against the usual; with less, more is said, but no more of it is bad
SLACK = 1.0  # the bound is for streams always at the tolerated rate; ordinary ones alarm e**SLACK times less


class State(msgspec.Struct, array_like=True):
    """What is known of one key."""

    age_s: int = 0
    posts: int = 0
    recent: float = 0.0  # complaints per second
    season: Season = msgspec.field(default_factory=Season)
    share: Share = msgspec.field(default_factory=Share)
    ratios: list[float] = msgspec.field(default_factory=lambda: [0.0] * len(RISES))
    run: Run = msgspec.field(default_factory=Run)


class ComplaintVolume:
    """Tests "the rate is at most ``TOLERANCE`` times the expected one" against the rates in ``RISES``.

    A campaign, announced or not, brings more posts of which a smaller share complains: as long as the share is not
    above the usual one by ``HARM`` the alarm is held back.
    """

    name = "complaint_volume"
    state = State
    harmful = True

    def start(self) -> State:
        """State of a key never seen before."""
        return State()

    def step(self, state: State, seen: Observation, tuning: Tuning) -> Verdict:
        """Judge one bucket, then learn from it. A campaign's buckets are judged by a higher rate and not learned."""
        bucket_s, count = tuning.bucket_s, seen.complaints
        expected = state.season.rate(seen.hour) * (CAMPAIGN if seen.campaign else 1.0)
        state.recent += forgetting(bucket_s, RECENT_S) * (count / bucket_s - state.recent)
        found, run = 0.0, state.run
        if is_warm(state.age_s, state.posts):
            gains = _gains(count, expected * bucket_s, state.season.spread * BLOCK_S / bucket_s)
            found = grow(state.ratios, gains)
            run.follow(gains[0], seen.minute, count, bucket_s, seen.posts)
        score = found / max(tuning.log_threshold - SLACK, 1.0)
        if run.amount < HARM * state.share.usual * run.posts:
            score = min(score, HELD)
        state.age_s += bucket_s
        state.posts += seen.posts
        if not seen.campaign:
            state.season.learn(count, seen.hour, bucket_s, CLIP)
            state.share.learn(seen.posts, count, bucket_s)
        return Verdict(
            score, found, run.amount / run.exposure * 60 if run.exposure else 0.0, expected * 60,
            "complaints per minute", run.since, state.recent <= TOLERANCE * expected,
        )  # fmt: skip

    def rearm(self, state: State) -> None:
        """Start the evidence anew."""
        state.ratios, state.run = [0.0] * len(RISES), Run()


def _gains(count: int, mean: float, spread: float) -> list[float]:
    """Negative-binomial log likelihood ratios of the risen rates to the tolerated one.

    ``spread`` is that of a block divided among its buckets: gains then add up to exactly the gain of the block.
    """
    shape = 1 / spread
    tolerated = TOLERANCE * mean
    reach = shape + tolerated
    gains = []
    for rise, log_rise in LOG_RISES:
        change = log(reach / (shape + rise * tolerated))
        gains.append(count * (log_rise + change) + shape * change)
    return gains


DETECTOR = ComplaintVolume()
