"""Scores of a batch of texts by a convolutional network over tokens; sums are of integers until the hidden layer."""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.text.model.canonical import Alphabet, Packed, canonical
from pipeline.text.model.features import buffers, tokens
from pipeline.text.model.weights import FILTERS, HIDDEN, WIDTHS, Floats, Weights, token_id

HEAD, TAIL = 80, 40  # tokens that are read of a long text: its first and its last
_NONE = np.int16(-(1 << 15))

Shorts = NDArray[np.int16]


class _Room(NamedTuple):
    """What scoring needs besides, made once a batch."""

    ids: NDArray[np.int32]
    answers: Shorts  # [F] of one width at one place; four parts of 8 bits fit
    strongest: Shorts  # [4, F]
    totals: NDArray[np.int32]  # [E] of embeddings
    pooled: Floats  # [4 * F + E]
    hidden: Floats  # [HIDDEN]


def by_network(batch: Packed, letters: Alphabet, weights: Weights) -> Floats:
    """One row a text, one column a head."""
    scores = np.empty((len(batch.bounds) - 1, len(weights.head_bias)), np.float32)
    _score(batch.points, batch.bounds, letters, weights, scores)
    return scores


@numba.njit(nogil=True, cache=True)
def _score(
    points: NDArray[np.uint32], bounds: NDArray[np.int64], letters: Alphabet, weights: Weights, scores: Floats
) -> None:
    buffer, room = buffers(), _room(weights)
    for number in range(len(bounds) - 1):
        length = canonical(points, bounds[number], bounds[number + 1], letters.folded, buffer.text, buffer.origin)
        count = tokens(buffer.text, length, letters.kinds, buffer.tokens, buffer.token_ends)
        kept = read_ids(buffer.tokens, count, weights, room.ids)
        _network(room.ids[:kept], weights, room, scores[number])


@numba.njit(nogil=True, cache=True)
def _room(weights: Weights) -> _Room:
    units = len(WIDTHS) * FILTERS + len(weights.embedding_scales)
    return _Room(
        np.empty(HEAD + TAIL, np.int32), np.empty(FILTERS, np.int16),
        np.empty((len(WIDTHS), FILTERS), np.int16), np.empty(len(weights.embedding_scales), np.int32),
        np.empty(units, np.float32), np.empty(HIDDEN, np.float32),
    )  # fmt: skip


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
def _network(ids: NDArray[np.int32], weights: Weights, room: _Room, out: Floats) -> None:
    """The scores of one text: filters, their strongest answers, one hidden layer, the heads."""
    _convolve(ids, weights.projections, room.answers, room.strongest)
    for number in range(len(WIDTHS)):
        for one in range(FILTERS):
            unit = number * FILTERS + one
            answer = room.strongest[number, one] * weights.filter_scales[unit] + weights.filter_bias[unit]
            room.pooled[unit] = max(answer, np.float32(0))
    _mean(ids, weights, room.totals, room.pooled[len(WIDTHS) * FILTERS :])
    _hidden(room.pooled, weights, room.hidden)
    _heads(room.hidden, weights, out)


@numba.njit(nogil=True, cache=True)
def _convolve(ids: NDArray[np.int32], projections: NDArray[np.int8], answers: Shorts, strongest: Shorts) -> None:
    """The strongest answer of each filter anywhere in the text; beyond its end there is nothing."""
    strongest[:] = _NONE
    for place in range(len(ids)):
        first = 0
        for number in range(len(WIDTHS)):
            part = projections[ids[place], first]
            for one in range(FILTERS):
                answers[one] = part[one]
            for offset in range(1, min(WIDTHS[number], len(ids) - place)):
                part = projections[ids[place + offset], first + offset]
                for one in range(FILTERS):
                    answers[one] += part[one]
            best = strongest[number]
            for one in range(FILTERS):
                best[one] = max(best[one], answers[one])
            first += WIDTHS[number]


@numba.njit(nogil=True, cache=True)
def _mean(ids: NDArray[np.int32], weights: Weights, totals: NDArray[np.int32], out: Floats) -> None:
    totals[:] = 0
    for place in range(len(ids)):
        vector = weights.embeddings[ids[place]]
        for dimension in range(len(totals)):
            totals[dimension] += vector[dimension]
    share = 1 / np.sqrt(np.float32(len(ids) + 1))
    for dimension in range(len(totals)):
        out[dimension] = totals[dimension] * weights.embedding_scales[dimension] * share


@numba.njit(nogil=True, cache=True)
def _hidden(units: Floats, weights: Weights, out: Floats) -> None:
    """What the units say to the hidden ones, four units at a time: what was added up is read and written less often."""
    layer, even = weights.hidden, len(units) // 4 * 4
    for one in range(HIDDEN):  # copying by a slice would take three seconds to compile
        out[one] = weights.hidden_bias[one]
    for unit in range(0, even, 4):
        a, b, c, d = units[unit], units[unit + 1], units[unit + 2], units[unit + 3]
        for one in range(HIDDEN):
            out[one] += (a * layer[unit, one] + b * layer[unit + 1, one]) + (
                c * layer[unit + 2, one] + d * layer[unit + 3, one]
            )
    for unit in range(even, len(units)):
        for one in range(HIDDEN):
            out[one] += units[unit] * layer[unit, one]


@numba.njit(nogil=True, cache=True)
def _heads(units: Floats, weights: Weights, out: Floats) -> None:
    """What the hidden units say to the heads."""
    for one in range(len(out)):
        out[one] = weights.head_bias[one]
    for unit in range(HIDDEN):
        value = max(units[unit], np.float32(0))
        for one in range(len(out)):
            out[one] += value * weights.heads[unit, one]
