"""Complaint volume: complaints come at more than twice the rate that is normal for this hour."""

from collections.abc import Sequence
from math import log

import msgspec

from pipeline.detectors._base import (
    BLOCK_S,
    CAMPAIGN,
    HELD,
    TOLERANCE,
    Observation,
    Tuning,
    Verdict,
    forgetting,
    is_warm,
)
from pipeline.detectors._evidence import Evidence, fresh
from pipeline.detectors._season import Season, season_among
from pipeline.detectors._share import Share, share_among

RISES = tuple((rise, log(rise)) for rise in (1.3, 1.6, 2.5, 5.0))  # above the tolerated rate
MOST_GAIN = RISES[-1][1]  # of a complaint
CLIP = 3.0  # with 5, an hour of crisis doubled what a key of four days expects of that hour
RECENT_S = 900  # half-life of the level that says whether it is over
HARM = 1.2  # complaints per post against the usual; with less, more is said, but no more of it is bad
SLACK = 0.8  # the bound is for streams always at the tolerated rate; ordinary ones alarm e**SLACK times less


class State(msgspec.Struct, array_like=True):
    """What is known of one key."""

    known: bool = False  # whether enough was seen to call anything unusual
    recent: float = 0.0  # complaints per second
    season: Season = msgspec.field(default_factory=Season)
    share: Share = msgspec.field(default_factory=Share)
    evidence: Evidence = msgspec.field(default_factory=lambda: fresh(len(RISES)))


class ComplaintVolume:
    """Tests "the rate is at most ``TOLERANCE`` times the expected one" against the rates in ``RISES``.

    A campaign, announced or not, brings more posts of which a smaller share complains: as long as the share is not
    above the usual one by ``HARM`` the alarm is held back. Before a block is full it is judged where it could alarm.
    """

    name = "complaint_volume"
    state = State
    harmful = True

    def start(self, peers: Sequence[State] = ()) -> State:
        """State of a key never seen before."""
        return State(
            season=season_among(peer.season for peer in peers), share=share_among(peer.share for peer in peers)
        )

    def step(self, state: State, seen: Observation, tuning: Tuning) -> Verdict:
        """Judge one bucket, then learn from it. A campaign's buckets are judged by a higher rate and not learned."""
        bucket_s, count, share = tuning.bucket_s, seen.complaints, state.share
        rate = state.season.rate(seen.hour)
        expected = rate * CAMPAIGN if seen.campaign else rate
        state.recent += forgetting(bucket_s, RECENT_S) * (count / bucket_s - state.recent)
        block_s, block_count, evidence = share.open_s + bucket_s, share.open_bad + count, state.evidence
        full, limit = block_s >= BLOCK_S, max(tuning.log_threshold - SLACK, 1.0)
        if full or (count and evidence.may_reach(limit, block_count * MOST_GAIN)):
            _weigh(state, seen, expected, bucket_s)
        if full:
            state.season.learn(block_count, seen.hour, block_s, CLIP, campaign=seen.campaign)
        share.learn(seen.posts, count, bucket_s, known=state.known)
        score = evidence.strength / limit
        if score >= 1 and evidence.amount < HARM * share.usual * evidence.posts:
            score = HELD
        return Verdict(
            score, evidence.strength, evidence.level * 60, expected * 60, "complaints per minute", evidence.since,
            state.recent <= TOLERANCE * expected,
        )  # fmt: skip

    def rearm(self, state: State) -> None:
        """Start the evidence anew."""
        state.evidence = fresh(len(RISES), spent=state.share.open_s > 0)


def _weigh(state: State, seen: Observation, expected: float, bucket_s: int) -> None:
    """Let the block so far, which ends with this bucket, be evidence."""
    share, season = state.share, state.season
    state.known = is_warm(season.blocks * BLOCK_S, share.posts)
    if not state.known:
        return
    part = share.open_bad + seen.complaints, share.open_s + bucket_s, share.open_posts + seen.posts
    gains = _gains(part[0], expected * part[1], season.spread)
    state.evidence.weigh(gains, seen.minute - share.open_s * 1000, part, full=part[1] >= BLOCK_S)


def _gains(count: int, mean: float, spread: float) -> list[float]:
    """Negative-binomial log likelihood ratios of the risen rates to the tolerated one.

    What is common to a block's posts is common to a part of it, too: the same ``spread`` holds for both.
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
