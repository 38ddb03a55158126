"""Checkpoint protocols without a broker: crashes, owners that do not know they were replaced, and compaction.

The state is six counters in blocks, and a head (the highest value seen) which decides how a record counts, as the
watermark does. A worker is a generator that yields before every write; ``run`` picks who moves, who dies, who takes
over, and when the topic is compacted.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Protocol

BLOCKS, RECORDS = 6, 60
LATE = 40  # a value so far below the head counts a thousandfold, so that a wrong head shows
BATCH = 8

Worker = Iterator[None]


@dataclass
class State:
    """A fold of the log up to ``offset``."""

    blocks: list[int] = field(default_factory=lambda: [0] * BLOCKS)
    head: int = 0
    offset: int = 0

    def fold(self, value: int) -> int:
        """Take one record in; which block it changed."""
        block = value % BLOCKS
        self.blocks[block] += 1 if value >= self.head - LATE else 1_000
        self.head = max(self.head, value)
        self.offset += 1
        return block


@dataclass
class Broker:
    """What survives a crash: the state topic, the highest output of every block, the committed offset."""

    topic: list[tuple[Any, Any]] = field(default_factory=list)
    emitted: dict[int, tuple[int, int]] = field(default_factory=dict)  # block: offset, count
    committed: int = 0
    workers: int = 0

    def latest(self) -> dict[Any, Any]:
        """The last value of every key; keys whose last value is a tombstone are gone."""
        return {key: value for key, value in dict(self.topic).items() if value is not None}

    def compact(self) -> None:
        """Keep only the last value of every key."""
        self.topic = list(self.latest().items())

    def emit(self, block: int, offset: int, count: int) -> None:
        """An output: the reader keeps that with the highest offset."""
        self.emitted[block] = max(self.emitted.get(block, (0, 0)), (offset, count))

    def emits(self, state: State) -> bool:
        """Whether the reader knows every count of ``state``."""
        return [self.emitted.get(block, (0, 0))[1] for block in range(BLOCKS)] == state.blocks


class Checkpoints(Protocol):
    """One way to checkpoint."""

    def work(self, broker: Broker, log: list[int], rng: Random) -> Worker:
        """Restore, then fold the rest of the log, yielding before every write."""

    def restore(self, broker: Broker) -> State:
        """What a new owner starts from."""


def batch(state: State, log: list[int], rng: Random, fold: Callable[[int], int]) -> set[int]:
    """Fold a few records; the blocks they changed."""
    upto = state.offset + rng.randrange(1, BATCH)
    return {fold(value) for value in log[state.offset : upto]}


class Manifests:
    """Ours: outputs, immutable block versions, manifest last; input resumes where the manifest says."""

    def __init__(self, order: tuple[str, ...] = ("outputs", "blocks", "manifest")) -> None:
        self._order = order

    def _found(self, broker: Broker) -> tuple[State, dict[int, str]]:
        latest = broker.latest()
        manifests = [value for key, value in latest.items() if key.startswith("manifest")]
        complete = [manifest for manifest in manifests if all(key in latest for key in manifest[1].values())]
        if manifests and not complete:
            raise LookupError("no complete manifest")
        if not complete:
            return State(), {}
        offset, versions, head = max(complete, key=lambda manifest: manifest[0])
        blocks = [latest[versions[block]] if block in versions else 0 for block in range(BLOCKS)]
        return State(blocks, head, offset), dict(versions)

    def restore(self, broker: Broker) -> State:
        """The complete manifest with the highest offset."""
        return self._found(broker)[0]

    def work(self, broker: Broker, log: list[int], rng: Random) -> Worker:
        """Write in the order given, then tombstone what was replaced."""
        broker.workers += 1
        writer = broker.workers
        state, versions = self._found(broker)
        yield
        while state.offset < len(log):
            dirty = batch(state, log, rng, state.fold)
            new = versions | {block: f"{block}/{writer}.{state.offset}" for block in dirty}
            for kind in self._order:
                if kind == "manifest":
                    yield
                    broker.topic.append((f"manifest/{writer}", (state.offset, new, state.head)))
                else:
                    yield from self._write(kind, broker, state, {block: new[block] for block in dirty})
            for replaced in [versions[block] for block in dirty if block in versions]:
                yield
                broker.topic.append((replaced, None))
            versions = new

    def _write(self, kind: str, broker: Broker, state: State, versions: dict[int, str]) -> Worker:
        for block, version in versions.items():
            yield
            if kind == "outputs":
                broker.emit(block, state.offset, state.blocks[block])
            else:
                broker.topic.append((version, state.blocks[block]))


class AppliedOffsets:
    """The obvious way: each block in place with the offset it has reached, then commit; a replay skips what it has."""

    def __init__(self, order: tuple[str, ...]) -> None:
        self._order = order

    def restore(self, broker: Broker) -> State:
        """The last value of every block."""
        latest = broker.latest()
        blocks = [latest.get(block, (0, 0))[1] for block in range(BLOCKS)]
        return State(blocks, latest.get("head", (0, 0))[1], broker.committed)

    def work(self, broker: Broker, log: list[int], rng: Random) -> Worker:
        """Write in the order given, then commit."""
        state, latest = self.restore(broker), broker.latest()
        applied = [latest.get(block, (0, 0))[0] for block in range(BLOCKS)]
        yield

        def fold(value: int) -> int:
            block = value % BLOCKS
            if state.offset < applied[block]:
                state.offset, state.head = state.offset + 1, max(state.head, value)
                return block
            applied[block] = state.offset + 1
            return state.fold(value)

        while state.offset < len(log):
            before = list(applied)
            changed = [block for block in batch(state, log, rng, fold) if applied[block] != before[block]]
            at = replace(state, blocks=list(state.blocks))
            for kind in self._order:
                yield from self._write(kind, broker, at, {block: applied[block] for block in changed})
            yield
            broker.committed = max(broker.committed, at.offset)

    def _write(self, kind: str, broker: Broker, state: State, applied: dict[int, int]) -> Worker:
        for block, offset in applied.items():
            yield
            if kind == "outputs":
                broker.emit(block, state.offset, state.blocks[block])
            else:
                broker.topic.append((block, (offset, state.blocks[block])))
        if kind == "blocks":
            yield
            broker.topic.append(("head", (state.offset, state.head)))


def is_exact(protocol: Checkpoints, seed: int, *, zombies: bool) -> bool:
    """Whether one random schedule ends with outputs and state that equal a plain fold of the log."""
    rng = Random(seed)
    log = [rng.randrange(100) + number for number in range(RECORDS)]
    right = State()
    for value in log:
        right.fold(value)
    broker = Broker()
    try:
        _schedule(protocol, broker, log, rng, zombies)
        for _ in protocol.work(broker, log, rng):
            pass
        return broker.emits(right) and protocol.restore(broker).blocks == right.blocks
    except LookupError:
        return False


def _schedule(protocol: Checkpoints, broker: Broker, log: list[int], rng: Random, zombies: bool) -> None:
    """Until the owners have read everything: somebody moves; at times one dies, is replaced, or is only paused."""
    workers = [protocol.work(broker, log, rng)]
    while workers:
        if rng.random() < 0.03 and len(workers) < 4:
            fresh = protocol.work(broker, log, rng)
            next(fresh)
            workers = [*workers, fresh] if zombies else [fresh]
        elif zombies and len(workers) > 1 and rng.random() < 0.05:
            workers.pop(rng.randrange(len(workers) - 1))
        if zombies and rng.random() < 0.05:
            broker.compact()
        moving = workers[-1] if rng.random() < 0.7 else rng.choice(workers)
        if next(moving, "done") == "done":
            workers.remove(moving)
