"""Fingerprints of posts: the same for copies of one text, few bits apart for texts that are nearly the same."""

import re
from collections.abc import Sequence
from functools import cache

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.text.folding import folded
from pipeline.text.normalise import TABLE

BITS = 63  # so that a fingerprint is a positive Int64 everywhere
_LANES = 64  # bits that are counted at once; the last one too, as eight at a time are faster than seven
NEAR = 12  # bits that may differ; see ``near``
_LETTERLIKE = "™ℹⓂ㊗㊙"  # emoji that folding would make letters of
_SPACES = dict.fromkeys(map(ord, _LETTERLIKE), " ")
_PASSED_ON = re.compile("\0\\s*(?:rt|fw|转发微博|转发|转)(?!\\w)")  # what people begin with who pass a post on
# What else is no part of a text, each with a string without which it cannot occur.
_BESIDES = (
    ("http", re.compile(r"https?://[!-~]+")),
    ("www.", re.compile(r"www\.[!-~]+")),
    ("@", re.compile(r"@(?:[a-z0-9_][a-z0-9_.-]*|[\w-]{1,15}(?![\w-]))")),  # a Latin name ends before Chinese
    ("[", re.compile(r"\[[^\[\]\s\0]{1,8}\]")),  # emoticons
    ("\u20e3", re.compile("[0-9]\u20e3")),  # keycaps
)
_HAN, _OTHER = 3, 6  # characters of a shingle, by the script of its first one
_RUN = 2  # of one character in a row; more says no more
_FIRST, _LAST = 8, 2  # weight of the first shingle and least weight
_FADES = 8  # characters in which a weight falls by one
_PRIME, _AVALANCHE = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xFF51AFD7ED558CCD)


def fingerprints(texts: Sequence[str]) -> list[int]:
    """SimHash (Charikar 2002) of each text in 63 bits; 0 for one without a letter or digit.

    It is that of the letters and digits alone, without links, @names, emoji, case, width and script. The beginning of
    a text weighs more than its end, where people who pass it on add words of their own.
    """
    joined = "".join(texts)
    if any(mark in joined for mark in _LETTERLIKE):
        texts = [text.translate(_SPACES) for text in texts]
    bare = _PASSED_ON.sub("\0", folded(texts).tobytes().decode("utf-32-le", "surrogatepass"))
    for part, besides in _BESIDES:
        if part in bare:
            bare = besides.sub("", bare)
    found = np.zeros(len(texts), np.uint64)
    if texts:
        _simhash(np.frombuffer(bare[1:].encode("utf-32-le", "surrogatepass"), np.uint32), _letters(), found)
    marks: list[int] = found.tolist()
    return marks


def distance(one: int, other: int) -> int:
    """In how many bits two fingerprints differ: 0 for copies, about 31 for texts that have nothing in common."""
    return (one ^ other).bit_count()


def near(one: int, other: int) -> bool:
    """Whether two fingerprints are those of one text with small changes; never for texts without words.

    Of posts of 20 characters or more, 95 to 100 % are near the same post with a sentence of ten characters at its end,
    or with a word in front; of unrelated posts, one pair in two million is.
    """
    return bool(one and other) and distance(one, other) <= NEAR


@cache
def _letters() -> NDArray[np.bool_]:
    """Which code points are letters or digits; a tenth of a second, once a process."""
    return np.array([chr(point).isalnum() for point in range(TABLE)])


@numba.njit(nogil=True, cache=True)
def _simhash(points: NDArray[np.uint32], letters: NDArray[np.bool_], found: NDArray[np.uint64]) -> None:
    """Fill in the fingerprints of the texts, each of which ends with a zero."""
    sums, text = np.zeros(_LANES, np.int32), np.empty(len(points), np.uint32)
    number, length = 0, 0
    for point in points:
        if point == 0:
            if length:
                found[number] = _of(text[:length], sums)
            number, length = number + 1, 0
        elif point < TABLE and not letters[point]:
            continue
        elif length < _RUN or point != text[length - 1] or point != text[length - _RUN]:
            text[length] = point
            length += 1


@numba.njit(nogil=True, cache=True)
def _of(text: NDArray[np.uint32], sums: NDArray[np.int32]) -> np.uint64:
    """The sign of each bit's sum over all shingles that fit into the text, over the text itself if none does."""
    sums[:] = 0
    total = np.int32(0)
    for start in range(len(text)):
        size = _HAN if 0x2E80 <= text[start] < 0xA000 else _OTHER  # noqa: PLR2004  # Han and kana
        if start and start + size > len(text):
            break
        hashed = _hash(text, start, min(start + size, len(text)))
        weight = np.int32(max(_LAST, _FIRST - start // _FADES))
        total += weight
        for bit in range(_LANES):
            sums[bit] += weight & -np.int32((hashed >> np.uint64(bit)) & np.uint64(1))
    result = np.uint64(0)
    for bit in range(BITS):
        if 2 * sums[bit] > total:
            result |= np.uint64(1) << np.uint64(bit)
    return result


@numba.njit(nogil=True, cache=True, inline="always")
def _hash(text: NDArray[np.uint32], start: int, end: int) -> np.uint64:
    hashed = np.uint64(0)
    for position in range(start, end):
        hashed = (hashed + np.uint64(text[position])) * _PRIME
        hashed ^= hashed >> np.uint64(29)
    hashed *= _AVALANCHE
    return hashed ^ (hashed >> np.uint64(33))
