"""Workload W as two Tocsin stages: windows of brands over posts, decayed scores of authors over interactions."""

import math
from array import array
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from pipeline.stage import Blocks, Input, Output, Snapshot
from tests.bench.peers.fold import DECAY_MS, WINDOW_MS, decayed, score, written

ROWS = 4_096  # authors of one block of a checkpoint


class Post(msgspec.Struct, gc=False):
    """The fields of a post that count."""

    brand: str
    text: str
    ts: int


class Interaction(msgspec.Struct, gc=False):
    """The fields of an interaction that count."""

    author: str
    ts: int
    w: float


class Names(msgspec.Struct):
    """The authors of one block, in the order of its rows."""

    names: list[str]
    scores: bytes
    times: bytes


_post = msgspec.json.Decoder(Post).decode
_interaction = msgspec.json.Decoder(Interaction).decode


class Windows:
    """The open window of every brand of one posts partition."""

    def __init__(self, topic: str, partition: int) -> None:
        self.partition, self.next = partition, 0
        self._topic, self._open, self._dirty = topic, dict[str, list[Any]](), False

    def apply(self, records: Sequence[Input]) -> list[Output]:
        """Count posts; the windows they close."""
        outputs, held = list[Output](), self._open
        for record in records:
            post = _post(record.value)
            total, brand, minute = score(post.text), post.brand, post.ts // WINDOW_MS
            window = held.get(brand)
            if window is None or window[0] < minute:
                if window is not None:
                    outputs.append(Output(self._topic, 0, None, written(brand, *window)))
                window = held[brand] = [minute, 0, 0.0, 0]
            window[1] += 1
            window[2] += total
            if total < 0:
                window[3] += 1
        self.next, self._dirty = records[-1].offset + 1, True
        return outputs

    def flush(self) -> list[Output]:
        """Nothing: a window leaves when it is over."""
        return []

    def snapshot(self) -> Snapshot:
        """All open windows: they are few."""
        blocks = {"open": lambda: msgspec.msgpack.encode(self._open)} if self._dirty else {}
        self._dirty = False
        return Snapshot(Blocks(blocks), b"%d" % self.next)

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold every block."""
        self._dirty = True

    def restore(self, blocks: Mapping[str, bytes], head: bytes) -> None:
        """Become what was snapshotted."""
        self.next = int(head)
        self._open = msgspec.msgpack.decode(blocks["open"])


class Scores:
    """Score and time of every author of one interactions partition, in arrays that are written block by block."""

    def __init__(self, partition: int) -> None:
        self.partition, self.next = partition, 0
        self._rows, self._names = dict[str, int](), list[str]()
        self._scores, self._times, self._dirty = array("d"), array("q"), set[int]()

    @property
    def authors(self) -> int:
        """How many there are."""
        return len(self._names)

    def total(self, now: int) -> float:
        """All scores together as of a time, ms."""
        return sum(decayed(value, at, now) for value, at in zip(self._scores, self._times, strict=True))

    def apply(self, records: Sequence[Input]) -> list[Output]:
        """Count interactions."""
        rows, scores, times, dirty, exp = self._rows, self._scores, self._times, self._dirty, math.exp
        for record in records:
            one = _interaction(record.value)
            row = rows.get(one.author)
            if row is None:
                row = rows[one.author] = len(self._names)
                self._names.append(one.author)
                scores.append(one.w)
                times.append(one.ts)
            else:
                scores[row] = scores[row] * exp((times[row] - one.ts) / DECAY_MS) + one.w
                times[row] = one.ts
            dirty.add(row // ROWS)
        self.next = records[-1].offset + 1
        return []

    def flush(self) -> list[Output]:
        """Nothing: scores are read from the state."""
        return []

    def snapshot(self) -> Snapshot:
        """The blocks that changed."""
        dirty, self._dirty = sorted(self._dirty), set()
        return Snapshot(Blocks({str(block): partial(self._encoded, block) for block in dirty}), b"%d" % self.next)

    def _encoded(self, block: int) -> bytes:
        rows = slice(block * ROWS, (block + 1) * ROWS)
        return msgspec.msgpack.encode(
            Names(self._names[rows], self._scores[rows].tobytes(), self._times[rows].tobytes())
        )

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold every block."""
        self._dirty = set(range((len(self._names) + ROWS - 1) // ROWS))

    def restore(self, blocks: Mapping[str, bytes], head: bytes) -> None:
        """Become what was snapshotted."""
        self.next = int(head)
        for _, block in sorted((int(name), block) for name, block in blocks.items()):
            stored = msgspec.msgpack.decode(block, type=Names)
            self._names += stored.names
            self._scores.frombytes(stored.scores)
            self._times.frombytes(stored.times)
        self._rows = {name: row for row, name in enumerate(self._names)}
