"""Where the lane reads on, and what it delivers while partitions move."""

import asyncio
import logging
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaError
from faust.types import TP

from agents.lane import CHUNK, LaneConsumer
from tests.fakes.faust_world import Ending, GaveUp, records

FIRST, SECOND = TP("in", 0), TP("in", 1)


class Asked:
    """A LaneConsumer's app, broker and position in one."""

    def __init__(self, positions: dict[TP, int | None], lowest: int = 0, highest: int = 100) -> None:
        self.positions, self.lost_records, self.ending = positions, list[tuple[TP, int]](), Ending()
        self.sought: dict[TP, int] = {}
        self.asked: list[tuple[TP, int | None]] = []
        self.consumer = LaneConsumer.__new__(LaneConsumer)
        self.consumer._done, self.consumer._next, self.consumer._lost, self.consumer._seeks = {}, {}, {}, 0
        self.consumer._astray, self.consumer.flow_active = False, True
        self.consumer._acked, self.consumer._read_offset, self.consumer._committed_offset = {}, {}, {FIRST: 30}
        self.consumer.app = SimpleNamespace(
            position=self.position, lost=lambda tp, count: self.lost_records.append((tp, count)),
            give_up=self.ending, consumer_generation_id=1, conf=SimpleNamespace(id="listen"),
        )  # fmt: skip
        self.consumer.assignment = lambda: set(positions)
        self.consumer.seek_to_committed = self.committed
        self.consumer.earliest_offsets = lambda *tps: self.answer(tps, lowest)
        self.consumer.highwaters = lambda *tps: self.answer(tps, highest)
        self.consumer.seek_wait = self.seek

    def position(self, tp: TP, committed: int | None) -> int | None:
        """Who keeps the state says this."""
        self.asked.append((tp, committed))
        return self.positions[tp]

    async def committed(self) -> dict[TP, int]:
        """Kafka's commits."""
        return {FIRST: 30}

    async def answer(self, tps: tuple[TP, ...], offset: int) -> dict[TP, int]:
        """An end of the log."""
        return dict.fromkeys(tps, offset)

    async def seek(self, positions: dict[TP, int]) -> None:
        """The seek itself."""
        self.sought = positions


async def test_every_partition_is_sought_explicitly_also_to_zero_and_knowing_its_commit():
    asked = Asked({FIRST: 42, SECOND: None})
    await asked.consumer.perform_seek()

    assert asked.sought == {FIRST: 42, SECOND: 0}
    assert dict(asked.asked) == {FIRST: 30, SECOND: None}


async def test_a_position_beyond_the_end_refuses_to_start():
    asked = Asked({FIRST: 101})

    with pytest.raises(GaveUp, match="in/0: position 101 is beyond the end 100"):
        await asked.consumer.perform_seek()
    assert asked.sought == {}


async def test_what_retention_took_is_counted_as_lost_once_however_often_it_is_sought():
    asked = Asked({FIRST: 5}, lowest=8)
    await asked.consumer.perform_seek()
    await asked.consumer.perform_seek()

    assert (asked.sought, asked.lost_records) == ({FIRST: 8}, [(FIRST, 3)])


async def test_what_is_done_is_committed_once_and_forgotten_at_a_seek():
    asked = Asked({FIRST: 30})
    asked.consumer.done(FIRST, 50)
    pending = list(asked.consumer._filter_tps_with_pending_acks({"in"})), asked.consumer._new_offset(FIRST)
    again = asked.consumer._new_offset(FIRST)
    asked.consumer.done(FIRST, 60)
    await asked.consumer.perform_seek()

    assert (pending, again, asked.consumer._new_offset(FIRST)) == (([FIRST], 50), None, None)


@pytest.mark.parametrize(("position", "commit"), [(42, 42), (30, None), (20, None)], ids=["ahead", "same", "behind"])
async def test_a_state_ahead_of_the_commit_is_committed_though_nothing_may_follow(position: int, commit: object):
    asked = Asked({FIRST: position})
    await asked.consumer.perform_seek()

    assert asked.consumer._new_offset(FIRST) == commit


