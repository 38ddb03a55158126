"""The whole topology without a broker: the same stages over in-memory logs, for ``tocsin replay`` and tests."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from pipeline.feed import Send
from pipeline.hearing import Ear
from pipeline.listen import Listen, Partitions
from pipeline.stage import Output
from pipeline.watch import Watch
from pipeline.watchlist import WatchList
from schemas.topics import BRAND_LOG

BATCH = 1_000


class LogRecord(NamedTuple):
    """A record of an in-memory log."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Topology:
    """All partitions of listen and watch. ``appended_at`` (ms) is the append time of every record: now, in a replay."""

    def __init__(self, partitions: Partitions, watchlist: WatchList, ear: Ear, appended_at: int) -> None:
        self._at = appended_at
        self._ends = [0] * partitions.posts
        self._log_ends = [0] * partitions.brand
        self._listens = [Listen(number, partitions, watchlist.rules, ear) for number in range(partitions.posts)]
        self._watches = [Watch(number, watchlist) for number in range(partitions.brand)]

    def run(self, sends: Iterable[Send], batch: int = BATCH) -> Iterator[Output]:
        """Every record that every stage produces, in the order of causes. ``batch`` sets how much is read at once."""
        left = iter(sends)
        while chunk := list(islice(left, batch)):
            by_partition: dict[int, list[LogRecord]] = {}
            for send in chunk:
                record = LogRecord(self._ends[send.partition], self._at, send.key, send.value)
                self._ends[send.partition] += 1
                by_partition.setdefault(send.partition, []).append(record)
            for number, records in sorted(by_partition.items()):
                listen = self._listens[number]
                yield from self._follow([*listen.apply(records), *listen.flush()])

    def _follow(self, outputs: Iterable[Output]) -> Iterator[Output]:
        """Outputs, and what watch makes of those that are on its log."""
        for output in outputs:
            yield output
            if output.topic == BRAND_LOG.name:
                record = LogRecord(self._log_ends[output.partition], self._at, output.key, output.value)
                self._log_ends[output.partition] += 1
                yield from self._watches[output.partition].apply([record])
