"""What the model reads of a canonical text: hashed n-grams of characters and words, and its tokens."""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.text.model.canonical import HAN, LETTER, LONGEST, SPACE, Points

LONGEST_NGRAM = 5  # characters
PER_POINT = LONGEST_NGRAM + 3  # n-grams that may begin at a code point, and a word with its two predecessors
_PRIME, _AVALANCHE = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xFF51AFD7ED558CCD)
_WORD, _PAIR, _SKIP = np.uint64(3), np.uint64(5), np.uint64(7)  # kinds of word features

Hashes = NDArray[np.uint64]
Spans = NDArray[np.int32]  # start and end, start and end, ...


class Buffers(NamedTuple):
    """Room for one text at a time, made once a batch: new memory for each text would cost more than reading it."""

    text: Points  # canonical
    origin: NDArray[np.int32]  # where each of its points came from
    hashes: Hashes  # of n-grams
    ends: Spans
    tokens: Hashes
    token_ends: Spans


@numba.njit(nogil=True, cache=True)
def buffers() -> Buffers:
    """Room for the longest text."""
    room = LONGEST + 2
    return Buffers(
        np.empty(room, np.uint32), np.empty(room, np.int32), np.empty(room * PER_POINT, np.uint64),
        np.empty(2 * room * PER_POINT, np.int32), np.empty(room, np.uint64), np.empty(2 * room, np.int32),
    )  # fmt: skip


@numba.njit(nogil=True, cache=True, inline="always")
def extended(hashed: np.uint64, point: int) -> np.uint64:
    """The hash of what was hashed followed by ``point``."""
    grown = (hashed + np.uint64(point) + np.uint64(1)) * _PRIME
    return grown ^ (grown >> np.uint64(29))


@numba.njit(nogil=True, cache=True, inline="always")
def finished(hashed: np.uint64) -> np.uint64:
    """A hash whose low bits are as good as its high ones."""
    mixed = (hashed ^ (hashed >> np.uint64(33))) * _AVALANCHE
    return mixed ^ (mixed >> np.uint64(33))


@numba.njit(nogil=True, cache=True)
def character_ngrams(text: Points, length: int, kinds: NDArray[np.uint8], out: Hashes, ends: NDArray[np.int32]) -> int:
    """Hashes of the n-grams of 1 to 5 characters, and start and end of each in ``ends``; how many.

    None goes beyond the end of a word that is followed by a space; single letters are left out.
    """
    count = 0
    for start in range(length):
        hashed, kind = np.uint64(0), kinds[text[start]]
        for size in range(1, min(LONGEST_NGRAM, length - start) + 1):
            point = text[start + size - 1]
            hashed = extended(hashed, point)
            if size == 1 and (point == SPACE or kind == LETTER):
                continue
            out[count] = finished(hashed)
            ends[2 * count], ends[2 * count + 1] = start, start + size
            count += 1
            if point == SPACE:
                break
    return count


@numba.njit(nogil=True, cache=True)
def tokens(text: Points, length: int, kinds: NDArray[np.uint8], out: Hashes, ends: NDArray[np.int32]) -> int:
    """Hashes of words, single Han characters and single marks, and start and end of each; how many."""
    count, position = 0, 0
    while position < length:
        start, hashed, kind = position, np.uint64(7), kinds[text[position]]
        position += 1
        if text[start] == SPACE:
            continue
        hashed = extended(hashed, text[start])
        while kind == LETTER and position < length and kinds[text[position]] == LETTER:
            hashed = extended(hashed, text[position])
            position += 1
        out[count] = finished(hashed)
        ends[2 * count], ends[2 * count + 1] = start, position
        count += 1
    return count


@numba.njit(nogil=True, cache=True)
def word_ngrams(
    found: Hashes, count: int, spans: NDArray[np.int32], text: Points, kinds: NDArray[np.uint8], out: Hashes,
    ends: NDArray[np.int32],
) -> int:  # fmt: skip
    """Hashes of words, pairs of neighbours, and pairs with one between, from the ``found`` tokens; how many.

    Han characters are in no plain pair: that is a character n-gram already.
    """
    made = 0
    for number in range(count):
        kind, end = kinds[text[spans[2 * number]]], spans[2 * number + 1]
        if kind == LETTER:
            out[made] = finished(found[number] * _WORD)
            ends[2 * made], ends[2 * made + 1] = spans[2 * number], end
            made += 1
        if number > 0 and kind != HAN:
            out[made] = finished(found[number] * _PAIR + found[number - 1])
            ends[2 * made], ends[2 * made + 1] = spans[2 * number - 2], end
            made += 1
        if number > 1:
            out[made] = finished(found[number] * _SKIP + found[number - 2])
            ends[2 * made], ends[2 * made + 1] = spans[2 * number - 4], end
            made += 1
    return made
