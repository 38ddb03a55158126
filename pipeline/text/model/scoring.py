"""Scores of a batch of texts by hashed n-grams, and by a convolutional network over tokens; sums are of integers."""

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.text.model.canonical import LONGEST, Alphabet, Packed, canonical
from pipeline.text.model.features import PER_POINT, character_ngrams, tokens, word_ngrams
from pipeline.text.model.weights import WIDTHS, Floats, Weights, token_id

HEAD, TAIL = 80, 40  # tokens that the network reads of a long text: its first and its last
_ROOM = LONGEST + 2


def score(batch: Packed, letters: Alphabet, weights: Weights) -> tuple[Floats, Floats]:
    """Scores by n-grams and by the network, one row a text, one column a head."""
    count, heads = len(batch.bounds) - 1, len(weights.row_bias)
    by_ngrams, by_network = np.zeros((count, heads), np.float32), np.zeros((count, heads), np.float32)
    _score(batch.points, batch.bounds, letters, weights, by_ngrams, by_network)
    return by_ngrams, by_network


@numba.njit(nogil=True, cache=True)
def _score(
    points: NDArray[np.uint32], bounds: NDArray[np.int64], letters: Alphabet, weights: Weights, by_ngrams: Floats,
    by_network: Floats,
) -> None:  # fmt: skip
    text, origin = np.empty(_ROOM, np.uint32), np.empty(_ROOM, np.int32)
    hashes, ends = np.empty(_ROOM * PER_POINT, np.uint64), np.empty(2 * _ROOM * PER_POINT, np.int32)
    found, spans = np.empty(_ROOM, np.uint64), np.empty(2 * _ROOM, np.int32)
    sums, ids = np.empty(len(weights.row_bias), np.int32), np.empty(HEAD + TAIL, np.int32)
    for number in range(len(bounds) - 1):
        length = canonical(points, bounds[number], bounds[number + 1], letters.folded, text, origin)
        count = tokens(text, length, letters.kinds, found, spans)
        sums[:] = 0
        features = character_ngrams(text, length, letters.kinds, hashes, ends)
        add_rows(hashes, features, weights.rows, sums)
        words = word_ngrams(found, count, spans, text, letters.kinds, hashes, ends)
        add_rows(hashes, words, weights.rows, sums)
        share = 1 / np.sqrt(np.float32(max(features + words, 1)))
        for head in range(len(sums)):
            by_ngrams[number, head] = sums[head] * weights.row_scales[head] * share + weights.row_bias[head]
        kept = read_ids(found, count, weights, ids)
        _network(ids[:kept], weights, by_network[number])


@numba.njit(nogil=True, cache=True)
def add_rows(hashes: NDArray[np.uint64], count: int, rows: NDArray[np.int8], sums: NDArray[np.int32]) -> None:
    """Add up the rows of the n-grams."""
    mask = np.uint64(len(rows) - 1)
    for number in range(count):
        row = rows[hashes[number] & mask]
        for head in range(len(sums)):
            sums[head] += row[head]


@numba.njit(nogil=True, cache=True)
def read_ids(found: NDArray[np.uint64], count: int, weights: Weights, ids: NDArray[np.int32]) -> int:
    """The ids of the tokens that the network reads; how many."""
    kept = min(count, HEAD + TAIL)
    for place in range(kept):
        source = place if count <= HEAD + TAIL or place < HEAD else count - kept + place
        ids[place] = token_id(found[source], weights.slots, weights.slot_ids)
    if kept == 0:
        ids[0] = 1
    return max(kept, 1)


@numba.njit(nogil=True, cache=True)
def _network(ids: NDArray[np.int32], weights: Weights, out: Floats) -> None:
    """The scores of one text: filters, their strongest answers, one hidden layer, the heads."""
    pooled, hidden = _pool(ids, weights), weights.hidden_bias.copy()
    for unit in range(len(pooled)):
        if pooled[unit] != 0:
            hidden += pooled[unit] * weights.hidden[unit]
    out[:] = weights.head_bias
    for unit in range(len(hidden)):
        if hidden[unit] > 0:
            out += hidden[unit] * weights.heads[unit]


@numba.njit(nogil=True, cache=True)
def _pool(ids: NDArray[np.int32], weights: Weights) -> Floats:
    filters, dimensions = len(weights.filter_bias) // len(WIDTHS), len(weights.embedding_scales)
    pooled = np.zeros(len(weights.filter_bias) + dimensions, np.float32)
    strongest, sums, first = np.empty(filters, np.int32), np.empty(filters, np.int32), 0
    for number in range(len(WIDTHS)):
        width = WIDTHS[number]
        strongest[:] = -(1 << 30)
        for place in range(len(ids)):
            sums[:] = 0
            for offset in range(min(width, len(ids) - place)):
                begin = (first + offset) * filters
                part = weights.projections[ids[place + offset]]
                for one in range(filters):
                    sums[one] += part[begin + one]
            for one in range(filters):
                strongest[one] = max(strongest[one], sums[one])
        for one in range(filters):
            unit = number * filters + one
            pooled[unit] = max(strongest[one] * weights.filter_scales[unit] + weights.filter_bias[unit], 0)
        first += width
    _mean(ids, weights, pooled[len(weights.filter_bias) :])
    return pooled


@numba.njit(nogil=True, cache=True)
def _mean(ids: NDArray[np.int32], weights: Weights, out: Floats) -> None:
    totals = np.zeros(len(out), np.int32)
    for place in range(len(ids)):
        vector = weights.embeddings[ids[place]]
        for dimension in range(len(out)):
            totals[dimension] += vector[dimension]
    share = 1 / np.sqrt(np.float32(len(ids) + 1))
    for dimension in range(len(out)):
        out[dimension] = totals[dimension] * weights.embedding_scales[dimension] * share
