"""The batch lane: a Faust transport that delivers one event per (partition, chunk of records).

Stock Faust pays about 100 us of bookkeeping per record; a chunk pays it once. Written against faust-streaming 0.15.3,
whose methods ``_drain_messages``, ``perform_seek``, ``_filter_tps_with_pending_acks``, ``_new_offset``,
``on_buffer_full``, ``_new_consumer_thread``, ``_create_worker_consumer``, ``on_start`` and ``_commit`` (of the thread)
it overrides: tests/contract/test_lane.py guards them.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

import faust
from aiokafka.structs import ConsumerRecord
from faust.serializers.schemas import Schema
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from agents.lane_thread import LaneThread

CHUNK = 2_000  # most records per batch
SEEK_S, SEEK_AGAIN_S = 20.0, 0.5  # the first must be less than Faust's patience, that of a request
QUEUE = 4  # batches an agent may be behind before the fetches of its app wait

Position = Callable[[TP, int | None], int | None]  # partition, its commit -> where to resume; None: the beginning


class Batch:
    """Consecutive records of one partition, as fetched by one owner (group generation)."""

    __slots__ = ("generation", "records", "tp")

    def __init__(self, tp: TP, generation: int, records: Sequence[ConsumerRecord]) -> None:
        self.tp, self.generation, self.records = tp, generation, records


class BatchSchema(Schema[Any, Any]):
    """Hands the batch through; its records are decoded by the stage, in the stage's loop."""

    def loads_key(self, app: Any, message: Any, **_: Any) -> None:  # noqa: ANN401  # Faust's signature
        """No key: a batch has many."""

    def loads_value(self, app: Any, message: Any, **_: Any) -> Any:  # noqa: ANN401, ARG002  # Faust's signature
        """The batch itself."""
        return message.value


