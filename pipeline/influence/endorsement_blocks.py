"""Endorsements in blocks, by the partition of their author: a record for each would cost more than all the rest."""

from collections.abc import Iterable, Sequence

from pipeline.stage import Output
from schemas.codec import encode
from schemas.endorsement import Endorsements
from schemas.topics import ENDORSEMENTS

ROWS = 1_000


Row = tuple[int, int, int, str, str, int, int, float, float, str]  # the columns of Endorsements after ``source``
_WEIGHT = 7


class EndorsementBlocks:
    """The endorsements of one interactions partition that have not left yet."""

    def __init__(self, source: int, partitions: int) -> None:
        self._source = source
        self._rows: list[list[Row]] = [[] for _ in range(partitions)]

    def add(self, partitions: Iterable[int], rows: Iterable[Row]) -> None:
        """Gather those that are worth something, each for its author's partition."""
        for partition, row in zip(partitions, rows, strict=True):
            if row[_WEIGHT]:
                self._rows[partition].append(row)

    def full(self) -> list[Output]:
        """The blocks that have no room left."""
        return [output for partition in range(len(self._rows)) for output in self._cut(partition, ROWS)]

    def rest(self) -> list[Output]:
        """Everything gathered."""
        return [output for partition in range(len(self._rows)) for output in self._cut(partition, 1)]

    def _cut(self, partition: int, least: int) -> list[Output]:
        """Blocks of at most ``ROWS`` rows while there are at least so many."""
        outputs, rows = [], self._rows[partition]
        while len(rows) >= least:
            outputs.append(self._block(partition, rows[:ROWS]))
            rows = rows[ROWS:]
        self._rows[partition] = rows
        return outputs

    def _block(self, partition: int, rows: Sequence[Row]) -> Output:
        offsets, at, actors, authors, brands, posts, gaps, weights, trusts, roots = zip(*rows, strict=True)
        block = Endorsements(
            source=self._source, offsets=offsets, at=at, actors=actors, authors=authors, brands=brands, posts=posts,
            gaps=gaps, weights=weights, trusts=trusts, roots=roots,
        )  # fmt: skip
        return Output(ENDORSEMENTS.name, partition, b"%d" % self._source, encode(block))