async def test_a_broker_that_does_not_answer_a_seek_ends_the_process_before_faust_stalls(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("agents.lane.SEEK_S", 0.01)
    asked = Asked({FIRST: 42})
    asked.consumer.highwaters = lambda *_: asyncio.Event().wait()
    async with asyncio.timeout(10):
        with pytest.raises(GaveUp):
            await asked.consumer.perform_seek()

    assert asked.ending.reasons == ["listen: the broker did not say within 0.01 s where to read on"]


async def test_after_a_seek_that_failed_nothing_is_delivered_before_one_has_succeeded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("agents.lane.SEEK_AGAIN_S", 0)
    asked, ends = Asked({FIRST: 42}), [KafkaError("no leader"), None]

    async def highwaters(*tps: TP) -> dict[TP, int]:
        if failure := ends.pop(0):
            raise failure
        return dict.fromkeys(tps, 100)

    asked.consumer.highwaters, asked.consumer.log = highwaters, logging.getLogger()
    current = []
    for _ in range(2):
        await asked.consumer._seek_again()
        current.append(asked.consumer._current(1, asked.consumer._seeks))

    assert (current, asked.sought) == ([False, True], {FIRST: 42})


class Delivering(Asked):
    """The same, with a flow that delivers to ``batches``."""

    def __init__(self) -> None:
        super().__init__({FIRST: 0})
        self.batches: list[list[int]] = []
        self.suspended = asyncio.Event()
        self.consumer.suspend_flow = self.suspended
        self.consumer.callback, self.consumer.wait_first = self.deliver, self.first
        self.after: Callable[[], None] = lambda: None

    async def deliver(self, message: Any) -> None:  # noqa: ANN401  # a ConsumerMessage
        """The conductor."""
        self.batches.append([record.offset for record in message.value.records])
        self.after()

    async def first(self, delivery: Any, suspended: Any) -> SimpleNamespace:  # noqa: ANN401  # coroutines
        """Mode's wait_first, as far as the lane looks at it."""
        suspended.close()
        if self.suspended.is_set():
            delivery.close()
            return SimpleNamespace(done=set())
        await delivery
        return SimpleNamespace(done={delivery})

    async def fetched(self, first: int, last: int) -> None:
        """Records arrive."""
        batch: list[Any] = [
            SimpleNamespace(**record._asdict(), timestamp_type=0) for record in records(range(first, last))
        ]
        await self.consumer._deliver(FIRST, batch, 1, self.consumer._seeks)


async def test_records_are_delivered_in_chunks_and_those_before_the_position_not_at_all():
    delivering = Delivering()
    delivering.consumer._next[FIRST] = 10
    await delivering.fetched(0, 10 + CHUNK + 1)

    assert delivering.batches == [list(range(10, 10 + CHUNK)), [10 + CHUNK]]
    assert delivering.consumer._next[FIRST] == 10 + CHUNK + 1


async def test_a_delivery_that_was_suspended_does_not_advance_the_position():
    delivering = Delivering()
    delivering.suspended.set()
    await delivering.fetched(0, 5)

    assert (delivering.batches, FIRST in delivering.consumer._next) == ([], False)


@pytest.mark.parametrize("what", ["generation", "seek", "flow"])
async def test_a_rebalance_or_seek_between_two_chunks_stops_the_delivery(what: str):
    delivering = Delivering()

    def happen() -> None:
        if what == "generation":
            delivering.consumer.app.consumer_generation_id += 1
        elif what == "seek":
            delivering.consumer._seeks += 1
        else:
            delivering.consumer.flow_active = False

    delivering.after = happen
    await delivering.fetched(0, CHUNK + 1)

    assert [len(batch) for batch in delivering.batches] == [CHUNK]
