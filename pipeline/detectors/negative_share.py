"""Negative share: more of the posts are negative than the usual share and its ordinary drift explain."""

from collections.abc import Sequence
from math import log, sqrt

import msgspec

from pipeline.detectors._base import BLOCK_S, Observation, Tuning, Verdict, forgetting, is_warm
from pipeline.detectors._evidence import Evidence, fresh
from pipeline.detectors._share import Likeness, Share, likeness_among, share_among

RISES = (0.1, 0.25, 0.5)  # fraction of the other posts that turned negative
DRIFT, MARGIN = 1.1, 0.03  # a share so many times and points above the usual one is tolerated
ALWAYS = 0.9  # from this usual share on, such as that of a complaints mailbox, no share is news
CROWD_S = 1_800  # half-life of the posts that share a mood
RECENT_S = 900  # half-life of the share that says whether it is over
SLACK = 2.5  # the bound is for streams always at the tolerated share; ordinary ones alarm e**SLACK times less


class State(msgspec.Struct, array_like=True):
    """What is known of one key. ``crowd`` is up to the end of the last block."""

    known: bool = False  # whether enough was seen to call anything unusual
    age_s: int = 0
    crowd: float = 0.0  # decayed sums
    recent_posts: float = 0.0
    recent_negatives: float = 0.0
    share: Share = msgspec.field(default_factory=Share)
    likeness: Likeness = msgspec.field(default_factory=Likeness)
    evidence: Evidence = msgspec.field(default_factory=lambda: fresh(len(RISES)))


class NegativeShare:
    """Tests "the share is at most a tenth and three points above the usual one" against the rises in ``RISES``.

    Posts of one mood repeat each other: the evidence of a block is divided by how much the posts of half an hour do,
    as the hours of this key have taught it. Before a block is full it is judged where it could alarm.
    """

    name = "negative_share"
    state = State
    harmful = True

    def start(self, peers: Sequence[State] = ()) -> State:
        """State of a key never seen before."""
        return State(
            share=share_among(peer.share for peer in peers), likeness=likeness_among(peer.likeness for peer in peers)
        )

    def step(self, state: State, seen: Observation, tuning: Tuning) -> Verdict:
        """Judge one bucket, then learn from it. More negatives than posts count as all posts."""
        bucket_s, posts, negatives = tuning.bucket_s, seen.posts, min(seen.negatives, seen.posts)
        share, evidence, limit = state.share, state.evidence, max(tuning.log_threshold - SLACK, 1.0)
        usual = share.bad / share.posts
        tolerated = _tolerated(usual)
        keep = 1 - forgetting(bucket_s, RECENT_S)
        state.recent_posts = state.recent_posts * keep + posts
        state.recent_negatives = state.recent_negatives * keep + negatives
        if share.open_s + bucket_s >= BLOCK_S:
            _weigh(state, seen, tolerated, share.open_s + bucket_s)
            _learn(state, share.open_posts + posts, share.open_bad + negatives, usual, share.open_s + bucket_s)
        elif negatives and evidence.may_reach(limit, -log(tolerated) * (share.open_bad + negatives)):
            _weigh(state, seen, tolerated, share.open_s + bucket_s)
        share.learn(posts, negatives, bucket_s, known=state.known)
        return Verdict(
            evidence.strength / limit, evidence.strength, evidence.level, usual,
            "negative share", evidence.since, _is_calm(state, tolerated),
        )  # fmt: skip

    def rearm(self, state: State) -> None:
        """Start the evidence anew."""
        state.evidence = fresh(len(RISES), spent=state.share.open_s > 0)


def _tolerated(usual: float) -> float:
    """Largest share that is nobody's emergency; never more than half way from the usual one to 1."""
    return min(usual * DRIFT + MARGIN, (1 + usual) / 2) if usual < ALWAYS else 1.0


def _is_calm(state: State, tolerated: float) -> bool:
    """Whether chance explains the recent negatives: up to two standard deviations of the decayed sum."""
    excess = state.recent_negatives - tolerated * state.recent_posts
    return excess <= sqrt(2 * state.recent_posts * tolerated * (1 - tolerated))


def _weigh(state: State, seen: Observation, tolerated: float, block_s: int) -> None:
    """Let the block so far, which ends with this bucket, be evidence."""
    share = state.share
    state.known = is_warm(state.age_s, share.posts)
    posts, negatives = share.open_posts + seen.posts, share.open_bad + min(seen.negatives, seen.posts)
    if not posts:
        state.evidence.spent = False  # silence is no start that could be counted
    if not posts or not state.known or tolerated >= 1:
        return
    crowd = state.crowd * (1 - forgetting(block_s, CROWD_S)) + posts
    gains = _gains(posts, negatives, tolerated, 1 + state.likeness.alike * max(crowd - 1, 0.0))
    begun = seen.minute - share.open_s * 1000
    state.evidence.weigh(gains, begun, (negatives, posts, posts), full=block_s >= BLOCK_S)


def _learn(state: State, posts: int, negatives: int, usual: float, block_s: int) -> None:
    """Take a whole block in."""
    state.age_s += block_s
    state.crowd = state.crowd * (1 - forgetting(block_s, CROWD_S)) + posts
    state.likeness.learn(posts, negatives, usual, block_s)


def _gains(posts: int, negatives: int, tolerated: float, repeats: float) -> list[float]:
    """Binomial log likelihood ratios of the risen shares to the tolerated one, for posts that repeat each other."""
    others = posts - negatives
    gains = []
    for rise in RISES:
        risen = tolerated + (1 - tolerated) * rise
        gain = negatives * log(risen / tolerated) + others * log((1 - risen) / (1 - tolerated))
        gains.append(gain / repeats)
    return gains


DETECTOR = NegativeShare()
