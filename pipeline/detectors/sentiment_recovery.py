"""Sentiment recovery: fewer of the posts are negative than had become usual, by more than its drift explains."""

from collections.abc import Sequence
from math import log

import msgspec

from pipeline.detectors._base import Observation, Tuning, Verdict, is_warm
from pipeline.detectors._evidence import Evidence, fresh
from pipeline.detectors._share import HOUR_S, Likeness, Share, likeness_among, share_among

FALLS = (0.7, 0.4)  # of the tolerated share
TOLERATED = 0.75  # of the usual share: ordinary drift and campaigns bring so much
LEAST = 0.1  # a usual share below this cannot fall far enough to be told


class State(msgspec.Struct, array_like=True):
    """What is known of one key."""

    age_s: int = 0
    share: Share = msgspec.field(default_factory=Share)
    likeness: Likeness = msgspec.field(default_factory=Likeness)
    evidence: Evidence = msgspec.field(default_factory=lambda: fresh(len(FALLS)))


class SentimentRecovery:
    """Tests "the negative share is at least three quarters of the usual one" against ``FALLS``, an hour at a time.

    ``negative_share`` watches the way down, so that both shifts of sentiment are seen. The way back needs no haste.
    """

    name = "sentiment_recovery"
    state = State
    harmful = False

    def start(self, peers: Sequence[State] = ()) -> State:
        """State of a key never seen before."""
        return State(
            share=share_among(peer.share for peer in peers), likeness=likeness_among(peer.likeness for peer in peers)
        )

    def step(self, state: State, seen: Observation, tuning: Tuning) -> Verdict:
        """Judge an hour that ends with this bucket, then learn. More negatives than posts count as all posts."""
        bucket_s, negatives = tuning.bucket_s, min(seen.negatives, seen.posts)
        usual, hour, evidence = state.share.usual, state.likeness, state.evidence
        if hour.open_s + bucket_s >= HOUR_S:
            _judge(state, hour.open_posts + seen.posts, hour.open_bad + negatives, seen.minute - hour.open_s * 1000)
        hour.learn(seen.posts, negatives, usual, bucket_s)
        found = evidence.strength
        return Verdict(
            found / tuning.log_threshold, found, evidence.level, usual, "negative share", evidence.since,
            found < tuning.log_threshold / 2,
        )  # fmt: skip

    def rearm(self, state: State) -> None:
        """Start the evidence anew."""
        state.evidence = fresh(len(FALLS))


def _judge(state: State, posts: int, negatives: int, begun: int) -> None:
    usual, known = state.share.usual, is_warm(state.age_s, state.share.posts)
    if known and posts and usual >= LEAST:
        gains = _gains(posts, negatives, TOLERATED * usual, 1 + state.likeness.alike * (posts - 1))
        state.evidence.weigh(gains, begun, (negatives, posts, posts), full=True)
    state.share.learn(posts, negatives, HOUR_S, known=known)
    state.age_s += HOUR_S


def _gains(posts: int, negatives: int, tolerated: float, repeats: float) -> list[float]:
    """Binomial log likelihood ratios of the fallen shares to the tolerated one, for posts that repeat each other."""
    gains = []
    for fall in FALLS:
        fallen = tolerated * fall
        gain = negatives * log(fall) + (posts - negatives) * log((1 - fallen) / (1 - tolerated))
        gains.append(gain / repeats)
    return gains


DETECTOR = SentimentRecovery()
