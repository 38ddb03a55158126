"""Batches of one partition that come soon after each other, acted on together: many rows cost little more than few."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from aiokafka.structs import ConsumerRecord
from faust.types import TP

from agents.sink import Act

APART_S = 1.0  # between two actions on a partition
HELD = 32  # batches that wait for theirs, of all partitions
BYTES = 8_000_000  # of values, from which on a group waits no longer


@dataclass(slots=True)
class Group:
    """Consecutive batches that wait for their turn."""

    records: list[ConsumerRecord] = field(default_factory=list)
    size: int = 0
    full: asyncio.Event = field(default_factory=asyncio.Event)


class Gathering:
    """An action that begins at once where nothing came for ``apart`` seconds, and otherwise once in so many seconds.

    A single alert is therefore stored immediately and a flood of signals in few large inserts: with 300 rows in an
    insert three quarters of its cost were the insert itself. There is one action at a time, so that what is down is
    asked by one. A batch is done when the action on its group has returned; what that raises reaches all of them.
    """

    def __init__(
        self,
        act: Act,
        apart: float = APART_S,
        *,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[Awaitable[object], float], Awaitable[object]] = asyncio.wait_for,
    ) -> None:
        self._act, self._apart, self._clock, self._wait = act, apart, clock, wait
        self._open: dict[TP, tuple[Group, asyncio.Task[None]]] = {}  # groups that still take batches
        self._last: dict[TP, float] = {}  # when the last action began
        self._turn = asyncio.Lock()

    async def __call__(self, tp: TP, records: Sequence[ConsumerRecord]) -> None:
        """Act on a batch, together with those before and after it; returns when that is done."""
        if tp not in self._open:
            group = Group()
            self._open[tp] = group, asyncio.create_task(self._lead(tp, group))
        group, led = self._open[tp]
        group.records += records
        group.size += sum(len(record.value or b"") for record in records)
        if group.size >= BYTES:
            group.full.set()
        await asyncio.shield(led)

    async def _lead(self, tp: TP, group: Group) -> None:
        """Take what has come by the time it is this group's turn, and act."""
        rest = self._last.get(tp, float("-inf")) + self._apart - self._clock()
        if rest > 0:
            with suppress(TimeoutError):
                await self._wait(group.full.wait(), rest)
        async with self._turn:
            del self._open[tp]
            self._last[tp] = self._clock()
            await self._act(tp, group.records)
