"""Negative share: more of the posts are negative than the usual share and its ordinary drift explain."""

from math import log

import msgspec

from pipeline.detectors._base import WEEK_S, Observation, Tuning, Verdict, forgetting, is_warm
from pipeline.detectors._evidence import Alternative, fresh, sum_up, weigh
from pipeline.detectors._season import BLOCK_S

RISES = (0.1, 0.25, 0.5)  # fraction of the other posts that turned negative
DRIFT, MARGIN = 1.25, 0.02  # a share so many times and points above the usual one is tolerated
ALWAYS = 0.9  # from this usual share on, such as that of a complaints mailbox, no share is news
PRIOR_POSTS = 8.0
PRIOR_SHARE = 0.15
LIKENESS = 0.02  # correlation of two posts of one block: the second is hardly news
RECENT_S = 900  # half-life of the share that says whether it is over
DOUBT = 2.0  # posts at the usual share mixed into the recent ones


class State(msgspec.Struct, array_like=True):
    """What is known of one key."""

    age_s: int = 0
    seen: int = 0  # posts since the key began
    posts: float = PRIOR_POSTS  # decayed sums, half-life a week
    negatives: float = PRIOR_POSTS * PRIOR_SHARE
    open_s: int = 0  # of the block being filled
    open_posts: int = 0
    open_negatives: int = 0
    recent_posts: float = 0.0  # decayed sums
    recent_negatives: float = 0.0
    rises: list[Alternative] = msgspec.field(default_factory=lambda: fresh(len(RISES)))


class NegativeShare:
    """Tests "the share is at most a quarter and two points above the usual one" against the rises in ``RISES``."""

    name = "negative_share"
    state = State
    harmful = True

    def start(self) -> State:
        """State of a key never seen before."""
        return State()

    def step(self, state: State, seen: Observation, tuning: Tuning) -> Verdict:
        """Judge one bucket, then learn from it. More negatives than posts count as all posts."""
        bucket_s, posts, negatives = tuning.bucket_s, seen.posts, min(seen.negatives, seen.posts)
        usual = state.negatives / state.posts
        tolerated = _tolerated(usual)
        keep = 1 - forgetting(bucket_s, RECENT_S)
        state.recent_posts = state.recent_posts * keep + posts
        state.recent_negatives = state.recent_negatives * keep + negatives
        if posts and tolerated < 1 and is_warm(state.age_s, state.seen):
            # As if all of the block's buckets were like this one.
            repeats = 1 + LIKENESS * (posts - 1) * BLOCK_S / bucket_s
            weigh(state.rises, _gains(posts, negatives, tolerated, repeats), seen.minute, negatives, posts)
        weight = sum_up(state.rises)
        state.age_s += bucket_s
        state.seen += posts
        _learn(state, posts, negatives, bucket_s)
        recent = (state.recent_negatives + DOUBT * usual) / (state.recent_posts + DOUBT)
        return Verdict(
            weight.strength / tuning.log_threshold, weight.strength, weight.level, usual,
            "negative share", weight.since, recent <= tolerated,
        )  # fmt: skip

    def rearm(self, state: State) -> None:
        """Start the evidence anew."""
        state.rises = fresh(len(RISES))


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


def _learn(state: State, posts: int, negatives: int, bucket_s: int) -> None:
    """Fold full blocks in, winsorised: a crisis must not become the usual share."""
    state.open_s += bucket_s
    state.open_posts += posts
    state.open_negatives += negatives
    if state.open_s < BLOCK_S:
        return
    usual = state.negatives / state.posts
    keep = 1 - forgetting(state.open_s, WEEK_S)
    learned = min(state.open_negatives, state.open_posts * min(2 * usual, 1) + 0.5)
    state.negatives = state.negatives * keep + learned
    state.posts = state.posts * keep + state.open_posts
    if state.posts < PRIOR_POSTS:
        state.negatives += usual * (PRIOR_POSTS - state.posts)
        state.posts = PRIOR_POSTS
    state.open_s, state.open_posts, state.open_negatives = 0, 0, 0


DETECTOR = NegativeShare()
