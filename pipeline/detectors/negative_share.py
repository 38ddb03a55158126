"""Negative share: more of the posts are negative than the usual share and its ordinary drift explain."""

from math import log

import msgspec

from pipeline.detectors._base import Observation, Tuning, Verdict, forgetting, is_warm
from pipeline.detectors._evidence import Run, grow, strength
from pipeline.detectors._share import Likeness, Share

RISES = (0.1, 0.25, 0.5)  # fraction of the other posts that turned negative
DRIFT, MARGIN = 1.1, 0.03  # a share so many times and points above the usual one is tolerated
ALWAYS = 0.9  # from this usual share on, such as that of a complaints mailbox, no share is news
CROWD_S = 1_800  # half-life of the posts that share a mood
RECENT_S = 900  # half-life of the share that says whether it is over
DOUBT = 2.0  # posts at the usual share mixed into the recent ones
SLACK = 2.5  # the bound is for streams always at the tolerated share; ordinary ones alarm e**SLACK times less


class State(msgspec.Struct, array_like=True):
    """What is known of one key."""

    share: Share = msgspec.field(default_factory=Share)
    likeness: Likeness = msgspec.field(default_factory=Likeness)
    crowd: float = 0.0  # decayed sums
    recent_posts: float = 0.0
    recent_negatives: float = 0.0
    ratios: list[float] = msgspec.field(default_factory=lambda: [0.0] * len(RISES))
    run: Run = msgspec.field(default_factory=Run)


class NegativeShare:
    """Tests "the share is at most a tenth and three points above the usual one" against the rises in ``RISES``.

    Posts of one mood repeat each other: the evidence of a bucket is divided by how much the posts of half an hour do,
    as the hours of this key have taught it.
    """

    name = "negative_share"
    state = State
    harmful = True

    def start(self) -> State:
        """State of a key never seen before."""
        return State()

    def step(self, state: State, seen: Observation, tuning: Tuning) -> Verdict:
        """Judge one bucket, then learn from it. More negatives than posts count as all posts."""
        bucket_s, posts, negatives = tuning.bucket_s, seen.posts, min(seen.negatives, seen.posts)
        share, run = state.share, state.run
        usual = share.usual
        tolerated = _tolerated(usual)
        _recall(state, posts, negatives, bucket_s)
        if posts and tolerated < 1 and is_warm(share.age_s, share.seen):
            repeats = 1 + state.likeness.alike * max(state.crowd - 1, 0.0)
            gains = _gains(posts, negatives, tolerated, repeats)
            found = grow(state.ratios, gains)
            run.follow(gains[0], seen.minute, negatives, posts)
        else:
            found = strength(state.ratios)
        share.learn(posts, negatives, bucket_s)
        state.likeness.learn(posts, negatives, usual, bucket_s)
        recent = (state.recent_negatives + DOUBT * usual) / (state.recent_posts + DOUBT)
        return Verdict(
            found / max(tuning.log_threshold - SLACK, 1.0), found, run.amount / run.exposure if run.exposure else 0.0,
            usual, "negative share", run.since, recent <= tolerated,
        )  # fmt: skip

    def rearm(self, state: State) -> None:
        """Start the evidence anew."""
        state.ratios, state.run = [0.0] * len(RISES), Run()


def _recall(state: State, posts: int, negatives: int, bucket_s: int) -> None:
    keep = 1 - forgetting(bucket_s, RECENT_S)
    state.crowd = state.crowd * (1 - forgetting(bucket_s, CROWD_S)) + posts
    state.recent_posts = state.recent_posts * keep + posts
    state.recent_negatives = state.recent_negatives * keep + negatives


def _tolerated(usual: float) -> float:
    """Largest share that is nobody's emergency; never more than half way from the usual one to 1."""
    return min(usual * DRIFT + MARGIN, (1 + usual) / 2) if usual < ALWAYS else 1.0


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
