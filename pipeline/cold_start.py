"""How influential accounts of so many followers are on average: what is expected of one that nobody endorsed yet."""

import msgspec

KNOWN = 50  # posts by accounts of a size from which on their mean is believed
HALVED = 5_000  # posts of one size after which its sums are halved, so that what is usual may change
SIZES = 41  # powers of two up to ``pipeline.hearing.MAX_REACH``


class ColdStart(msgspec.Struct):
    """Posts of one partition, and the sums of their authors' scores, by the length in bits of the followers.

    The mean counts those whom nobody endorses as 0, so followers that were bought buy no more than others of that size
    have. Of a size that is not known yet the next smaller known one is believed: a guess from below.
    """

    posts: list[float] = msgspec.field(default_factory=lambda: [0.0] * SIZES)
    scores: list[float] = msgspec.field(default_factory=lambda: [0.0] * SIZES)

    def learn(self, followers: int, score: float) -> None:
        """Take in a post by an author whose score is known, or is 0."""
        size = _size(followers)
        self.posts[size] += 1
        self.scores[size] = round(self.scores[size] + score, 3)
        if self.posts[size] >= HALVED:
            self.posts[size], self.scores[size] = self.posts[size] / 2, round(self.scores[size] / 2, 3)

    def expected(self, followers: int) -> float:
        """Mean score of accounts of such a size; 0 where followers or their like are unknown."""
        sizes = range(_size(followers), 0, -1)
        size = next((size for size in sizes if self.posts[size] >= KNOWN), 0)
        return round(self.scores[size] / self.posts[size], 3) if size else 0.0


def _size(followers: int) -> int:
    return min(followers.bit_length(), SIZES - 1)
