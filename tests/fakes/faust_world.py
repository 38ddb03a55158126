"""What a stage sees of Faust and Kafka, in memory, with every acknowledgement under the test's control."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple, NoReturn

from faust.types import TP

from pipeline.stage import Blocks, Output, Snapshot

IN, OUT, STATE = "in", "out", "state"


class GaveUp(BaseException):
    """The process would have ended here."""


class Record(NamedTuple):
    """A record of a log."""

    offset: int
    timestamp: int = 0
    key: bytes | None = None
    value: bytes | None = b""
    headers: tuple[tuple[str, bytes], ...] = ()


def records(offsets: Iterable[int]) -> list[Record]:
    """Records at these offsets."""
    return [Record(offset) for offset in offsets]


async def breathe() -> None:
    """Let everything that can go on go on."""
    for _ in range(20):
        await asyncio.sleep(0)


class Producer:
    """Keeps what was sent, and acknowledges at once or when told."""

    def __init__(self) -> None:
        self.sent: list[Output] = []
        self.waiting: list[asyncio.Future[None]] = []
        self.automatic = True
        self.gate = asyncio.Event()  # closed: nothing can be handed over
        self.gate.set()
        self.refusal: Exception | None = None

    async def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int,
        timestamp: None,
        headers: Iterable[tuple[str, bytes]] | None,
    ) -> Awaitable[None]:
        """Faust's signature."""
        assert timestamp is None
        await self.gate.wait()
        if self.refusal:
            raise self.refusal
        self.sent.append(Output(topic, partition, key, value, tuple(headers or ())))
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.automatic:
            future.set_result(None)
        else:
            self.waiting.append(future)
        return future

    async def acknowledge(self, count: int | None = None) -> None:
        """Acknowledge the oldest ``count`` records (all), and let what follows from it happen."""
        for _ in range(len(self.waiting) if count is None else count):
            self.waiting.pop(0).set_result(None)
        await breathe()

    def values(self, topic: str) -> list[bytes | None]:
        """What went to a topic, in order."""
        return [output.value for output in self.sent if output.topic == topic]

    def latest(self, partition: int) -> dict[str, bytes]:
        """The state topic's partition after compaction."""
        kept: dict[str, bytes] = {}
        for output in self.sent:
            if output.topic == STATE and output.partition == partition and output.key is not None:
                kept.pop(output.key.decode(), None)
                if output.value is not None:
                    kept[output.key.decode()] = output.value
        return kept


class Signal:
    """A Faust signal's connecting side."""

    def __init__(self) -> None:
        self.receivers: list[Callable[..., Awaitable[None]]] = []

    def connect(self, receiver: Callable[..., Awaitable[None]]) -> None:
        """Remember the receiver."""
        self.receivers.append(receiver)


class App:
    """A LaneApp's outside."""

    def __init__(self, assigned: Sequence[TP] = (TP(IN, 0),)) -> None:
        self.consumer_generation_id, self.should_stop = 1, False
        self.producer = Producer()
        self.on_partitions_revoked, self.on_rebalance_complete = Signal(), Signal()
        self.assigned, self.highwaters = list(assigned), dict[TP, int]()
        self.consumer = SimpleNamespace(assignment=lambda: set(self.assigned), highwater=self.highwaters.get)
        self.commits: list[tuple[TP, int]] = []

    def done(self, tp: TP, offset: int) -> None:
        """A commit."""
        self.commits.append((tp, offset))


class Ending:
    """A ``give_up`` that tells instead of ending the process."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def __call__(self, reason: str) -> NoReturn:
        """Note the reason, and let nothing after it run."""
        self.reasons.append(reason)
        raise GaveUp(reason)


class Tally:
    """A stage that counts even and odd offsets, tells totals at each flush, and notes every call."""

    def __init__(self, partition: int = 0) -> None:
        self.partition, self.next = partition, 0
        self.calls: list[str] = []
        self.counts = {"even": 0, "odd": 0}
        self.dirty: set[str] = set()
        self.told = 0
        self.failure: Exception | None = None

    def apply(self, records: Sequence[Any]) -> list[Output]:
        """One output a record."""
        self.calls.append("apply")
        if self.failure:
            raise self.failure
        for record in records:
            self.next = record.offset + 1
            block = "odd" if record.offset % 2 else "even"
            self.counts[block] += 1
            self.dirty.add(block)
        return [Output(OUT, self.partition, None, b"%d" % record.offset) for record in records]

    def flush(self) -> list[Output]:
        """The total, if it is news."""
        self.calls.append("flush")
        if self.told == self.next:
            return []
        self.told = self.next
        return [Output(OUT, self.partition, None, b"through %d" % self.next)]

    def snapshot(self) -> Snapshot:
        """The dirty counts, encoded when they are looked up."""
        self.calls.append("snapshot")
        dirty, self.dirty = sorted(self.dirty), set()
        return Snapshot(Blocks({block: partial(self._encoded, block) for block in dirty}), b"%d" % self.next)

    def _encoded(self, block: str) -> bytes:
        self.calls.append(block)
        return b"%d" % self.counts[block]

    def mark_all_dirty(self) -> None:
        """Both."""
        self.dirty = set(self.counts)

    def restore(self, blocks: Mapping[str, bytes], head: bytes) -> None:
        """Become what was snapshotted."""
        self.counts |= {block: int(value) for block, value in blocks.items()}
        self.next = self.told = int(head)
