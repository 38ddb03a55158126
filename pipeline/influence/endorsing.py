"""First hop, by actor: what an interaction is worth as an endorsement, before its author is looked at."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.influence.accounts import FULL, Accounts, Row, Rows, find_or_add, mark
from pipeline.influence.formula import EXCESS, KNOWN_S, LASTING_S, OUT_DISCOUNT, STANDING
from pipeline.influence.pairs import Pairs, Words, since_last

ACTOR = np.dtype(
    [
        ("id", "u8"),
        ("first", "u4"),
        ("seen", "u4"),
        ("out", "f4"),
        ("standing", "f4"),
        ("standing_at", "u4"),
        ("spare", "u4"),
    ],
)
MOST_ACTORS, PAIRS = 2_000_000, 1 << 18
KEPT, SELF, EXCESSIVE, CLOCK = range(4)  # places in ``Endorser.counts``

_TURN = np.uint64(0x9E3779B97F4A7C15)


class Interactions(NamedTuple):
    """Columns of equal length. ``trusted`` says that the account is a seed; ``made`` is when it was, 0 if unknown."""

    actor: NDArray[np.uint64]
    target: NDArray[np.uint64]
    at: Words  # s since 1970
    weight: NDArray[np.float32]  # of its kind, see ``formula.KIND_WEIGHTS``
    trusted: NDArray[np.bool_]
    made: Words  # s since 1970


class Lifts(NamedTuple):
    """Columns of equal length: the trusted part of accounts' own influence, as they are told among interactions."""

    before: NDArray[np.int64]  # so many of the interactions come first; never smaller than the one above
    account: NDArray[np.uint64]
    trusted: NDArray[np.float64]
    at: Words  # s since 1970


class Worth(NamedTuple):
    """Columns beside those of the interactions: 0 in ``weight`` where nothing is endorsed."""

    gap: Words  # s since the same actor last endorsed the same author in the same kind; NEVER
    weight: NDArray[np.float32]  # after the discount for much activity
    trust: NDArray[np.float32]  # in the actor, 0 to 1


