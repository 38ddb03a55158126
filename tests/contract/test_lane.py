"""The batch lane against the Faust that is installed: what it overrides is as we know it, and what it does about seeks.

If a test of the first half fails, Faust was upgraded. Read the methods named again, compare them with agents/lane.py,
run the integration tests on a real Kafka, and only then put the new hash and version here.
"""

import asyncio
import inspect
import tomllib
from collections.abc import Callable
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import faust
import pytest
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from mode import Signal

from agents.lane import CHUNK, LaneApp, LaneConsumer, LaneThread, LaneTransport
from tests.fakes.faust_world import Ending, GaveUp, records

FIRST, SECOND = TP("in", 0), TP("in", 1)
KNOWN = {
    Consumer._drain_messages: ("(self, fetcher)", "8f35dd7a11144daa"),
    Consumer.perform_seek: ("(self)", "2b4ceebd23deb7ee"),
    Consumer._filter_tps_with_pending_acks: ("(self, topics=None)", "cccdca32d241b14c"),
    Consumer._new_offset: ("(self, tp)", "2b29afe4dd9a65a3"),
    driver.Consumer._new_consumer_thread: ("(self)", "8fd0d41b15145615"),
    driver.AIOKafkaConsumerThread._create_worker_consumer: ("(self, transport)", "c179c0bdb9755c3a"),
}


def bare(function: Callable[..., Any]) -> str:
    """The signature without annotations."""
    given = inspect.signature(function)
    names = [one.replace(annotation=inspect.Parameter.empty) for one in given.parameters.values()]
    return str(given.replace(parameters=names, return_annotation=inspect.Signature.empty))


def test_faust_is_installed_in_the_very_version_that_is_pinned():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))

    assert f"faust-streaming=={version('faust-streaming')}" in project["project"]["dependencies"]


@pytest.mark.parametrize("method", KNOWN, ids=lambda method: method.__qualname__)
def test_a_private_method_that_is_overridden_is_the_one_we_know(method: Callable[..., Any]):
    signature, digest = KNOWN[method]

    assert bare(method) == signature
    assert sha256(dedent(inspect.getsource(method)).encode()).hexdigest()[:16] == digest, (
        f"Faust's {method.__qualname__} changed: read it again and compare agents/lane.py"
    )


def test_every_private_method_of_faust_that_is_overridden_is_guarded_here():
    overridden = {
        method.__name__
        for ours, theirs in ((LaneConsumer, driver.Consumer), (LaneThread, driver.AIOKafkaConsumerThread))
        for name, method in vars(ours).items()
        if inspect.isfunction(method) and hasattr(theirs, name) and not name.startswith("__")
    }

    assert overridden == {method.__name__ for method in KNOWN}


@pytest.mark.parametrize(
    ("method", "signature"),
    [
        (driver.Consumer._wait_next_records, "(self, timeout)"),
        (driver.Consumer.seek_wait, "(self, partitions)"),
        (driver.Consumer.earliest_offsets, "(self, *partitions)"),
        (driver.Consumer.highwaters, "(self, *partitions)"),
        (faust.App._new_transport, "(self)"),
    ],
)
def test_what_the_lane_calls_or_replaces_takes_what_it_took(method: Callable[..., Any], signature: str):
    assert bare(method) == signature


