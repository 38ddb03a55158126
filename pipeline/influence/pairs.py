"""When an actor last endorsed an author: in bounded memory, forgetting the oldest of the few that share a place."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.influence.formula import NEVER

Words = NDArray[np.uint32]

_WAYS = 4
_ODD = np.uint64(0xD6E8FEB86659FD93)  # multiplier of a mixing step
_BLOCK_SHIFT = 13  # 8,192 entries are one block of a checkpoint
_BLOCK = 1 << _BLOCK_SHIFT


@numba.njit(nogil=True, cache=True)
def since_last(tags: Words, times: Words, dirty: NDArray[np.uint8], pair: int, at: int) -> int:
    """Seconds since the pair was last seen, 0 if that is later than ``at``, ``NEVER`` if it is not known; notes it now.

    A different pair is taken for this one with odds of one in a billion.
    """
    mixed = np.uint64(pair)
    mixed = (mixed ^ (mixed >> np.uint64(32))) * _ODD
    mixed = (mixed ^ (mixed >> np.uint64(32))) * _ODD
    mixed ^= mixed >> np.uint64(32)
    tag = np.uint32(mixed >> np.uint64(32)) | np.uint32(1)
    first = int(mixed & np.uint64(len(tags) // _WAYS - 1)) * _WAYS
    oldest = first
    for entry in range(first, first + _WAYS):
        if tags[entry] == tag:
            gap = np.int64(at) - np.int64(times[entry])
            dirty[entry >> _BLOCK_SHIFT] = 1
            if gap > 0:
                times[entry] = at
            return max(gap, 0)  # type: ignore[return-value]  # an integer of numpy
        if times[entry] < times[oldest]:
            oldest = entry
    tags[oldest], times[oldest] = tag, at
    dirty[oldest >> _BLOCK_SHIFT] = 1
    return NEVER


class Pairs:
    """The last ``entries`` pairs, about; a power of two. 8 bytes each."""

    def __init__(self, entries: int) -> None:
        self.tags, self.times = np.zeros(entries, np.uint32), np.zeros(entries, np.uint32)
        self.dirty = np.zeros(-(-entries // _BLOCK), np.uint8)

    @property
    def nbytes(self) -> int:
        """Memory."""
        return self.tags.nbytes + self.times.nbytes

    def blocks(self, name: str) -> Iterator[tuple[str, Callable[[], bytes]]]:
        """Encoders of the blocks that changed since they were last asked for."""
        for number in np.flatnonzero(self.dirty):
            yield f"{name}-{number}", partial(self._encoded, int(number))
        self.dirty[:] = 0

    def _encoded(self, number: int) -> bytes:
        part = slice(number * _BLOCK, (number + 1) * _BLOCK)
        return self.tags[part].tobytes() + self.times[part].tobytes()

    def restore(self, name: str, blocks: Mapping[str, bytes]) -> None:
        """Become what was in the blocks; those that are not there never changed."""
        for number in range(len(self.dirty)):
            if stored := blocks.get(f"{name}-{number}"):
                tags, times = np.frombuffer(stored, np.uint32).reshape(2, -1)
                part = slice(number * _BLOCK, number * _BLOCK + len(tags))
                self.tags[part], self.times[part] = tags, times
        self.dirty[:] = 0