class LaneConsumer(driver.Consumer):
    """Delivers batches; positions come from whoever keeps the state, never from acknowledgements."""

    app: "LaneApp"

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # passed through
        super().__init__(*args, **kwargs)
        self._done: dict[TP, int] = {}  # offset to commit
        self._next: dict[TP, int] = {}  # next offset to deliver
        self._lost: dict[TP, int] = {}  # offset up to which it was told what retention took away
        self._seeks = 0  # fetches begun before a seek are void
        self._astray = False  # a seek has begun that has not succeeded: what is fetched may leave a hole

    def _new_consumer_thread(self) -> LaneThread:
        return LaneThread(self, loop=self.loop, beacon=self.beacon)

    def on_buffer_full(self, tp: TP) -> None:
        """Nothing: the loop waits at a full queue, where Faust would look away from the partition for a second."""

    def done(self, tp: TP, offset: int) -> None:
        """Everything before ``offset`` is processed, its outputs acknowledged; Faust's commit loop commits it."""
        self._done[tp] = offset

    def delivered(self, tp: TP) -> int:
        """The offset after the last record that an agent was handed, or where its partition was sought."""
        return self._next.get(tp, 0)

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:  # noqa: ANN401  # Faust's union
        yield from super()._filter_tps_with_pending_acks(topics)
        yield from (tp for tp in list(self._done) if topics is None or tp in topics or tp.topic in topics)

    def _new_offset(self, tp: TP) -> int | None:
        return self._done.pop(tp, None)

    async def perform_seek(self) -> None:
        """Seek every partition to where its state or its commit says; explicitly, since Faust skips a commit of 0.

        What takes longer than ``SEEK_S`` ends the process. Faust would take it for its own end and stall, alive.
        """
        self._seeks += 1
        self._astray = True
        try:
            async with asyncio.timeout(SEEK_S):
                await super().perform_seek()
                if tps := [TP(*tp) for tp in self.assignment()]:
                    await self._seek_each(tps)
        except TimeoutError:
            self.app.give_up(f"{self.app.conf.id}: the broker did not say within {SEEK_S:g} s where to read on")
        self._astray = False

    async def _seek_each(self, tps: Sequence[TP]) -> None:
        lowest = {TP(*tp): offset for tp, offset in (await self.earliest_offsets(*tps)).items()}
        highest = {TP(*tp): offset for tp, offset in (await self.highwaters(*tps)).items()}
        for tp in tps:
            self._next[tp] = self._resume(tp, lowest[tp], highest[tp])
            self._done.pop(tp, None)
            if self._next[tp] > (self._committed_offset.get(tp) or lowest[tp]):  # a rebalance swallowed the commit, and
                self.done(tp, self._next[tp])  # if nothing follows there is no other: lag tools would show lag for ever
        await self.seek_wait({tp: self._next[tp] for tp in tps})

    def _resume(self, tp: TP, lowest: int, highest: int) -> int:
        wanted = self.app.position(tp, self._committed_offset.get(tp))
        if wanted is None:
            return lowest
        if wanted > highest:
            self.app.give_up(
                f"{tp.topic}/{tp.partition}: position {wanted} is beyond the end {highest}: topic recreated?"
            )
        untold = max(wanted, self._lost.get(tp, 0))
        if untold < lowest:  # told once, however often this partition is sought
            self._lost[tp] = lowest
            self.app.lost(tp, lowest - untold)
        return max(wanted, lowest)

    async def _drain_messages(self, fetcher: Any) -> None:  # noqa: ANN401  # a Faust service
        try:
            while not (self._stopped.is_set() or fetcher._stopped.is_set()):  # noqa: SLF001  # as Faust's own loop does
                generation, seeks = self.app.consumer_generation_id, self._seeks
                records, active = await self._wait_next_records(1.0)
                await asyncio.sleep(0)
                if not records or self.should_stop:
                    continue
                if not self._current(generation, seeks):
                    await self._seek_again()
                    continue
                for tp, chunk in records.items():
                    if active is None or tp in active or tp in self._buffered_partitions:
                        await self._deliver(TP(*tp), chunk, generation, seeks)
        except self.consumer_stopped_errors:
            if not self.app.should_stop:
                raise
        except asyncio.CancelledError:
            if not self.app.should_stop:
                raise

    def _current(self, generation: int, seeks: int) -> bool:
        here = self.app.consumer_generation_id, self._seeks
        return self.flow_active and not self._astray and (generation, seeks) == here

    async def _seek_again(self) -> None:
        try:
            await self.perform_seek()
        except Exception as error:  # noqa: BLE001  # a rebalance is under way, or the broker away: until then it is astray
            self.log.warning("perform_seek: %r", error)
            await asyncio.sleep(SEEK_AGAIN_S)

    async def _deliver(self, tp: TP, records: Sequence[ConsumerRecord], generation: int, seeks: int) -> None:
        wanted = self._next.get(tp)
        if wanted is not None and records[0].offset < wanted:
            records = [record for record in records if record.offset >= wanted]
        for start in range(0, len(records), CHUNK):
            if not self._current(generation, seeks):
                return
            chunk = records[start : start + CHUNK]
            last = chunk[-1]
            message = ConsumerMessage(
                tp.topic, tp.partition, last.offset, (last.timestamp or 0) / 1000.0, last.timestamp_type, [], None,
                Batch(tp, generation, chunk),  # type: ignore[arg-type]  # BatchSchema takes it out again
                None, 0, 0, tp, generation_id=generation,
            )  # fmt: skip
            delivery = self.callback(message)
            first = await self.wait_first(delivery, self.suspend_flow.wait())
            if delivery not in first.done:
                return  # the flow was suspended: not delivered, so not advanced
            self._next[tp] = last.offset + 1


class LaneTransport(driver.Transport):
    """Faust's aiokafka transport with the lane's consumer."""

    Consumer = LaneConsumer


class LaneApp(faust.App):
    """A Faust app whose topics are all lanes.

    ``position`` answers where a partition resumes, ``lost`` is told how many records retention took away, ``give_up``
    ends the process with a reason.
    """

    position: Position
    lost: Callable[[TP, int], None]
    give_up: Callable[[str], NoReturn]

    def _new_transport(self) -> LaneTransport:
        return LaneTransport(self.conf.broker_consumer, self)

    async def on_first_start(self) -> None:
        """Make no directories: there are no tables, and each start would leave its own behind."""

    def done(self, tp: TP, offset: int) -> None:
        """Commit ``offset`` soon, see ``LaneConsumer.done``."""
        self.consumer.done(tp, offset)  # type: ignore[attr-defined]  # it is a LaneConsumer

    def lane(self, name: str) -> Any:  # noqa: ANN401  # faust.TopicT is generic in an untyped way
        """A lane topic."""
        topic = self.topic(name, schema=BatchSchema())
        topic.maxsize = QUEUE  # Faust's topic() takes a maxsize and forgets it
        return topic
