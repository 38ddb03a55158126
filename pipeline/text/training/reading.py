"""Texts of a lesson as the model sees them, all at once: rows of their n-grams, and their tokens."""

from collections.abc import Sequence
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.text.model.canonical import Alphabet, alphabet, canonical, pack
from pipeline.text.model.features import PER_POINT, buffers, character_ngrams, tokens, word_ngrams

_AT_ONCE = 5_000  # texts


class Read(NamedTuple):
    """Features of N texts. Those of text n are at ``bounds[n]`` to ``bounds[n + 1]``."""

    rows: NDArray[np.int32]
    row_bounds: NDArray[np.int64]
    sizes: NDArray[np.int64]  # n-grams of each text: more than its rows where rows were left out
    tokens: NDArray[np.uint64]
    token_bounds: NDArray[np.int64]


def read(texts: Sequence[str], bits: int) -> Read:
    """What ``2**bits`` rows and the tokens know of the texts."""
    parts, letters = [], alphabet()
    for start in range(0, len(texts), _AT_ONCE):
        batch = pack(texts[start : start + _AT_ONCE])
        parts.append(_read(batch.points, batch.bounds, letters, np.uint64((1 << bits) - 1)))
    rows, row_bounds, words, word_bounds = zip(*parts, strict=True)
    joined = _joined(row_bounds)
    return Read(np.concatenate(rows), joined, np.diff(joined), np.concatenate(words), _joined(word_bounds))


@numba.njit(cache=True)
def texts_with(rows: NDArray[np.int32], bounds: NDArray[np.int64], count: int) -> NDArray[np.int32]:
    """In how many texts each of ``count`` rows occurs."""
    texts, last = np.zeros(count, np.int32), np.full(count, -1, np.int32)
    for number in range(len(bounds) - 1):
        for row in rows[bounds[number] : bounds[number + 1]]:
            if last[row] != number:
                last[row] = number
                texts[row] += 1
    return texts


def _joined(bounds: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The bounds of parts, each of which begins at 0, in one row."""
    counts = np.concatenate([np.diff(some) for some in bounds])
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])


@numba.njit(cache=True)
def _read(
    points: NDArray[np.uint32], bounds: NDArray[np.int64], letters: Alphabet, mask: np.uint64
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.uint64], NDArray[np.int64]]:
    count = len(bounds) - 1
    buffer = buffers()
    text, hashes, ends, found, spans = buffer.text, buffer.hashes, buffer.ends, buffer.tokens, buffer.token_ends
    rows = np.empty((len(points) + 4 * count) * PER_POINT, np.int32)
    words = np.empty(len(points) + 4 * count, np.uint64)
    row_bounds, token_bounds = np.zeros(count + 1, np.int64), np.zeros(count + 1, np.int64)
    for number in range(count):
        length = canonical(points, bounds[number], bounds[number + 1], letters.folded, text, buffer.origin)
        end, known = row_bounds[number], tokens(text, length, letters.kinds, found, spans)
        made = character_ngrams(text, length, letters.kinds, hashes, ends)
        end = _copy(hashes, made, mask, rows, end)
        made = word_ngrams(found, known, spans, text, letters.kinds, hashes, ends)
        row_bounds[number + 1] = _copy(hashes, made, mask, rows, end)
        for place in range(known):
            words[token_bounds[number] + place] = found[place]
        token_bounds[number + 1] = token_bounds[number] + known
    return rows[: row_bounds[count]].copy(), row_bounds, words[: token_bounds[count]].copy(), token_bounds


@numba.njit(cache=True)
def _copy(hashes: NDArray[np.uint64], count: int, mask: np.uint64, rows: NDArray[np.int32], start: int) -> int:
    """Append the rows of hashes; where they end."""
    for place in range(count):
        rows[start + place] = np.int32(hashes[place] & mask)
    return start + count
