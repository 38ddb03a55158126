"""First hop, by actor: what an interaction is worth as an endorsement, before its author is looked at."""

from collections.abc import Callable, Mapping
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
KEPT, SELF, EXCESSIVE = range(3)  # places in ``Endorser.counts``

_TURN = np.uint64(0x9E3779B97F4A7C15)


class Interactions(NamedTuple):
    """Columns of equal length. ``trusted`` says that the account is a seed; ``made`` is when it was, 0 if unknown."""

    actor: NDArray[np.uint64]
    target: NDArray[np.uint64]
    at: Words  # s since 1970
    weight: NDArray[np.float32]  # of its kind, see ``formula.KIND_WEIGHTS``
    trusted: NDArray[np.bool_]
    made: Words  # s since 1970


class Worth(NamedTuple):
    """Columns beside those of the interactions: 0 in ``weight`` where nothing is endorsed."""

    gap: Words  # s since the same actor last endorsed the same author in the same kind; NEVER
    weight: NDArray[np.float32]  # after the discount for much activity
    trust: NDArray[np.float32]  # in the actor, 0 to 1


class Endorser:
    """State by actor. ``counts``: how many were kept, how many endorsed themselves, how many were too many."""

    def __init__(self, most: int = MOST_ACTORS, pairs: int = PAIRS) -> None:
        self.actors = Accounts(ACTOR, most, lambda rows: rows["seen"])
        self.pairs = Pairs(pairs)
        self.counts = np.zeros(3, np.int64)

    @property
    def nbytes(self) -> int:
        """Memory."""
        return self.actors.nbytes + self.pairs.nbytes

    def weigh(self, given: Interactions) -> Worth:
        """What each interaction is worth."""
        size = len(given.actor)
        worth = Worth(np.zeros(size, np.uint32), np.zeros(size, np.float32), np.zeros(size, np.float32))
        done = 0
        while done < size:
            actors, pairs = self.actors, self.pairs
            table = (actors.rows, actors.places, actors.count, actors.dirty)
            done = _weigh(table, (pairs.tags, pairs.times, pairs.dirty), given, worth, done, self.counts)
            if done < size:
                actors.make_room()
        return worth

    def lift(self, account: int, trusted: float, at: int) -> None:
        """Learn the trusted part of an account's own influence at a time, s."""
        actors = self.actors
        row = find_or_add(actors.rows, actors.places, actors.count, np.uint64(account))  # type: ignore[arg-type]  # as numba wants it
        if row == FULL:
            actors.make_room()
            return self.lift(account, trusted, at)
        known = actors.rows[row]
        if not known["first"]:
            known["first"] = at
        known["seen"] = max(known["seen"], at)
        known["standing"], known["standing_at"] = trusted, at
        mark(actors.dirty, row)
        return None

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


_Table = tuple[Rows, NDArray[np.int32], NDArray[np.int64], NDArray[np.uint8]]
_Memory = tuple[Words, Words, NDArray[np.uint8]]


@numba.njit(nogil=True, cache=True)
def _weigh(
    table: _Table, memory: _Memory, given: Interactions, worth: Worth, start: int, counts: NDArray[np.int64]
) -> int:
    """Weigh from ``start`` on; the number of the interaction whose actor has no room, or how many there are."""
    rows, places, count, dirty = table
    for number in range(start, len(given.actor)):
        actor, target, at = given.actor[number], given.target[number], given.at[number]
        if actor == target:
            counts[SELF] += 1
            continue
        row = find_or_add(rows, places, count, actor)
        if row == FULL:
            return number
        mark(dirty, row)
        before = _activity(rows, row, at, given.made[number])
        if before > EXCESS:
            counts[EXCESSIVE] += 1
            continue
        weight = given.weight[number]
        pair = (actor ^ (target * _TURN)) + np.uint64(np.int64(weight * 1_000))
        worth.gap[number] = since_last(memory[0], memory[1], memory[2], pair, at)
        worth.weight[number] = weight / (1 + OUT_DISCOUNT * np.log2(1 + before))
        worth.trust[number] = 1 if given.trusted[number] else _trust(rows[row], at)
        counts[KEPT] += 1
    return len(given.actor)


@numba.njit(nogil=True, cache=True)
def _activity(rows: Rows, row: int, at: int, made: int) -> float:
    """What the actor has endorsed within a day, decayed, before this; counts it. What comes late does not fade."""
    one = rows[row]
    if one.first == 0 or 0 < made < one.first:
        one.first = made if 0 < made < at else at
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
