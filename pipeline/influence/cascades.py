"""Reposts grouped by their root: bounded, the slowest forgotten; told at fixed ages, and when forecasts end."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from heapq import heapify, heappop, heappush
from math import exp2
from typing import NamedTuple
from zlib import crc32

import msgspec

from pipeline.influence.forecasting import HORIZON_S, LEAST, RUNGS, SPEED_S, forecast, speed
from schemas.cascade import Cascade

QUIET_S = 21_600  # a root that rests so long begins anew
MOST = 20_000  # cascades of one partition

_SHARDS = 64  # blocks of a checkpoint
_HOUR_S, _LONGEST_S = 3_600, 30 * 86_400
_SETTLED = len(RUNGS) + 1  # next rung of a cascade that nothing more will be told of


class Repost(NamedTuple):
    """One repost; ``at`` in s since 1970."""

    root: str
    author: str
    brand: str
    at: int


class Open(msgspec.Struct, array_like=True, gc=False):
    """A cascade as it is kept. ``recent`` is a sum that fades, as of ``touched``; ``rung`` is told next."""

    root: str
    author: str
    brand: str
    began: int
    last: int
    touched: int
    size: int = 0
    recent: float = 0.0
    rung: int = 0

    @property
    def due(self) -> int:
        """When it is to be looked at next, s."""
        if self.rung == _SETTLED:
            return self.last + QUIET_S
        return self.began + (RUNGS[self.rung].age_s if self.rung < len(RUNGS) else HORIZON_S)

    def left(self, at: int) -> float:
        """What is left of ``recent`` at a time."""
        return self.recent * exp2(-max(at - self.touched, 0) / SPEED_S)

    def add(self, at: int) -> None:
        """Count a repost; one that comes late has faded on its way."""
        self.recent = self.left(at) + exp2(-max(self.touched - at, 0) / SPEED_S)
        self.touched, self.last = max(self.touched, at), max(self.last, at)
        self.size += 1


class Head(msgspec.Struct):
    """What belongs to all blocks of a checkpoint."""

    clock: int = 0
    counted: dict[str, int] = msgspec.field(default_factory=lambda: dict.fromkeys(("begun", "stale", "forgotten"), 0))


class Cascades:
    """Cascades of the roots of one partition. Time is that of the latest repost."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._open: dict[str, Open] = {}
        self._waiting: list[tuple[int, str, int]] = []  # due, root, began
        self._dirty = set[int]()
        self.head = Head()

    @property
    def counted(self) -> Mapping[str, int]:
        """How many began, were too old (reposts) or were forgotten, and how many are open."""
        return {**self.head.counted, "open": len(self._open)}

    def add(self, reposts: Iterable[Repost]) -> Iterator[Cascade]:
        """Count reposts in their order; what there is to tell about cascades, as time passes."""
        for one in reposts:
            yield from self.advance(one.at)
            yield from self._count(one)

    def advance(self, at: int) -> Iterator[Cascade]:
        """Let time pass, until s since 1970; what there is to tell then. It never runs backwards."""
        if at > self.head.clock:
            self.head.clock = at
            yield from self._tell_due()

    def now(self) -> Iterator[Cascade]:
        """Every open cascade as of the latest repost, forecast or not."""
        for cascade in self._open.values():
            age = min(self.head.clock - cascade.began, HORIZON_S)
            yield _told(cascade, max(age, 1), self.head.clock, settled=cascade.rung == _SETTLED)

    def _count(self, one: Repost) -> Iterator[Cascade]:
        found = self._open.get(one.root)
        if one.at < (found.began - QUIET_S if found else self.head.clock - HORIZON_S):
            self.head.counted["stale"] += 1
            return
        if found and one.at > found.last + QUIET_S:
            if found.rung < _SETTLED:
                yield from self._settle(found)
            found = None
        if found is None:
            found = self._begin(one)
        found.add(one.at)
        found.brand = found.brand or one.brand
        self._dirty.add(_shard(one.root))

    def _begin(self, one: Repost) -> Open:
        if len(self._open) >= self._most and one.root not in self._open:
            self._forget()
        begun = self._open[one.root] = Open(one.root, one.author, one.brand, one.at, one.at, one.at)
        self.head.counted["begun"] += 1
        heappush(self._waiting, (begun.due, begun.root, begun.began))
        return begun

    def _tell_due(self) -> Iterator[Cascade]:
        while self._waiting and self._waiting[0][0] < self.head.clock:
            due, root, began = heappop(self._waiting)
            found = self._open.get(root)
            if found is None or found.began != began:
                continue  # it began anew, and waits by another entry
            self._dirty.add(_shard(root))
            if found.rung == _SETTLED and found.due == due:
                del self._open[root]
                continue
            if found.rung < len(RUNGS):
                yield from self._forecast(found)
            elif found.rung < _SETTLED:
                yield from self._settle(found)
            heappush(self._waiting, (found.due, root, began))

    def _forecast(self, cascade: Open) -> Iterator[Cascade]:
        rung = RUNGS[cascade.rung]
        cascade.rung += 1
        if cascade.size >= LEAST:
            told = _told(cascade, rung.age_s, cascade.began + rung.age_s)
            said = forecast(rung, told.size, told.speed_per_h / _HOUR_S)
            yield msgspec.structs.replace(
                told,
                growing=said.growing,
                expected=None if said.growing else said.expected,
                low=said.low,
                high=None if said.growing else said.high,
                by_ratio=said.by_ratio,
            )

    def _settle(self, cascade: Open) -> Iterator[Cascade]:
        """The last word, of a cascade that a forecast may have been told of."""
        cascade.rung = _SETTLED
        if cascade.size >= LEAST:
            yield _told(cascade, HORIZON_S, cascade.began + HORIZON_S, settled=True)

    def _forget(self) -> None:
        """Forget the quarter that is reposted least at present."""
        clock = self.head.clock
        order = sorted(self._open.values(), key=lambda one: (one.left(clock), one.root))
        gone = order[: max(len(order) // 4, 1)]
        for one in gone:
            del self._open[one.root]
            self._dirty.add(_shard(one.root))
        self.head.counted["forgotten"] += len(gone)
        self._wait()

    def _wait(self) -> None:
        self._waiting = [(one.due, one.root, one.began) for one in self._open.values()]
        heapify(self._waiting)

    def snapshot(self) -> Mapping[str, Callable[[], bytes]]:
        """Encoders of the blocks that have changed."""
        shards: dict[int, list[Open]] = {shard: [] for shard in sorted(self._dirty)}
        for root, one in self._open.items():
            if (shard := _shard(root)) in shards:
                shards[shard].append(one)
        self._dirty.clear()
        return {f"cascades-{shard}": partial(_encoded, held) for shard, held in shards.items()}

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold every block."""
        self._dirty.update(range(_SHARDS))

    def restore(self, blocks: Mapping[str, bytes], head: Head) -> None:
        """Become what was in the blocks."""
        self.head = head
        for shard in range(_SHARDS):
            held = msgspec.json.decode(blocks.get(f"cascades-{shard}", b"[]"), type=list[Open])
            self._open.update((one.root, one) for one in held)
        self._wait()


def _shard(root: str) -> int:
    return crc32(root.encode()) % _SHARDS


def _encoded(held: Sequence[Open]) -> bytes:
    return msgspec.json.encode(sorted(held, key=lambda one: one.root))


def _told(cascade: Open, age_s: int, at: int, *, settled: bool = False) -> Cascade:
    speed_s = speed(cascade.left(at), age_s)
    doubling_s = int(min(cascade.size / max(speed_s, 1e-9), _LONGEST_S + 1))
    return Cascade(
        root=cascade.root, author_key=cascade.author, brand=cascade.brand, began=cascade.began * 1_000, age_s=age_s,
        settled=settled, size=cascade.size, speed_per_h=speed_s * _HOUR_S,
        doubling_s=doubling_s if doubling_s <= _LONGEST_S else None,
    )  # fmt: skip