class Endorser:
    """State by actor.

    ``counts``: how many were kept, how many endorsed themselves, how many were too many; and the latest time so far, s,
    because nobody was seen for the first time before it, whatever a client says: time that is claimed buys no trust.
    """

    def __init__(self, most: int = MOST_ACTORS, pairs: int = PAIRS) -> None:
        self.actors = Accounts(ACTOR, most, lambda rows: rows["seen"])
        self.pairs = Pairs(pairs)
        self.counts = np.zeros(4, np.int64)

    @property
    def nbytes(self) -> int:
        """Memory."""
        return self.actors.nbytes + self.pairs.nbytes

    def weigh(self, given: Interactions, lifts: Lifts | None = None) -> Worth:
        """What each interaction is worth, with what is told of actors among them."""
        size, told = len(given.actor), NO_LIFTS if lifts is None else lifts
        worth = Worth(np.zeros(size, np.uint32), np.zeros(size, np.float32), np.zeros(size, np.float32))
        actors, pairs, done = self.actors, self.pairs, np.zeros(2, np.int64)
        memory = (pairs.tags, pairs.times, pairs.dirty)
        while not _weigh(_table(actors), memory, given, told, worth, done, self.counts):
            actors.make_room()
        return worth

    def lift(self, account: int, trusted: float, at: int) -> None:
        """Learn the trusted part of an account's own influence at a time, s."""
        self.weigh(_NONE, lifts_of([0], [account], [trusted], [at]))

    def snapshot(self) -> Mapping[str, Callable[[], bytes]]:
        """Encoders of what has changed."""
        return dict(chain(self.actors.blocks("actors"), self.pairs.blocks("pairs")))

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold everything."""
        self.actors.dirty[:] = self.pairs.dirty[:] = 1

    def restore(self, blocks: Mapping[str, bytes], actors: int) -> None:
        """Become what was in the blocks of so many actors."""
        self.actors.restore("actors", blocks, actors)
        self.pairs.restore("pairs", blocks)


def lifts_of(before: Sequence[int], accounts: Sequence[int], trusted: Sequence[float], at: Sequence[int]) -> Lifts:
    """Lifts as columns."""
    return Lifts(
        np.array(before, np.int64), np.array(accounts, np.uint64), np.array(trusted, np.float64),
        np.array(at, np.uint32),
    )  # fmt: skip


NO_LIFTS = lifts_of([], [], [], [])
_NONE = Interactions(
    NO_LIFTS.account, NO_LIFTS.account, NO_LIFTS.at, np.zeros(0, np.float32), np.zeros(0, np.bool_), NO_LIFTS.at
)

_Table = tuple[Rows, NDArray[np.int32], NDArray[np.int64], NDArray[np.uint8]]
_Memory = tuple[Words, Words, NDArray[np.uint8]]
_Done = NDArray[np.int64]  # how many interactions, and how many lifts


def _table(actors: Accounts) -> _Table:
    return actors.rows, actors.places, actors.count, actors.dirty


@numba.njit(nogil=True, cache=True)
def _weigh(
    table: _Table, memory: _Memory, given: Interactions, lifts: Lifts, worth: Worth, done: _Done,
    counts: NDArray[np.int64],
) -> bool:  # fmt: skip
    """Go on from what is ``done``; False where an account has no room."""
    while done[0] < len(given.actor) or done[1] < len(lifts.before):
        number, told = done
        if told < len(lifts.before) and lifts.before[told] <= number:
            if not _lift(table, lifts, told, counts[CLOCK]):
                return False
            done[1] += 1
        else:
            if not _weigh_one(table, memory, given, worth, number, counts):
                return False
            done[0] += 1
    return True


@numba.njit(nogil=True, cache=True)
def _weigh_one(
    table: _Table, memory: _Memory, given: Interactions, worth: Worth, number: int, counts: NDArray[np.int64]
) -> bool:
    """Weigh one interaction; False where its actor has no room."""
    rows, places, count, dirty = table
    actor, target, at = given.actor[number], given.target[number], given.at[number]
    if actor == target:
        counts[SELF] += 1
        return True
    row = find_or_add(rows, places, count, actor)
    if row == FULL:
        return False
    mark(dirty, row)
    counts[CLOCK] = max(counts[CLOCK], at)
    before = _activity(rows, row, at, given.made[number], counts[CLOCK])
    if before > EXCESS:
        counts[EXCESSIVE] += 1
        return True
    weight = given.weight[number]
    pair = (actor ^ (target * _TURN)) + np.uint64(np.int64(weight * 1_000))
    worth.gap[number] = since_last(memory[0], memory[1], memory[2], pair, at)
    worth.weight[number] = weight / (1 + OUT_DISCOUNT * np.log2(1 + before))
    worth.trust[number] = 1 if given.trusted[number] else _trust(rows[row], at)
    counts[KEPT] += 1
    return True


@numba.njit(nogil=True, cache=True)
def _lift(table: _Table, lifts: Lifts, told: int, clock: int) -> bool:
    """Note the standing of one account; False where it has no room."""
    rows, places, count, dirty = table
    row = find_or_add(rows, places, count, lifts.account[told])
    if row == FULL:
        return False
    one, at = rows[row], lifts.at[told]
    if one.first == 0:
        one.first = max(np.int64(at), clock)
    one.seen = max(one.seen, at)
    one.standing, one.standing_at = lifts.trusted[told], at
    mark(dirty, row)
    return True


@numba.njit(nogil=True, cache=True)
def _activity(rows: Rows, row: int, at: int, made: int, clock: int) -> float:
    """What the actor has endorsed within a day, decayed, before this; counts it. What comes late does not fade."""
    one = rows[row]
    if one.first == 0:
        one.first = clock
    if 0 < made < one.first:
        one.first = made
    before = np.float64(one.out)
    if at > one.seen:
        before *= 2.0 ** (-(np.float64(at) - np.float64(one.seen)) / LASTING_S)
        one.seen = at
    one.out = before + 1
    return before


@numba.njit(nogil=True, cache=True)
def _trust(actor: Row, at: int) -> float:
    """Trust in an account that is no seed: full once it is known, before that by those who endorse it."""
    if np.int64(at) - np.int64(actor.first) >= KNOWN_S:
        return 1.0
    age = max(np.float64(at) - np.float64(actor.standing_at), 0.0)
    standing = actor.standing * 2.0 ** (-age / LASTING_S)
    return standing / (standing + STANDING)  # type: ignore[no-any-return]  # numba is untyped
