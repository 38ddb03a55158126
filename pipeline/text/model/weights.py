"""The weights of the text model: what a file of them holds, and the tables that scoring reads."""

from importlib.resources import files
from io import BytesIO
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

WIDTHS = (1, 2, 3, 4)  # tokens that a filter sees
FILTERS, HIDDEN = 128, 96  # of each width, and units: known when scoring is compiled, it is ten times as fast
KNOWN_FROM = 514  # ids of known tokens; 0 is nothing, 1 an empty text, the others are shared by unknown tokens
UNKNOWN_FROM, UNKNOWN = 2, 512
_WORD = 64  # bits of an element of ``marks``
_LOAD = 4  # slots of the token table per known token, at least

Floats = NDArray[np.float32]
Bytes = NDArray[np.int8]


class Weights(NamedTuple):
    """Everything that scoring reads. K heads, V token ids, F = FILTERS, E dimensions, H = HIDDEN."""

    marks: NDArray[np.uint64]  # a bit for each hash of an n-gram: whether it has a row; most have none
    before: NDArray[np.int32]  # rows before those of each element of ``marks``
    rows: Bytes  # [1 + R, K]; the first one is that of hashes without one, all 0
    row_scales: Floats  # [K]
    row_bias: Floats  # [K]
    slots: NDArray[np.uint64]  # hashes of known tokens, open addressing; 0 is free
    slot_ids: NDArray[np.int32]
    projections: Bytes  # [V, 10, F]: what a token adds to each filter of each width, at each place of it
    filter_scales: Floats  # [4 * F]
    filter_bias: Floats  # [4 * F]
    embeddings: Bytes  # [V, E]
    embedding_scales: Floats  # [E]
    hidden: Floats  # [4 * F + E, H]
    hidden_bias: Floats  # [H]
    heads: Floats  # [H, K]
    head_bias: Floats  # [K]
    blend: Floats  # [K]: how much the network counts against the n-grams, 0 to 1
    slope: Floats  # [K]: with ``offset``, from blended scores to calibrated ones
    offset: Floats  # [K]


def load(name: str) -> Weights:
    """The weights of the package called ``name``. Raises ``FileNotFoundError`` naming those there are."""
    folder = files("pipeline.text.model").joinpath("weights")
    path = folder.joinpath(f"{name}.npz")
    if not path.is_file():
        known = sorted(one.name.removesuffix(".npz") for one in folder.iterdir() if one.name.endswith(".npz"))
        raise FileNotFoundError(f"there are no weights called {name!r}; there are {', '.join(known)}")
    with np.load(BytesIO(path.read_bytes())) as stored:
        return unpacked(stored)


def unpacked(stored: Any) -> Weights:  # noqa: ANN401  # a mapping of arrays, or an npz file
    """Weights from the arrays of a file: only rows that say something are in it, and filters are not multiplied out."""
    marks, before = _marked(int(stored["row_count"]), np.cumsum(stored["row_gaps"], dtype=np.int64) - 1)
    slots, slot_ids = _slots(stored["tokens"])
    projections, filter_scales = _projected(stored)
    hidden = np.ascontiguousarray(stored["hidden"], np.float32)  # in the order it is read: else a third of the speed
    return Weights(
        marks, before, _after_nothing(stored["row_values"]), stored["row_scales"], stored["row_bias"], slots, slot_ids,
        projections, filter_scales, stored["filter_bias"], stored["embeddings"], stored["embedding_scales"], hidden,
        stored["hidden_bias"], stored["heads"], stored["head_bias"], stored["blend"], stored["slope"], stored["offset"],
    )  # fmt: skip


def _marked(count: int, speaking: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """The bits of the hashes that have rows, of ``count`` in all, and how many are before each 64 of them."""
    bits = np.zeros(count, np.uint8)
    bits[speaking] = 1
    marks = np.packbits(bits, bitorder="little").view("<u8").astype(np.uint64)
    totals = bits.reshape(-1, _WORD).sum(axis=1, dtype=np.int32)
    return marks, (1 + np.cumsum(totals) - totals).astype(np.int32)


def _after_nothing(rows: Bytes) -> Bytes:
    return np.ascontiguousarray(np.concatenate([np.zeros((1, rows.shape[1]), np.int8), rows]))


def _projected(stored: Any) -> tuple[Bytes, Floats]:  # noqa: ANN401  # as above
    """Every token's part in every filter, in 8 bits: a convolution over embeddings is a sum of such parts."""
    vectors = stored["embeddings"].astype(np.float32) * stored["embedding_scales"]
    filters = stored["filters"].astype(np.float32)  # [10, E, F]: width 1, both places of width 2, ...
    parts = [vectors @ place for place in filters]
    scales, ends = [], np.cumsum(WIDTHS)
    for width, end in zip(WIDTHS, ends, strict=True):
        largest = np.max([np.abs(part).max(0) for part in parts[end - width : end]], axis=0)
        scales += [np.maximum(largest, 1e-9) / 127] * width
    quantised = [np.rint(part / scale).astype(np.int8) for part, scale in zip(parts, scales, strict=True)]
    return np.stack(quantised, axis=1), np.concatenate([scales[end - 1] for end in ends]).astype(np.float32)


def _slots(tokens: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    size = 1 << int(np.ceil(np.log2(_LOAD * max(len(tokens), 1))))
    slots, ids = np.zeros(size, np.uint64), np.zeros(size, np.int32)
    _fill(tokens, slots, ids)
    return slots, ids


@numba.njit(cache=True)
def _fill(tokens: NDArray[np.uint64], slots: NDArray[np.uint64], ids: NDArray[np.int32]) -> None:
    mask = np.uint64(len(slots) - 1)
    for number in range(len(tokens)):
        slot = tokens[number] & mask
        while slots[slot] != 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot], ids[slot] = tokens[number], KNOWN_FROM + number


@numba.njit(nogil=True, cache=True, inline="always")
def token_id(token: np.uint64, slots: NDArray[np.uint64], ids: NDArray[np.int32]) -> int:
    """The id of a token; tokens that are not known share ids by their hash."""
    mask = np.uint64(len(slots) - 1)
    slot = token & mask
    while slots[slot] != 0:
        if slots[slot] == token:
            return int(ids[slot])
        slot = (slot + np.uint64(1)) & mask
    return UNKNOWN_FROM + int(token >> np.uint64(40)) % UNKNOWN


@numba.njit(nogil=True, cache=True, inline="always")
def row_number(hashed: np.uint64, marks: NDArray[np.uint64], before: NDArray[np.int32]) -> int:
    """The row of an n-gram; 0 if it has none."""
    slot = hashed & np.uint64(len(marks) * _WORD - 1)
    word, bit = marks[slot >> np.uint64(6)], np.uint64(1) << (slot & np.uint64(63))
    if not word & bit:
        return 0
    return int(before[slot >> np.uint64(6)]) + _ones(word & (bit - np.uint64(1)))


@numba.njit(nogil=True, cache=True, inline="always")
def _ones(word: np.uint64) -> int:
    """How many bits are 1, added up in parallel (Warren, Hacker's Delight, 2012, 5-1)."""
    pairs = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    fours = (pairs & np.uint64(0x3333333333333333)) + ((pairs >> np.uint64(2)) & np.uint64(0x3333333333333333))
    bytes_ = (fours + (fours >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((bytes_ * np.uint64(0x0101010101010101)) >> np.uint64(56))
