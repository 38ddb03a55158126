"""The pieces of a text that speak most for one of its scores, to be shown to people."""

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.text.model.canonical import HAN, LETTER, Alphabet, Packed, Points, canonical
from pipeline.text.model.features import Hashes, Spans, buffers, character_ngrams, tokens, word_ngrams
from pipeline.text.model.weights import Weights, row_number

MOST = 4  # pieces
_WORDS, _CHARACTERS = 3, 6  # most tokens of a piece, of words with spaces and without
_RELATED = 0.35  # of the strongest token's weight: a weaker neighbour is no part of the piece


def pieces(batch: Packed, letters: Alphabet, weights: Weights, toward: NDArray[np.float32]) -> Spans:
    """Where the pieces are that speak most for ``toward``, [N, 2 * MOST]: start and end in each text, 0 and 0 for none.

    ``toward`` [N, K] weighs the heads of each text: a head less another one is what decided between them; a text
    whose weights are all 0 has no pieces.
    """
    out = np.zeros((len(batch.bounds) - 1, 2 * MOST), np.int32)
    _pieces(batch.points, batch.bounds, letters, weights, toward, out)
    return out


@numba.njit(nogil=True, cache=True)
def _pieces(
    points: Points, bounds: NDArray[np.int64], letters: Alphabet, weights: Weights, toward: NDArray[np.float32],
    out: Spans,
) -> None:  # fmt: skip
    buffer, asked = buffers(), np.empty(toward.shape[1], np.int64)
    hashes, ends, found, spans = buffer.hashes, buffer.ends, buffer.tokens, buffer.token_ends
    shares, said = np.empty(len(hashes), np.float32), np.empty(len(buffer.text) + 1, np.float32)
    heavy = np.empty(len(buffer.text), np.float32)
    for number in range(len(bounds) - 1):
        heads = _heads(toward[number], asked)
        if heads == 0:
            continue
        length = canonical(points, bounds[number], bounds[number + 1], letters.folded, buffer.text, buffer.origin)
        said[: length + 1] = 0
        made = character_ngrams(buffer.text, length, letters.kinds, hashes, ends)
        weigh(hashes, made, weights, toward[number], asked[:heads], shares)
        spread(shares, ends, made, said)
        count = tokens(buffer.text, length, letters.kinds, found, spans)
        made = word_ngrams(found, count, spans, buffer.text, letters.kinds, hashes, ends)
        weigh(hashes, made, weights, toward[number], asked[:heads], shares)
        spread(shares, ends, made, said)
        _gather(said, length, spans, count, heavy)
        for token in range(count):
            if letters.kinds[buffer.text[spans[2 * token]]] not in (HAN, LETTER):  # nothing to read
                heavy[token] = 0
        _choose(heavy[:count], spans, buffer.text, buffer.origin, letters.kinds, out[number])


@numba.njit(nogil=True, cache=True)
def _heads(toward: NDArray[np.float32], asked: NDArray[np.int64]) -> int:
    """Write the heads that count; how many."""
    count = 0
    for head in range(len(toward)):
        if toward[head] != 0:
            asked[count] = head
            count += 1
    return count


@numba.njit(nogil=True, cache=True)
def weigh(
    hashes: Hashes, count: int, weights: Weights, toward: NDArray[np.float32], asked: NDArray[np.int64],
    out: NDArray[np.float32],
) -> None:  # fmt: skip
    """What each n-gram says for all heads together, two at a time: nothing waits for rows, which are far away."""
    rows = weights.rows
    for number in range(count):
        out[number] = 0
    for place in range(0, len(asked), 2):
        one, paired = asked[place], place + 1 < len(asked)
        other = asked[place + 1] if paired else one
        much, more = toward[one], toward[other] if paired else np.float32(0)
        for number in range(count):
            row = row_number(hashes[number], weights.marks, weights.before)
            out[number] = out[number] + much * rows[row, one] + more * rows[row, other]


@numba.njit(nogil=True, cache=True)
def spread(shares: NDArray[np.float32], ends: Spans, count: int, said: NDArray[np.float32]) -> None:
    """Add what each n-gram says to its characters, evenly: ``said`` has by how much more it is than the one before."""
    for number in range(count):
        begin, end = ends[2 * number], ends[2 * number + 1]
        share = shares[number] / np.float32(end - begin)
        said[begin] += share
        said[end] -= share


@numba.njit(nogil=True, cache=True)
def _gather(said: NDArray[np.float32], length: int, spans: Spans, count: int, heavy: NDArray[np.float32]) -> None:
    """What the characters of each token say."""
    for place in range(1, length):
        said[place] += said[place - 1]
    for token in range(count):
        heavy[token] = 0
        for place in range(spans[2 * token], spans[2 * token + 1]):
            heavy[token] += said[place]


@numba.njit(nogil=True, cache=True)
def _choose(
    weights: NDArray[np.float32], spans: Spans, text: Points, origin: Spans, kinds: NDArray[np.uint8], out: Spans
) -> None:
    """The strongest tokens, each with the neighbours that say the same; none twice."""
    made = 0
    while made < MOST and len(weights):
        best = 0
        for token in range(1, len(weights)):
            if weights[token] > weights[best]:
                best = token
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