def rebalanced(log: list[str], assigned: set[TP]) -> Any:  # noqa: ANN401  # as much of Recovery as its method touches
    """Faust's recovery task at the end of a rebalance, with all that it calls writing into ``log``."""
    note = lambda name: lambda *_, **__: log.append(name)  # noqa: E731  # a factory of one-liners

    async def perform_seek() -> None:
        log.append("seek")

    async def wait(coroutine: Any, timeout: float) -> None:  # noqa: ANN401, ASYNC109  # Faust's signature
        assert timeout
        await coroutine

    async def maybe_start() -> None:
        log.append("fetch")

    consumer = SimpleNamespace(
        assignment=lambda: assigned, resume_partitions=note("resume"), perform_seek=perform_seek,
        resume_flow=note("flow"),
    )  # fmt: skip
    app = SimpleNamespace(
        consumer=consumer, consumer_generation_id=3, on_rebalance_complete=Signal(name="complete"),
        conf=SimpleNamespace(broker_request_timeout=1.0), flow_control=SimpleNamespace(resume=note("control")),
        _fetcher=SimpleNamespace(maybe_start=maybe_start), on_rebalance_end=note("end"),
    )  # fmt: skip
    app.on_rebalance_complete = app.on_rebalance_complete.with_default_sender(app)
    quiet = SimpleNamespace(dev=note("log"), info=note("log"), warning=note("log"))
    tables = SimpleNamespace(on_actives_ready=note("tables"), on_standbys_ready=note("tables"))
    return SimpleNamespace(
        app=app, log=quiet, tables=tables, completed=asyncio.Event(), _wait=wait, _is_changelog_tp=lambda _: False
    )


async def test_faust_awaits_the_restore_before_it_seeks_and_lets_records_flow():
    log: list[str] = []
    recovery = rebalanced(log, {FIRST})

    async def restore(_app: Any, **_: Any) -> None:  # noqa: ANN401  # a Faust signal's arguments
        for _turn in range(5):
            await asyncio.sleep(0)
        log.append("restored")

    recovery.app.on_rebalance_complete.connect(restore)
    await Recovery._resume_streams(recovery, generation_id=3)
    order = [what for what in log if what in {"restored", "seek", "flow", "fetch"}]

    assert order == ["restored", "seek", "flow", "fetch"]


class Asked:
    """A LaneConsumer's app, broker and position in one."""

    def __init__(self, positions: dict[TP, int | None], lowest: int = 0, highest: int = 100) -> None:
        self.positions, self.lost_records, self.ending = positions, list[tuple[TP, int]](), Ending()
        self.sought: dict[TP, int] = {}
        self.asked: list[tuple[TP, int | None]] = []
        self.consumer = LaneConsumer.__new__(LaneConsumer)
        self.consumer._done, self.consumer._next, self.consumer._seeks = {}, {}, 0
        self.consumer._acked, self.consumer._read_offset, self.consumer._committed_offset = {}, {}, {FIRST: 30}
        self.consumer.app = SimpleNamespace(
            position=self.position, lost=lambda tp, count: self.lost_records.append((tp, count)),
            give_up=self.ending, consumer_generation_id=1,
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


async def test_what_retention_took_is_counted_as_lost():
    asked = Asked({FIRST: 5}, lowest=8)
    await asked.consumer.perform_seek()

    assert (asked.sought, asked.lost_records) == ({FIRST: 8}, [(FIRST, 3)])


async def test_what_is_done_is_committed_once_and_forgotten_at_a_seek():
    asked = Asked({FIRST: 42})
    asked.consumer.done(FIRST, 50)
    pending = list(asked.consumer._filter_tps_with_pending_acks({"in"})), asked.consumer._new_offset(FIRST)
    again = asked.consumer._new_offset(FIRST)
    asked.consumer.done(FIRST, 60)
    await asked.consumer.perform_seek()

    assert (pending, again, asked.consumer._new_offset(FIRST)) == (([FIRST], 50), None, None)


class Delivering(Asked):
    """The same, with a flow that delivers to ``batches``."""

    def __init__(self) -> None:
        super().__init__({FIRST: 0})
        self.batches: list[list[int]] = []
        self.suspended = asyncio.Event()
        self.consumer.flow_active = True
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
        batch: list[Any] = [SimpleNamespace(**record._asdict(), timestamp_type=0) for record in records(range(first, last))]
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


def test_an_app_of_lanes_uses_the_lane_and_its_topics_hand_batches_through():
    app = LaneApp("tests", broker="kafka://127.0.0.1:1", store="memory://", autodiscover=False)
    batch = object()
    schema = app.lane("in").schema

    assert isinstance(app._new_transport(), LaneTransport)
    assert LaneTransport.Consumer is LaneConsumer
    assert schema.loads_value(app, SimpleNamespace(value=batch)) is batch
