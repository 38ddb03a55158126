"""What the last posts of authors are about, as listen said: so that an endorsement counts for brands and topics."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.influence.accounts import FULL, Accounts, find_all, find_or_add, mark
from pipeline.influence.identity import account_ids
from schemas.endorsement import Subjects as Said

MOST = 200_000  # posts, of 32 bytes
BRANDS = 4  # of one post that count
BLOCK = "subjects"

_SUBJECT = np.dtype([("id", "u8"), ("at", "u4"), ("topic", "u4"), ("brands", "u4", BRANDS)])
_MIX = np.uint64(0xD6E8FEB86659FD93)

Name = tuple[str, str]  # brand, topic; "" for all


class Subjects:
    """Posts by author and tag. When there are too many, the quarter that was written first is forgotten."""

    def __init__(self, most: int = MOST) -> None:
        self._posts = Accounts(_SUBJECT, most, lambda rows: rows["at"])
        self.words: list[str] = []  # brands and topics, which rows have by number, from 1 on
        self._numbers = {"": 0}

    @property
    def count(self) -> int:
        """How many posts are known; what ``restore`` wants."""
        return int(self._posts.count[0])

    def learn(self, said: Said) -> None:
        """Take in what posts are about. What is said again changes nothing."""
        posts = self._posts
        columns = (_ids(said.authors, said.posts), said.at, said.brands, said.topics)
        for post, at, brands, topic in zip(*columns, strict=True):
            row = find_or_add(posts.rows, posts.places, posts.count, post)
            if row == FULL:
                posts.make_room()
                row = find_or_add(posts.rows, posts.places, posts.count, post)
            named = [self._number(brand) for brand in brands[:BRANDS]]
            one = posts.rows[row]
            one["at"], one["topic"], one["brands"] = at, self._number(topic), named + [0] * (BRANDS - len(named))
            mark(posts.dirty, row)

    def names(self, authors: Sequence[str], posts: Sequence[int]) -> list[list[Name]]:
        """Of each author's post what an endorsement of it counts for: brands, and topics of brands."""
        if not self.count:
            return [[] for _ in authors]
        rows = find_all(self._posts.rows, self._posts.places, _ids(authors, posts))
        return [self._named(row) if row >= 0 else [] for row in rows.tolist()]

    def _named(self, row: int) -> list[Name]:
        one = self._posts.rows[row]
        brands = [self.words[number - 1] for number in one["brands"].tolist() if number]
        topic = self.words[int(one["topic"]) - 1] if one["topic"] else ""
        return [(brand, of) for brand in brands for of in dict.fromkeys(("", topic))]

    def _number(self, word: str) -> int:
        if word not in self._numbers:
            self.words.append(word)
            self._numbers[word] = len(self.words)
        return self._numbers[word]

    def snapshot(self) -> Mapping[str, Callable[[], bytes]]:
        """Encoders of what has changed."""
        return dict(self._posts.blocks(BLOCK))

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold every block."""
        self._posts.dirty[:] = 1

    def restore(self, blocks: Mapping[str, bytes], count: int, words: list[str]) -> None:
        """Become what was in the blocks of so many posts."""
        self._posts.restore(BLOCK, blocks, count)
        self.words, self._numbers = words, {word: number for number, word in enumerate(["", *words])}


def compile_subjects() -> None:
    """Compile what looks posts up: that takes a second, and the first block would hold the loop so long."""
    subjects = Subjects()
    subjects.learn(Said(at=(1,), authors=("a",), posts=(1,), brands=(("b",),), topics=("",)))
    subjects.names(("a",), (1,))


def _ids(authors: Sequence[str], posts: Sequence[int]) -> NDArray[np.uint64]:
    """A number for each author's post."""
    return account_ids(authors) ^ (np.array(posts, np.uint64) + np.uint64(1)) * _MIX
