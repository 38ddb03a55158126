"""Signals in blocks: one Kafka record holds many rows, because a record per post would cost more than the rest."""

from pipeline.stage import Output
from schemas.codec import encode
from schemas.signal import Signal
from schemas.topics import SIGNALS

ROWS = 800
BYTES = 400_000  # one row more may be as long again and still fits Kafka's default of 1 MB


class SignalBlocks:
    """The signals of one posts partition that have not left yet."""

    __slots__ = ("_partition", "_rows", "_size")

    def __init__(self, partition: int) -> None:
        self._partition, self._size = partition, 0
        self._rows: list[list[bytes]] = [[]]

    def add(self, signal: Signal) -> None:
        """Gather one row."""
        row = encode(signal)
        if self._size + len(row) > BYTES or len(self._rows[-1]) >= ROWS:
            self._rows.append([])
            self._size = 0
        self._rows[-1].append(row)
        self._size += len(row)

    def full(self) -> list[Output]:
        """The blocks that have no room left."""
        *full, last = self._rows
        self._rows = [last]
        return [self._block(rows) for rows in full]

    def rest(self) -> list[Output]:
        """Everything gathered."""
        rows, self._rows, self._size = self._rows, [[]], 0
        return [self._block(block) for block in rows if block]

    def _block(self, rows: list[bytes]) -> Output:
        return Output(SIGNALS.name, self._partition, None, b"\n".join(rows))
