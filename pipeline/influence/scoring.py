"""Second hop, by author: endorsements become fading sums, the last posts' endorsers, and the last reasons."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.influence.accounts import FULL, Accounts, Row, Rows, find_or_add, mark
from pipeline.influence.formula import FRESH_S, LASTING_S, NEVER, SPREADING_S, lasting, spreading
from pipeline.influence.pairs import Words

POSTS, REASONS = 16, 3  # remembered of every author
AUTHOR = np.dtype(
    [
        ("id", "u8"), ("touched", "u4"), ("told", "f4"), ("every", "f4", 3), ("trusted", "f4", 3),
        ("reason_actor", "u8", REASONS), ("reason_at", "u4", REASONS), ("reason_added", "f4", REASONS),
        ("post", "u2", POSTS), ("endorsers", "u1", POSTS), ("next_post", "u1"), ("next_reason", "u1"),
        ("reason_kind", "u1", REASONS), ("spare", "u1", 3),
    ],
)  # fmt: skip
MOST_AUTHORS = 2_000_000
TOLD_FROM, TOLD_AGAIN = 10.0, 1.25  # a lasting score is told from here on, and again when it is so many times as high

_HALF_LIVES = (LASTING_S, SPREADING_S, FRESH_S)
_AGAIN_S = 3_600  # the same fan counts again as a post's endorser
_MOST_ENDORSERS = 255


class Endorsements(NamedTuple):
    """Columns of equal length: what ``endorsing.Worth`` says of interactions that endorse somebody."""

    actor: NDArray[np.uint64]
    target: NDArray[np.uint64]
    at: Words  # s since 1970
    post: NDArray[np.uint16]  # tells the author's last posts apart
    gap: Words
    weight: NDArray[np.float32]
    trust: NDArray[np.float32]
    kind: NDArray[np.uint8]  # of the interaction, a place in ``ENDORSING`` of the vocabulary from 1 on; 0: not known


class News(NamedTuple):
    """Authors to tell about: the number of the endorsement that made it so, and the row as it was then."""

    number: NDArray[np.int64]
    row: Rows


class Standings(NamedTuple):
    """Scores of many authors at one time, columns of equal length."""

    author: NDArray[np.uint64]
    lasting: NDArray[np.float64]
    spreading: NDArray[np.float64]
    h: NDArray[np.int64]


class Scoreboard:
    """State by author, or by author and brand."""

    def __init__(self, most: int = MOST_AUTHORS) -> None:
        self.authors = Accounts(AUTHOR, most, _left)

    @property
    def nbytes(self) -> int:
        """Memory."""
        return self.authors.nbytes

    def add(self, given: Endorsements) -> News:
        """Add endorsements up; who has risen enough to be told about."""
        size, told = len(given.actor), np.zeros(1, np.int64)
        news = News(np.zeros(size, np.int64), np.zeros(size, AUTHOR))
        done = 0
        while done < size:
            one = self.authors
            done = _add((one.rows, one.places, one.count, one.dirty), given, news, told, done)
            if done < size:
                one.make_room()
        return News(news.number[: told[0]], news.row[: told[0]])

    def standings(self, at: int) -> Standings:
        """All authors at a time, s."""
        return standings(self.authors.used, at)

    def snapshot(self) -> Mapping[str, Callable[[], bytes]]:
        """Encoders of what has changed."""
        return dict(self.authors.blocks("authors"))

    def restore(self, blocks: Mapping[str, bytes], authors: int) -> None:
        """Become what was in the blocks of so many authors."""
        self.authors.restore("authors", blocks, authors)


def standings(rows: Rows, at: int | Words) -> Standings:
    """Scores of rows of ``AUTHOR`` at a time, s, or each at its own. What was endorsed later counts as just now."""
    age = np.maximum(at - rows["touched"].astype(np.float64), 0)[:, None]
    kept = 2.0 ** (-age / np.array(_HALF_LIVES))
    every, trusted = rows["every"] * kept, rows["trusted"] * kept
    most = np.sort(rows["endorsers"], axis=1)[:, ::-1]
    return Standings(
        rows["id"],
        lasting(every[:, 0], every[:, 2], trusted[:, 0], trusted[:, 2]),
        spreading(every[:, 1], every[:, 2], trusted[:, 1], trusted[:, 2]),
        (most >= np.arange(1, POSTS + 1)).sum(axis=1),
    )


def _left(rows: Rows) -> NDArray[np.float64]:
    """What is left of each day's sum when the newest row is touched."""
    behind = rows["touched"].astype(np.float64) - float(rows["touched"].max(initial=0))
    return rows["every"][:, 0] * 2.0 ** (behind / LASTING_S)


