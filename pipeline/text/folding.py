"""Fold whole batches of texts at once, by a table of what a character becomes wherever it stands."""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.text.model.canonical import SPACE, Points, pack
from pipeline.text.normalise import TABLE, fold, folds

_WHOLE = 0xFFFF_FFFF  # what becomes of the character depends on its neighbours: its text is folded as a whole
_SEVERAL = 0x8000_0000  # it becomes several characters or none: those at this place and above in ``several``
_JAMO = range(0x1160, 0x1200)  # vowels and last consonants of Hangul, which compose with what is before them


class _Folds(NamedTuple):
    single: Points  # [TABLE]: what a character becomes, or _WHOLE, or _SEVERAL and a place
    several: Points  # how many characters, and which


def folded(texts: Sequence[str]) -> Points:
    """What ``fold`` makes of the texts, one after the other, each between two zeros; zeros in them become spaces."""
    batch, table = pack(texts), _table()
    lengths = np.empty(len(texts), np.int64)
    _measure(batch.points, batch.bounds, table, lengths)
    whole = lengths < 0
    if whole.any():
        known = list(texts)
        for number in np.flatnonzero(whole).tolist():
            known[number] = fold(texts[number].replace("\0", " "))
            lengths[number] = len(known[number])
        batch = pack(known)
    out = np.zeros(int(lengths.sum()) + len(texts) + 1, np.uint32)
    _fill(batch.points, batch.bounds, table, whole, out)
    return out


@numba.njit(nogil=True, cache=True)
def _measure(points: Points, bounds: NDArray[np.int64], table: _Folds, lengths: NDArray[np.int64]) -> None:
    """Fill in how long the texts become; -1 where the table does not tell."""
    for number in range(len(lengths)):
        lengths[number] = 0
        for position in range(bounds[number], bounds[number + 1]):
            point = points[position]
            one = table.single[point] if point < TABLE else np.uint32(_WHOLE)
            if one == _WHOLE:
                lengths[number] = -1
                break
            lengths[number] += 1 if one < _SEVERAL else table.several[one - _SEVERAL]


@numba.njit(nogil=True, cache=True)
def _fill(points: Points, bounds: NDArray[np.int64], table: _Folds, whole: NDArray[np.bool_], out: Points) -> None:
    """Write the folded texts; those that are ``whole`` were folded before."""
    place = 1
    for number in range(len(whole)):
        for position in range(bounds[number], bounds[number + 1]):
            one = points[position] if whole[number] else table.single[points[position]]
            if one < _SEVERAL:
                out[place] = one
                place += 1
                continue
            for more in range(table.several[one - _SEVERAL]):
                out[place] = table.several[one - _SEVERAL + 1 + more]
                place += 1
        place += 1


@cache
def _table() -> _Folds:
    """The table of this Unicode version; a quarter of a second, once a process."""
    single, several = np.full(TABLE, _WHOLE, np.uint32), [0]
    single[0], joining = SPACE, _joining()
    for point, (steps, result) in enumerate(zip(_steps(), folds()[1:], strict=True), 1):
        if not joining.isdisjoint(steps):
            continue
        if len(result) == 1:
            single[point] = ord(result)
        else:
            single[point] = _SEVERAL + (len(several) if result else 0)
            several += [len(result), *map(ord, result)] if result else []
    return _Folds(single, np.array(several, np.uint32))


def _steps() -> Iterator[str]:
    """All that each code point from 1 on becomes before it is folded."""
    chars = "\0".join(map(chr, range(1, TABLE)))
    composed, normal = unicodedata.normalize("NFC", chars), unicodedata.normalize("NFKC", chars)
    cased = unicodedata.normalize("NFKC", normal.casefold())
    for one, other, third in zip(composed.split("\0"), normal.split("\0"), cased.split("\0"), strict=True):
        yield one if one == other == third else one + other + third


def _joining() -> set[str]:
    """Characters that may compose with one before them, or change places with it.

    Normal forms of texts without them are those of their characters, one by one (quick check of Unicode Annex 15).
    """
    found = set(map(chr, _JAMO))
    for char in map(chr, range(TABLE)):
        if unicodedata.combining(char):
            found.add(char)
        parts = unicodedata.decomposition(char)
        if " " in parts and not parts.startswith("<"):
            found.add(chr(int(parts.rsplit(" ", 1)[1], 16)))
    return found
