"""The pieces of a text that speak most for one of its scores, to be shown to people."""

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.text.model.canonical import HAN, LETTER, LONGEST, Alphabet, Points, canonical
from pipeline.text.model.features import PER_POINT, Hashes, character_ngrams, tokens, word_ngrams

MOST = 4  # pieces
_WORDS, _CHARACTERS = 3, 6  # most tokens of a piece, of words with spaces and without
_RELATED = 0.35  # of the strongest token's weight: a weaker neighbour is no part of the piece
_ROOM = LONGEST + 2

Spans = NDArray[np.int32]


@numba.njit(nogil=True, cache=True)
def pieces(
    points: Points, start: int, end: int, letters: Alphabet, rows: NDArray[np.int8], toward: NDArray[np.float32],
    out: Spans,
) -> int:  # fmt: skip
    """Write start and end, in ``points``, of the pieces that speak most for ``toward``; how many.

    ``toward`` [K] weighs the heads: a head less another one is what decided between them.
    """
    text, origin = np.empty(_ROOM, np.uint32), np.empty(_ROOM, np.int32)
    hashes, ends = np.empty(_ROOM * PER_POINT, np.uint64), np.empty(2 * _ROOM * PER_POINT, np.int32)
    found, spans = np.empty(_ROOM, np.uint64), np.empty(2 * _ROOM, np.int32)
    length = canonical(points, start, end, letters.folded, text, origin)
    said = np.zeros(length, np.float32)
    count = tokens(text, length, letters.kinds, found, spans)
    spread(hashes, ends, character_ngrams(text, length, letters.kinds, hashes, ends), rows, toward, said)
    words = word_ngrams(found, count, spans, text, letters.kinds, hashes, ends)
    spread(hashes, ends, words, rows, toward, said)
    weights = np.zeros(count, np.float32)
    for number in range(count):
        if letters.kinds[text[spans[2 * number]]] in (HAN, LETTER):
            weights[number] = said[spans[2 * number] : spans[2 * number + 1]].sum()
    return _choose(weights, spans, text, origin, letters.kinds, out)


@numba.njit(nogil=True, cache=True)
def spread(
    hashes: Hashes, ends: Spans, count: int, rows: NDArray[np.int8], toward: NDArray[np.float32],
    said: NDArray[np.float32],
) -> None:  # fmt: skip
    """Spread what each n-gram says over its characters."""
    mask = np.uint64(len(rows) - 1)
    for number in range(count):
        row, weight = rows[hashes[number] & mask], np.float32(0)
        for head in range(len(toward)):
            weight += toward[head] * row[head]
        begin, end = ends[2 * number], ends[2 * number + 1]
        for place in range(begin, end):
            said[place] += weight / (end - begin)


@numba.njit(nogil=True, cache=True)
def _choose(
    weights: NDArray[np.float32], spans: Spans, text: Points, origin: Spans, kinds: NDArray[np.uint8], out: Spans
) -> int:
    """The strongest tokens, each with the neighbours that say the same; none twice."""
    made = 0
    while made < MOST and len(weights):
        best = int(np.argmax(weights))
        if weights[best] <= 0:
            break
        first, last, least = best, best, weights[best] * _RELATED
        kind = kinds[text[spans[2 * best]]]
        widest = _CHARACTERS if kind == HAN else _WORDS
        while last - first + 1 < widest:
            left = weights[first - 1] if first > 0 else np.float32(0)
            right = weights[last + 1] if last + 1 < len(weights) else np.float32(0)
            if max(left, right) < least:
                break
            if right >= left:
                last += 1
            else:
                first -= 1
        weights[first : last + 1] = 0
        out[2 * made], out[2 * made + 1] = origin[spans[2 * first]], origin[spans[2 * last + 1] - 1] + 1
        made += 1
    return made
