"""Texts as the model sees them: folded code points, links and names replaced, long repetitions cut short."""

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.text.normalise import TABLE, folds, is_cjk

SPACE, DROPPED, LINK, NAME = 0x20, 0x01, 0x1F, 0x40
RARE = 0x3013  # all code points that are in no table
OTHER, LETTER, HAN, MARK = (
    0,
    1,
    2,
    3,
)  # kinds of code points: of a word with spaces, of one without, punctuation or pictograph
LONGEST = 2_000  # code points that are read of a text
_RUN = 3  # of one character in a row; more says no more
_HTTP = (0x68, 0x74, 0x74, 0x70)

Points = NDArray[np.uint32]


class Alphabet(NamedTuple):
    """What each code point becomes, and of what kind that is."""

    folded: Points
    kinds: NDArray[np.uint8]


class Packed(NamedTuple):
    """A batch: all code points, and where each text begins; the last element is the end."""

    points: Points
    bounds: NDArray[np.int64]


@cache
def alphabet() -> Alphabet:
    """The table of this Unicode version, by ``normalise.fold``; 0.2 s, once a process."""
    folded, kinds = np.empty(TABLE, np.uint32), np.zeros(TABLE, np.uint8)
    for point in range(TABLE):
        folded[point] = _folded(chr(point), folds()[point])
        kinds[point] = _kind(chr(point))
    return Alphabet(folded, kinds)


def _folded(char: str, once: str) -> int:
    category = unicodedata.category(char)
    if char.isspace() or category in {"Cc", "Cs", "Co", "Cn"}:
        return SPACE
    if not once:
        return DROPPED
    return ord(once) if len(once) == 1 and ord(once) < TABLE else ord(char)


def _kind(char: str) -> int:
    category = unicodedata.category(char)
    if is_cjk(char):
        return HAN
    if category[0] in "LNM" or char == "'":
        return LETTER
    return MARK if category[0] in "PS" else OTHER


def pack(texts: Sequence[str]) -> Packed:
    """The code points of all texts; lone surrogates included."""
    bounds = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=bounds[1:])
    return Packed(np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32), bounds)


@numba.njit(nogil=True, cache=True)
def folded_at(points: Points, position: int, folded: Points) -> int:
    """What the code point at a position becomes."""
    point = points[position]
    return folded[point] if point < TABLE else RARE


@numba.njit(nogil=True, cache=True)
def link_end(points: Points, start: int, end: int) -> int:
    """Where the link that begins at ``start`` ends; ``start`` if none begins there."""
    if start + len(_HTTP) >= end:
        return start
    for number in range(len(_HTTP)):
        if points[start + number] | SPACE != _HTTP[number]:  # letters in either case
            return start
    position = start
    while position < end and SPACE < points[position] < 0x2E80:  # noqa: PLR2004  # where the scripts of East Asia begin
        position += 1
    return position


@numba.njit(nogil=True, cache=True)
def name_end(points: Points, start: int, end: int) -> int:
    """Where the name after an @ ends: letters, digits, underscore, hyphen of ASCII."""
    position = start
    while position < end:
        point = points[position]
        letter = 0x61 <= point | SPACE <= 0x7A  # noqa: PLR2004  # a to z
        if not (letter or 0x30 <= point <= 0x39 or point == 0x5F or point == 0x2D):  # noqa: PLR2004, PLR1714  # 0-9 _ -
            break
        position += 1
    return position


@numba.njit(nogil=True, cache=True)
def canonical(points: Points, start: int, end: int, folded: Points, out: Points, origin: NDArray[np.int32]) -> int:
    """Write the canonical text of ``points[start:end]`` and where each of its points came from; its length.

    It begins and ends with a space. ``out`` and ``origin`` hold ``LONGEST + 2``.
    """
    out[0], origin[0], length, position, run = SPACE, 0, 1, start, 0
    while position < end and length < LONGEST:
        began, point = position, folded_at(points, position, folded)
        position += 1
        if point == DROPPED:
            continue
        if point == _HTTP[0]:
            past = link_end(points, began, end)
            if past > began:
                point, position = LINK, past
        elif point == NAME:
            position = name_end(points, position, end)
        run = run + 1 if point == out[length - 1] else 0
        if run >= (1 if point == SPACE else _RUN):
            continue
        out[length], origin[length] = point, began - start
        length += 1
    if out[length - 1] != SPACE:
        out[length], origin[length] = SPACE, position - start
        length += 1
    return length
