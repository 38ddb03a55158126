"""A stage: a pure fold over batches of one partition of one topic. The same object runs in Faust, replay and tests."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol


class Input(Protocol):
    """One record of the log, as aiokafka's ConsumerRecord spells it."""

    @property
    def offset(self) -> int:
        """Position in the partition."""

    @property
    def timestamp(self) -> int:
        """Broker's append time, ms since 1970."""

    @property
    def key(self) -> bytes | None:
        """Kafka key."""

    @property
    def value(self) -> bytes | None:
        """Undecoded value; None is a tombstone."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """Kafka headers."""


class Output(NamedTuple):
    """One record to produce."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Blocks(Mapping[str, bytes]):
    """Blocks that are encoded when they are looked up, so that a large state can be written with breaths between.

    The state must not change until the last one has been looked up.
    """

    def __init__(self, encoders: Mapping[str, Callable[[], bytes]]) -> None:
        self._encoders = encoders

    def __getitem__(self, name: str) -> bytes:
        return self._encoders[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._encoders)

    def __len__(self) -> int:
        return len(self._encoders)

    def __or__(self, other: "Blocks") -> "Blocks":
        return Blocks({**self._encoders, **other._encoders})


class Snapshot(NamedTuple):
    """State at one offset: the blocks changed since the last snapshot, and the head that belongs to all of them."""

    blocks: Mapping[str, bytes]
    head: bytes


class Stage(Protocol):
    """State of one input partition.

    Everything is a function of the records applied: where batches are cut never shows in the outputs' content, and no
    method reads a clock. ``snapshot`` is called right after ``flush``, before any other record.
    """

    next: int  # offset of the record wanted next

    def apply(self, records: Sequence[Input]) -> list[Output]:
        """Fold consecutive records in; return what must be produced now."""

    def flush(self) -> list[Output]:
        """Totals so far that nobody has been told yet."""

    def snapshot(self) -> Snapshot:
        """What changed since the last snapshot; blocks may be encoded as they are looked up, see ``Blocks``."""

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold every block, for brokers that keep little of a log."""

    def restore(self, blocks: Mapping[str, bytes], head: bytes) -> None:
        """Become the state that was snapshotted."""


class Poisoned(Exception):  # noqa: N818  # a condition of the log, named as what it is
    """Most of a partition is unreadable: stop rather than drain the topic into its dead letters."""
