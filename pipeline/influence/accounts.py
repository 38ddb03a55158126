"""Accounts in one array: a row for each, found by its 64-bit id; bounded, and forgetting whoever matters least."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.void]  # a structured array with a field ``id``
Row = Any  # one of them, as compiled code reads it: fields are attributes
FULL = -1

_FIRST_ROWS = 1_024
_GROWTH = 1.25  # small, so that little of the memory stands empty
_PLACES_A_ROW = 1.3  # of the index, at least; it has a power of two
_BLOCK_SHIFT = 9  # 512 rows are one block of a checkpoint
BLOCK_ROWS = 1 << _BLOCK_SHIFT
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@numba.njit(nogil=True, cache=True)
def place(rows: Rows, places: NDArray[np.int32], account: int) -> int:
    """Where the index has the account, or would have it (linear probing)."""
    mask = len(places) - 1
    at = ((np.uint64(account) * _GOLDEN) >> np.uint64(20)) & np.uint64(mask)
    while places[at] >= 0 and rows[places[at]].id != account:
        at = (at + np.uint64(1)) & np.uint64(mask)
    return at  # type: ignore[return-value]  # an unsigned integer of numba


@numba.njit(nogil=True, cache=True)
def find_or_add(rows: Rows, places: NDArray[np.int32], count: NDArray[np.int64], account: int) -> int:
    """Row of the account, a new one at the end if there is none; ``FULL`` if there is no room for it."""
    at = place(rows, places, account)
    if places[at] >= 0:
        return places[at]  # type: ignore[no-any-return]  # numba is untyped
    if count[0] >= len(rows):
        return FULL
    places[at] = count[0]
    rows[count[0]].id = account
    count[0] += 1
    return places[at]  # type: ignore[no-any-return]  # numba is untyped


@numba.njit(nogil=True, cache=True)
def find_all(rows: Rows, places: NDArray[np.int32], accounts: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Row of each account; -1 where it is not known."""
    found = np.empty(len(accounts), np.int64)
    for number in range(len(accounts)):
        found[number] = places[place(rows, places, accounts[number])]
    return found


@numba.njit(nogil=True, cache=True)
def mark(dirty: NDArray[np.uint8], row: int) -> None:
    """Note that the block of a row has changed."""
    dirty[row >> _BLOCK_SHIFT] = 1


@numba.njit(nogil=True, cache=True)
def _fill(rows: Rows, places: NDArray[np.int32], count: int) -> None:
    places[:] = -1
    for row in range(count):
        places[place(rows, places, rows[row].id)] = row


class Accounts:
    """Rows of the type ``kind``, which has no gaps between fields (their bytes would be undefined); at most ``most``.

    When so many are full, the quarter that ``worth`` (rows -> one number each) puts last is forgotten. That and growth
    happen at the very account that needs the room, so where batches are cut does not show.
    """

    def __init__(self, kind: np.dtype[Any], most: int, worth: Callable[[Rows], NDArray[Any]]) -> None:
        self._most, self._worth = most, worth
        self.count = np.zeros(1, np.int64)  # an array, because compiled code counts on
        self.forgotten = 0
        self._allocate(np.zeros(min(_FIRST_ROWS, most), kind))

    def _allocate(self, rows: Rows) -> None:
        self.rows = rows
        size = 1 << int(len(rows) * _PLACES_A_ROW).bit_length()
        self.places = np.empty(size, np.int32)
        self.dirty = np.ones(-(-len(rows) // BLOCK_ROWS), np.uint8)
        _fill(self.rows, self.places, int(self.count[0]))

    @property
    def used(self) -> Rows:
        """The rows that are taken."""
        return self.rows[: int(self.count[0])]

    @property
    def nbytes(self) -> int:
        """Memory of rows and index."""
        return self.rows.nbytes + self.places.nbytes + self.dirty.nbytes

    def find(self, account: int) -> int | None:
        """The row of an account; None if it is not known."""
        row = int(self.places[place(self.rows, self.places, np.uint64(account))])  # type: ignore[arg-type]  # as numba wants it
        return row if row >= 0 else None

    def make_room(self) -> None:
        """Grow, or forget a quarter of the accounts once there are as many as may be."""
        if len(self.rows) < self._most:
            was, dirty = self.used, self.dirty
            grown = np.zeros(min(int(len(self.rows) * _GROWTH) + 1, self._most), self.rows.dtype)
            grown[: len(was)] = was
            self._allocate(grown)
            self.dirty[: len(dirty)] = dirty
            return
        keep = np.ones(len(self.rows), bool)
        keep[np.argsort(self._worth(self.rows), kind="stable")[: max(len(self.rows) // 4, 1)]] = False
        kept = self.rows[keep]
        self.forgotten += len(self.rows) - len(kept)
        self.count[0] = len(kept)
        rows = np.zeros_like(self.rows)
        rows[: len(kept)] = kept
        self._allocate(rows)

    def blocks(self, name: str) -> Iterator[tuple[str, Callable[[], bytes]]]:
        """Encoders of the blocks that changed since they were last asked for."""
        taken = -(-int(self.count[0]) // BLOCK_ROWS)
        for number in np.flatnonzero(self.dirty[:taken]):
            yield f"{name}-{number}", partial(self._encoded, int(number))
        self.dirty[:] = 0

    def _encoded(self, number: int) -> bytes:
        return self.used[number * BLOCK_ROWS : (number + 1) * BLOCK_ROWS].tobytes()

    def restore(self, name: str, blocks: Mapping[str, bytes], count: int) -> None:
        """Become what was in the blocks. Raises KeyError if one is missing, ValueError if one has another layout."""
        names = [f"{name}-{number}" for number in range(-(-count // BLOCK_ROWS))]
        rows = np.zeros(max(int(count * 1.05), min(_FIRST_ROWS, self._most)), self.rows.dtype)
        at = 0
        for block in names:
            part = np.frombuffer(blocks[block], self.rows.dtype)
            rows[at : at + len(part)] = part
            at += len(part)
        if at != count:
            raise ValueError(f"{name}: a checkpoint of {count} accounts holds {at}")
        self.count[0] = count
        self._allocate(rows[: max(self._most, count)])
        self.dirty[:] = 0
