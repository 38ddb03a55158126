"""A sink: a stage without state that acts on the world (ClickHouse, pagers) and commits only after it has acted."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import structlog
from aiokafka.structs import ConsumerRecord
from faust.types import TP

from agents.lane import Batch, LaneApp
from agents.metrics import Metrics

LOOK_S = 5.0

Act = Callable[[TP, Sequence[ConsumerRecord]], Awaitable[None]]
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Flight:
    """One batch under way."""

    end: int  # the offset after its last record
    landed: bool = False


class Sink:
    """Hands batches to ``act`` and commits behind it: at least once, so what it does must be idempotent.

    ``act`` retries by itself for as long as it takes; with ``width`` batches under way the fetches wait. What is
    committed is the unbroken run of batches that are done. An exception ends the process: a restart does them again.
    """

    def __init__(
        self,
        app: LaneApp,
        name: str,
        act: Act,
        metrics: Metrics,
        give_up: Callable[[str], NoReturn],
        *,
        width: int = 1,
    ) -> None:
        self.app, self.name, self.settled = app, name, 0.0
        self.acting = 0  # batches waiting for the outside world, which is not being stuck
        self._next: dict[TP, int] = {}  # acted on
        self._ends: dict[TP, int] = {}  # of the logs, as they were seen last
        self._looking: asyncio.Task[None] | None = None
        self._flights: dict[TP, deque[Flight]] = {}
        self._room, self._tasks = asyncio.Semaphore(width), set[asyncio.Task[None]]()
        self._act, self._metrics, self._give_up = act, metrics, give_up
        app.position = self.position
        app.on_partitions_revoked.connect(self.revoked)  # type: ignore[arg-type]  # Faust types the receiver wider
        app.on_rebalance_complete.connect(self.assigned)  # type: ignore[arg-type]  # Faust types the receiver wider

    def position(self, tp: TP, committed: int | None) -> int | None:
        """Where the lane resumes: behind what was acted on."""
        if committed is not None:
            self._next[tp] = committed
        return committed

    async def revoked(self, _app: LaneApp, _revoked: Any, **_: Any) -> None:  # noqa: ANN401  # a Faust signal's arguments
        """Partitions are going away."""
        self.settled = 0.0
        self._next, self._ends, self._flights = {}, {}, {}
        self._look_no_more()

    async def assigned(self, app: LaneApp, **_: Any) -> None:  # noqa: ANN401  # a Faust signal's arguments
        """Partitions have come."""
        self.settled = time.monotonic()
        self._metrics.restored(self.name, len(app.consumer.assignment()), 0.0)
        self._look_no_more()  # of two rebalances in a row, both tell of an assignment after both told of a revocation
        self._looking = asyncio.create_task(self._look())

    def reached(self) -> int:
        """Sum of the offsets acted on; it grows while the stage makes progress."""
        return sum(self._next.values())

    def lag(self) -> int:
        """Records that are not acted on yet."""
        highs = ((self.app.consumer.highwater(tp) or 0, tp, reached) for tp, reached in self._next.items())
        return sum(max(0, high - reached, self._ends.get(tp, 0) - reached) for high, tp, reached in highs)

    def _look_no_more(self) -> None:
        if self._looking:
            self._looking.cancel()

    async def _look(self) -> None:
        """See how far the logs reach: fetches tell it, but there are none while ``act`` waits for the outside world."""
        while True:
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._see([TP(*tp) for tp in self.app.consumer.assignment()])
            except Exception as error:  # noqa: BLE001  # a broker that is away; what was seen last stands
                _log.warning("lag_not_seen", stage=self.name, error=repr(error))
            await asyncio.sleep(LOOK_S)

    async def _see(self, tps: Sequence[TP]) -> None:
        consumer: Any = self.app.consumer  # the lane's, of which Faust's type knows nothing
        for tp, begin in (await consumer.earliest_offsets(*tps)).items():
            self._next[TP(*tp)] = max(begin, self._next.get(TP(*tp), 0))
        self._ends = {TP(*tp): end for tp, end in (await consumer.highwaters(*tps)).items()}
        for tp in tps:
            position = await consumer.position(tp) or 0
            if self._next.get(tp) == consumer.delivered(tp):  # all that was fetched is acted on
                self._next[tp] = max(position, self._next[tp])  # beyond are the marks of transactions

    async def run(self, stream: Any) -> AsyncIterator[None]:  # noqa: ANN401  # a Faust stream
        """The Faust agent."""
        async for event in stream.noack().events():
            await self._take(event.value)
            yield

    async def _take(self, batch: Batch) -> None:
        await self._room.acquire()
        if batch.generation != self.app.consumer_generation_id:
            self._room.release()
            return  # the new owner reads it again from the commit
        flight, flights = Flight(batch.records[-1].offset + 1), self._flights.setdefault(batch.tp, deque())
        flights.append(flight)
        task = asyncio.create_task(self._fly(batch, flight, flights))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _fly(self, batch: Batch, flight: Flight, flights: deque[Flight]) -> None:
        began = time.monotonic()
        self.acting += 1
        try:
            await self._act(batch.tp, batch.records)
        except Exception as error:  # noqa: BLE001  # whatever it is, the batch is not done
            self._give_up(f"{self.name}: {batch.tp.topic}/{batch.tp.partition}: {error!r}")
        finally:
            self.acting -= 1
            self._room.release()
        self._metrics.batch(self.name, len(batch.records), time.monotonic() - began)
        self._metrics.delayed(self.name, time.time() - batch.records[0].timestamp / 1000)
        flight.landed = True
        while flights and flights[0].landed:
            end = flights.popleft().end
            if batch.generation == self.app.consumer_generation_id:
                self._next[batch.tp] = end
                self.app.done(batch.tp, end)
