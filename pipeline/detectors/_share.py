"""Baseline of a share: what part of the posts is bad on ordinary days, and how much posts of an hour are alike."""

import msgspec

from pipeline.detectors._base import WEEK_S, forgetting, is_warm
from pipeline.detectors._season import BLOCK_S

PRIOR_POSTS = 8.0
PRIOR_SHARE = 0.15
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
    age_s: int = 0
    seen: int = 0  # posts since the key began
    open_s: int = 0  # of the block being filled
    open_posts: int = 0
    open_bad: int = 0

    @property
    def usual(self) -> float:
        """Between 0 and 1."""
        return self.bad / self.posts

    def learn(self, posts: int, bad: int, bucket_s: int) -> None:
        """Add one bucket; ``bad`` is at most ``posts``."""
        self.open_s += bucket_s
        self.open_posts += posts
        self.open_bad += bad
        if self.open_s >= BLOCK_S:
            self._learn_block()

    def _learn_block(self) -> None:
        """Winsorised once the share is known: twice the usual one at most."""
        usual, posts = self.bad / self.posts, self.open_posts
        known = is_warm(self.age_s, self.seen)
        keep = 1 - forgetting(self.open_s, WEEK_S)
        self.bad = self.bad * keep + (min(self.open_bad, posts * min(2 * usual, 1) + 0.5) if known else self.open_bad)
        self.posts = self.posts * keep + posts
        if self.posts < PRIOR_POSTS:
            self.bad += usual * (PRIOR_POSTS - self.posts)
            self.posts = PRIOR_POSTS
        self.age_s += self.open_s
        self.seen += posts
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

    def learn(self, posts: int, bad: int, usual: float, bucket_s: int) -> None:
        """Add one bucket of a key whose share is usually ``usual``."""
        self.open_s += bucket_s
        self.open_posts += posts
        self.open_bad += bad
        if self.open_s >= HOUR_S:
            self._learn_hour(usual)

    def _learn_hour(self, usual: float) -> None:
        keep = 1 - forgetting(self.open_s, ALIKE_S)
        self.pairs, self.excess = self.pairs * keep, self.excess * keep
        if self.pairs < PRIOR_PAIRS:
            self.excess += PRIOR_ALIKE * (PRIOR_PAIRS - self.pairs)
            self.pairs = PRIOR_PAIRS
        posts = self.open_posts
        if posts > 1 and 0 < usual < 1:
            repeats = 1 + self.alike * (posts - 1)
            deviation = (self.open_bad - usual * posts) ** 2 / (usual * (1 - usual))
            weight = 1 / repeats**2  # of an estimate whose variance grows with the square
            self.excess += weight * (min(deviation, OUTLIER * posts * repeats) - posts)
            self.pairs += weight * posts * (posts - 1)
        self.open_s, self.open_posts, self.open_bad = 0, 0, 0
