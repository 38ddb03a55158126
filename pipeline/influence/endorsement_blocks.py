"""Endorsements in blocks, by the partition of their author: a record for each would cost more than all the rest."""

from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.influence.endorsing import Worth
from pipeline.stage import Output
from schemas.codec import encode
from schemas.endorsement import Endorsements
from schemas.topics import ENDORSEMENTS

ROWS = 1_000

_COLUMNS = Endorsements.__struct_fields__[1:]  # after ``source``


class Said(NamedTuple):
    """Columns of interactions that may endorse somebody: those of ``Endorsements`` before ``gaps``."""

    offsets: NDArray[np.int64]
    at: NDArray[np.int64]
    actors: NDArray[np.uint64]
    authors: Sequence[str]
    brands: Sequence[str]
    posts: NDArray[np.int64]


class EndorsementBlocks:
    """The endorsements of one interactions partition that have not left yet."""

    def __init__(self, source: int, partitions: int) -> None:
        self._source = source
        self._waiting: list[list[list[Any]]] = [[[] for _ in _COLUMNS] for _ in range(partitions)]

    def add(
        self, targets: NDArray[np.int64], said: Said, worth: Worth, roots: Sequence[str], kinds: Sequence[int]
    ) -> None:
        """Gather those that are worth something, each for its author's partition, which ``targets`` has."""
        kept = np.flatnonzero(worth.weight)
        order = kept[np.argsort(targets[kept], kind="stable")]
        if not len(order):
            return
        columns = [_taken(column, order) for column in (*said, *worth, roots, kinds)]
        bounds = np.searchsorted(targets[order], np.arange(len(self._waiting) + 1)).tolist()
        for waiting, (start, end) in zip(self._waiting, pairwise(bounds), strict=True):
            if start < end:
                for column, more in zip(waiting, columns, strict=True):
                    column.extend(more[start:end])

    def full(self) -> list[Output]:
        """The blocks that have no room left."""
        return [output for partition in range(len(self._waiting)) for output in self._cut(partition, ROWS)]

    def rest(self) -> list[Output]:
        """Everything gathered."""
        return [output for partition in range(len(self._waiting)) for output in self._cut(partition, 1)]

    def _cut(self, partition: int, least: int) -> list[Output]:
        """Blocks of at most ``ROWS`` rows while there are at least so many."""
        outputs, columns = [], self._waiting[partition]
        while len(columns[0]) >= least:
            block = Endorsements(
                source=self._source,
                **{name: tuple(column[:ROWS]) for name, column in zip(_COLUMNS, columns, strict=True)},
            )
            outputs.append(Output(ENDORSEMENTS.name, partition, b"%d" % self._source, encode(block)))
            columns = [column[ROWS:] for column in columns]
        self._waiting[partition] = columns
        return outputs


def _taken(column: Any, places: NDArray[np.int64]) -> Sequence[Any]:  # noqa: ANN401  # numbers in an array, or texts
    """The places of a column, as a list."""
    if isinstance(column, np.ndarray):
        return column[places].tolist()  # type: ignore[no-any-return]  # numpy leaves it open
    if len(places) == 1:
        return [column[places[0]]]
    return itemgetter(*places.tolist())(column)  # type: ignore[no-any-return]  # operator leaves it open
