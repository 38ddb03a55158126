"""Texts of a lesson as the model sees them, all at once: rows of their n-grams, and their tokens."""

from collections.abc import Sequence
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.text.model.canonical import LONGEST, Alphabet, alphabet, canonical, pack
from pipeline.text.model.features import PER_POINT, character_ngrams, tokens, word_ngrams

_ROOM = LONGEST + 2
_AT_ONCE = 5_000  # texts


class Read(NamedTuple):
    """Features of N texts. Those of text n are at ``bounds[n]`` to ``bounds[n + 1]``."""

    rows: NDArray[np.int32]
    row_bounds: NDArray[np.int64]
    tokens: NDArray[np.uint64]
    token_bounds: NDArray[np.int64]


def read(texts: Sequence[str], bits: int) -> Read:
    """What ``2**bits`` rows and the tokens know of the texts."""
    parts, letters = [], alphabet()
    for start in range(0, len(texts), _AT_ONCE):
        batch = pack(texts[start : start + _AT_ONCE])
        parts.append(Read(*_read(batch.points, batch.bounds, letters, np.uint64((1 << bits) - 1))))
    return Read(
        np.concatenate([part.rows for part in parts]), _joined([part.row_bounds for part in parts]),
        np.concatenate([part.tokens for part in parts]), _joined([part.token_bounds for part in parts]),
    )  # fmt: skip


def _joined(bounds: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The bounds of parts, each of which begins at 0, in one row."""
    counts = np.concatenate([np.diff(some) for some in bounds])
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])


@numba.njit(cache=True)
def _read(
    points: NDArray[np.uint32], bounds: NDArray[np.int64], letters: Alphabet, mask: np.uint64
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.uint64], NDArray[np.int64]]:
    count = len(bounds) - 1
    text, origin = np.empty(_ROOM, np.uint32), np.empty(_ROOM, np.int32)
    hashes, ends = np.empty(_ROOM * PER_POINT, np.uint64), np.empty(2 * _ROOM * PER_POINT, np.int32)
    found, spans = np.empty(_ROOM, np.uint64), np.empty(2 * _ROOM, np.int32)
    rows = np.empty((len(points) + 4 * count) * PER_POINT, np.int32)
    words = np.empty(len(points) + 4 * count, np.uint64)
    row_bounds, token_bounds = np.zeros(count + 1, np.int64), np.zeros(count + 1, np.int64)
    for number in range(count):
        length = canonical(points, bounds[number], bounds[number + 1], letters.folded, text, origin)
        end, known = row_bounds[number], tokens(text, length, letters.kinds, found, spans)
        made = character_ngrams(text, length, letters.kinds, hashes, ends)
        rows[end : end + made] = (hashes[:made] & mask).astype(np.int32)
        end += made
        made = word_ngrams(found, known, spans, text, letters.kinds, hashes, ends)
        rows[end : end + made] = (hashes[:made] & mask).astype(np.int32)
        row_bounds[number + 1] = end + made
        words[token_bounds[number] : token_bounds[number] + known] = found[:known]
        token_bounds[number + 1] = token_bounds[number] + known
    return rows[: row_bounds[count]].copy(), row_bounds, words[: token_bounds[count]].copy(), token_bounds
