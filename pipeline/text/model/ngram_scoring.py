"""Scores of a batch of texts by hashed n-grams; sums are of integers."""

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.text.model.canonical import Alphabet, Packed, canonical
from pipeline.text.model.features import Buffers, buffers, character_ngrams, tokens, word_ngrams
from pipeline.text.model.weights import Floats, Weights, row_number


def by_ngrams(batch: Packed, letters: Alphabet, weights: Weights) -> Floats:
    """One row a text, one column a head: the rows of its n-grams, divided by the root of how many there are."""
    scores = np.empty((len(batch.bounds) - 1, len(weights.row_bias)), np.float32)
    _score(batch.points, batch.bounds, letters, weights, scores)
    return scores


@numba.njit(nogil=True, cache=True)
def _score(
    points: NDArray[np.uint32], bounds: NDArray[np.int64], letters: Alphabet, weights: Weights, scores: Floats
) -> None:
    buffer, sums = buffers(), np.empty(len(weights.row_bias), np.int32)
    for number in range(len(bounds) - 1):
        length = canonical(points, bounds[number], bounds[number + 1], letters.folded, buffer.text, buffer.origin)
        count = _add(buffer, length, letters.kinds, weights, sums)
        share = 1 / np.sqrt(np.float32(max(count, 1)))
        for head in range(len(sums)):
            scores[number, head] = sums[head] * weights.row_scales[head] * share + weights.row_bias[head]


@numba.njit(nogil=True, cache=True)
def _add(buffer: Buffers, length: int, kinds: NDArray[np.uint8], weights: Weights, sums: NDArray[np.int32]) -> int:
    """Add up the rows of all n-grams of the text in the buffer; how many there are."""
    sums[:] = 0
    made = character_ngrams(buffer.text, length, kinds, buffer.hashes, buffer.ends)
    add_rows(buffer.hashes, made, weights, sums)
    count = tokens(buffer.text, length, kinds, buffer.tokens, buffer.token_ends)
    words = word_ngrams(buffer.tokens, count, buffer.token_ends, buffer.text, kinds, buffer.hashes, buffer.ends)
    add_rows(buffer.hashes, words, weights, sums)
    return made + words


@numba.njit(nogil=True, cache=True)
def add_rows(hashes: NDArray[np.uint64], count: int, weights: Weights, sums: NDArray[np.int32]) -> None:
    """Add up the rows of the n-grams."""
    for number in range(count):
        row = row_number(hashes[number], weights.marks, weights.before)
        if row > 0:
            for head in range(len(sums)):
                sums[head] += weights.rows[row, head]