_Table = tuple[Rows, NDArray[np.int32], NDArray[np.int64], NDArray[np.uint8]]


@numba.njit(nogil=True, cache=True)
def _add(table: _Table, given: Endorsements, news: News, told: NDArray[np.int64], start: int) -> int:
    """Add from ``start`` on; the number of the endorsement whose author has no room, or how many there are."""
    rows, places, count, dirty = table
    for number in range(start, len(given.actor)):
        row = find_or_add(rows, places, count, given.target[number])
        if row == FULL:
            return number
        mark(dirty, row)
        one = rows[row]
        added = _sum_up(one, given.at[number], given.gap[number], given.weight[number], given.trust[number])
        _note(one, given.actor[number], given.at[number], added, given.kind[number])
        if given.gap[number] >= _AGAIN_S:
            _count(one, given.post[number])
        score = lasting(one.every[0], one.every[2], one.trusted[0], one.trusted[2])
        if score >= max(TOLD_FROM, TOLD_AGAIN * one.told):
            one.told = score
            news.number[told[0]], news.row[told[0]] = number, one
            told[0] += 1
    return len(given.actor)


@numba.njit(nogil=True, cache=True)
def _sum_up(one: Row, at: int, gap: int, weight: float, trust: float) -> float:
    """Bring the sums forward and add an endorsement; what it added to the day's.

    A pair's share is refreshed, not repeated: what is left of its last endorsement is not added again. A late
    endorsement fades on its way into the sums, so that order does not matter.
    """
    ahead = np.float64(at) - np.float64(one.touched)
    if ahead > 0:
        one.told *= 2.0 ** (-ahead / LASTING_S)
        one.touched = at
    for number in range(3):
        half_life = _HALF_LIVES[number]
        fresh = 1.0 if gap == NEVER else 1 - 2.0 ** (-np.float64(gap) / half_life)
        added = weight * fresh * 2.0 ** (min(ahead, 0) / half_life)
        kept = 2.0 ** (-max(ahead, 0) / half_life)
        one.every[number] = one.every[number] * kept + added
        one.trusted[number] = one.trusted[number] * kept + added * trust
        if number == 0:
            to_day = added
    return to_day  # type: ignore[no-any-return]  # numba is untyped


@numba.njit(nogil=True, cache=True)
def _note(one: Row, actor: int, at: int, added: float, kind: int) -> None:
    """Remember who endorsed, in a ring; one that added nothing is no reason."""
    if added <= 0:
        return
    place = one.next_reason
    one.reason_actor[place], one.reason_at[place], one.reason_added[place] = actor, at, added
    one.reason_kind[place] = kind
    one.next_reason = (place + 1) % REASONS


@numba.njit(nogil=True, cache=True)
def _count(one: Row, post: int) -> None:
    """Count an endorser of one of the last posts; a post that is new takes the place of the oldest."""
    for place in range(POSTS):
        if one.post[place] == post and one.endorsers[place] > 0:
            one.endorsers[place] = min(one.endorsers[place] + 1, _MOST_ENDORSERS)
            return
    place = one.next_post
    one.post[place], one.endorsers[place] = post, 1
    one.next_post = (place + 1) % POSTS
