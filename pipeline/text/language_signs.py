"""What languages are told by: the scripts that characters belong to, and frequent words."""

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.text.model.canonical import Points, pack
from pipeline.text.model.features import extended, finished

# Classes of characters, a bit each.
HAN, LATIN, FOREIGN, ACCENTED, SIMPLIFIED, TRADITIONAL, SPACE, WORD = (np.uint8(1 << bit) for bit in range(8))
_CLASSES = (
    (HAN, "[\u3400-\u4dbf\u4e00-\u9fff]+"),
    (LATIN, "[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+"),
    (FOREIGN, "[\u0370-\u1dff\u1f00-\u1fff\u3040-\u30fa\u3131-\u318e\uac00-\ud7a3]+"),  # other scripts
    (ACCENTED, "[\u00c0-\u024f\u1e00-\u1eff]+"),
    (SPACE, r"\s+"),
    (WORD, r"\w+"),
)
ENGLISH = frozenset(
    "the a an and "  # noqa: SIM905  # words in a row read better than a list
    "or but is are was were be been am i i'm my me you your it its this that these of to in on "
    "for with at from by as not no so if have has had do does did don't can't can will would just get got "
    "what why how when who they them their we our he she his her there here out up all any some now never "
    "than then too very about".split()
)
NOT_ENGLISH = frozenset(
    "de la el "  # noqa: SIM905  # same
    "los las un una que y en por para es se del al muy pero como más está le les des et est une pas "
    "pour dans je tu il nous vous avec qui ne au du mais der das und ist nicht ich ein eine mit zu den auf "
    "von für sie wir aber di che non sono della os um uma não em com het een van niet dat ik bir ve bu için "
    "çok yang dan ini itu tidak untuk saya ada dengan ang mga sa ng".split()
)
_TWO_IN_SMALL = "\u0130"  # an I with a dot becomes two characters, in no word of ours
POINTS = 0x40000  # no code point above is a letter or a space
SLOTS = 1024  # of the table of words


class Signs(NamedTuple):
    """Tables of code points below ``POINTS``, and of words."""

    classes: NDArray[np.uint8]  # a bit each
    small: Points  # what they become in small letters
    words: NDArray[np.uint64]  # hashes of frequent words, open addressing; 0 is free
    english: NDArray[np.bool_]  # whose they are


@cache
def signs() -> Signs:
    """The tables of this Unicode version; a tenth of a second, once a process."""
    every = "".join(map(chr, range(POINTS)))
    classes = np.zeros(len(every), np.uint8)
    for one, pattern in _CLASSES:
        for found in re.finditer(pattern, every):
            classes[found.start() : found.end()] |= one
    han = [chr(code) for code in range(0x4E00, 0xA000)]
    simplified, traditional = _encodable(han, "gb2312"), _encodable(han, "big5hkscs")
    classes[sorted(simplified - traditional)] |= SIMPLIFIED  # only in the charset of one side, of one script alone
    classes[sorted(traditional - simplified)] |= TRADITIONAL
    small = every.replace(_TWO_IN_SMALL, " ").replace("\u2019", "'").lower()
    return Signs(classes, pack([small]).points, *_word_table())


def _encodable(chars: Iterable[str], charset: str) -> set[int]:
    return {ord(char) for char in chars if char.encode(charset, "ignore")}


def _word_table() -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    listed = sorted(ENGLISH | NOT_ENGLISH)
    batch, slots = pack(listed), np.empty(len(listed), np.int64)
    words, english = np.zeros(SLOTS, np.uint64), np.zeros(SLOTS, np.bool_)
    _place(batch.points, batch.bounds, words, slots)
    english[slots] = [word in ENGLISH for word in listed]
    return words, english


@numba.njit(cache=True)
def _place(points: Points, bounds: NDArray[np.int64], words: NDArray[np.uint64], slots: NDArray[np.int64]) -> None:
    for number in range(len(slots)):
        hashed = np.uint64(0)
        for point in points[bounds[number] : bounds[number + 1]]:
            hashed = extended(hashed, point)
        slots[number] = slot_of(hashed, words)
        words[slots[number]] = hashed


@numba.njit(nogil=True, cache=True)
def is_a(point: int, one: np.uint8, classes: NDArray[np.uint8]) -> bool:
    """Whether a code point is of a class."""
    return point < POINTS and classes[point] & one != 0


@numba.njit(nogil=True, cache=True)
def slot_of(hashed: np.uint64, words: NDArray[np.uint64]) -> np.uint64:
    """Where a word is, or where it would be."""
    slot = finished(hashed) % np.uint64(SLOTS)
    while words[slot] != 0 and words[slot] != hashed:
        slot = (slot + np.uint64(1)) % np.uint64(SLOTS)
    return slot
