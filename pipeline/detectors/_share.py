"""Baseline of a share: what part of the posts is bad on ordinary days, and how much posts of an hour are alike."""

from collections.abc import Iterable

import msgspec

from pipeline.detectors._base import BLOCK_S, WARM_BUSY_POSTS, WEEK_S, forgetting, pooled

PRIOR_POSTS = 8.0
PRIOR_SHARE = 0.15
DIGITS = 4  # of a decayed sum that is kept
HOUR_S = 3_600
ALIKE_S = 2 * WEEK_S  # half-life of the likeness
PRIOR_PAIRS = 300.0  # of posts within an hour, whose likeness is taken for ``PRIOR_ALIKE``
PRIOR_ALIKE = 0.01
LEAST_ALIKE, MOST_ALIKE = 0.002, 0.3
OUTLIER = 9.0  # squared deviations count up to so many variances


class Share(msgspec.Struct, array_like=True):
    """A share learned in blocks of ``BLOCK_S``, half-life a week of time; a crisis must not become the usual share."""

    posts: float = PRIOR_POSTS  # decayed sums
    bad: float = PRIOR_POSTS * PRIOR_SHARE
    open_s: int = 0  # of the block being filled
    open_posts: int = 0
    open_bad: int = 0

    @property
    def usual(self) -> float:
        """Between 0 and 1."""
        return self.bad / self.posts

    def learn(self, posts: int, bad: int, bucket_s: int, *, known: bool) -> None:
        """Add one bucket; ``bad`` is at most ``posts``. Once the share is ``known`` twice of it is the most learned."""
        self.open_s += bucket_s
        self.open_posts += posts
        self.open_bad += bad
        if self.open_s >= BLOCK_S:
            self._learn_block(known)

    def _learn_block(self, known: bool) -> None:
        usual, posts = self.bad / self.posts, self.open_posts
        keep = 1 - forgetting(self.open_s, WEEK_S)
        learned = min(self.open_bad, posts * min(2 * usual, 1) + 0.5) if known else self.open_bad
        bad, weight = self.bad * keep + learned, self.posts * keep + posts
        if weight < PRIOR_POSTS:
            bad, weight = bad + usual * (PRIOR_POSTS - weight), PRIOR_POSTS
        self.bad, self.posts = round(bad, DIGITS), round(weight, DIGITS)
        self.open_s, self.open_posts, self.open_bad = 0, 0, 0


class Likeness(msgspec.Struct, array_like=True):
    """How much more the share of an hour wanders than chance explains: the correlation of two of its posts.

    Replies feel as what they answer. The beta-binomial variance of ``bad`` among n posts is
    n p (1 - p) (1 + (n - 1) ``alike``); squared deviations of whole hours estimate it by moments.
    """

    pairs: float = PRIOR_PAIRS
    excess: float = PRIOR_PAIRS * PRIOR_ALIKE
    open_s: int = 0  # of the hour being filled
    open_posts: int = 0
    open_bad: int = 0

    @property
    def alike(self) -> float:
        """Between ``LEAST_ALIKE`` and ``MOST_ALIKE``."""
        return min(max(self.excess / self.pairs, LEAST_ALIKE), MOST_ALIKE)

    def learn(self, posts: int, bad: int, usual: float, elapsed_s: int) -> None:
        """Add so many seconds of a key whose share is usually ``usual``."""
        self.open_s += elapsed_s
        self.open_posts += posts
        self.open_bad += bad
        if self.open_s >= HOUR_S:
            self._learn_hour(usual)

    def _learn_hour(self, usual: float) -> None:
        keep = 1 - forgetting(self.open_s, ALIKE_S)
        pairs, excess, posts = self.pairs * keep, self.excess * keep, self.open_posts
        if pairs < PRIOR_PAIRS:
            pairs, excess = PRIOR_PAIRS, excess + PRIOR_ALIKE * (PRIOR_PAIRS - pairs)
        if posts > 1 and 0 < usual < 1:
            repeats = 1 + self.alike * (posts - 1)
            deviation = (self.open_bad - usual * posts) ** 2 / (usual * (1 - usual))
            weight = 1 / repeats**2  # of an estimate whose variance grows with the square
            excess += weight * (min(deviation, OUTLIER * posts * repeats) - posts)
            pairs += weight * posts * (posts - 1)
        self.pairs, self.excess = round(pairs, DIGITS), round(excess, DIGITS)
        self.open_s, self.open_posts, self.open_bad = 0, 0, 0


def share_among(peers: Iterable[Share]) -> Share:
    """Nothing counted yet, but the share that is usual among peers with posts enough to know theirs."""
    usual = pooled([peer.usual for peer in peers if peer.posts >= WARM_BUSY_POSTS], PRIOR_SHARE)
    return Share(bad=round(PRIOR_POSTS * usual, DIGITS))


def likeness_among(peers: Iterable[Likeness]) -> Likeness:
    """Nothing counted yet, but posts as much alike as those of peers that have seen more than they assumed."""
    alike = pooled([peer.alike for peer in peers if peer.pairs > 2 * PRIOR_PAIRS], PRIOR_ALIKE)
    return Likeness(excess=round(PRIOR_PAIRS * alike, DIGITS))
