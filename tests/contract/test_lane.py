"""The batch lane against the Faust that is installed: what it overrides is as we know it.

If a test fails, Faust was upgraded. Read the methods named again, compare them with agents/lane.py,
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
from aiokafka.consumer.fetcher import Fetcher, PartitionRecords
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from agents.lane import QUEUE, LaneApp, LaneConsumer, LaneTransport
from agents.lane_thread import LaneThread

KNOWN = {
    Consumer._drain_messages: ("(self, fetcher)", "8f35dd7a11144daa"),
    Consumer.perform_seek: ("(self)", "2b4ceebd23deb7ee"),
    Consumer._filter_tps_with_pending_acks: ("(self, topics=None)", "cccdca32d241b14c"),
    Consumer._new_offset: ("(self, tp)", "2b29afe4dd9a65a3"),
    Consumer.on_buffer_full: ("(self, tp)", "edcee17978c41d8d"),
    driver.Consumer._new_consumer_thread: ("(self)", "8fd0d41b15145615"),
    driver.AIOKafkaConsumerThread._create_worker_consumer: ("(self, transport)", "c179c0bdb9755c3a"),
    driver.AIOKafkaConsumerThread.on_start: ("(self)", "675d03707bbecd3c"),
    driver.AIOKafkaConsumerThread._commit: ("(self, offsets)", "78c931ecfa8dde44"),
}

FETCHING = {
    PartitionRecords._consumer_record: "56c3ee13f914a9d2",
    PartitionRecords._unpack_records: "047f7fc3f005c220",
    Fetcher._proc_fetch_request: "ace04969424fc674",
}


def bare(function: Callable[..., Any]) -> str:
    """The signature without annotations."""
    given = inspect.signature(function)
    names = [one.replace(annotation=inspect.Parameter.empty) for one in given.parameters.values()]
    return str(given.replace(parameters=names, return_annotation=inspect.Signature.empty))


def test_faust_is_installed_in_the_very_version_that_is_pinned():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))

    assert f"faust-streaming=={version('faust-streaming')}" in project["project"]["dependencies"]


@pytest.mark.parametrize("method", FETCHING, ids=lambda method: method.__qualname__)
def test_what_makes_records_of_a_fetch_is_what_we_know(method: Callable[..., Any]):
    digest = sha256(dedent(inspect.getsource(method)).encode()).hexdigest()[:16]

    assert digest == FETCHING[method], f"aiokafka's {method.__qualname__} changed: compare agents/fetched.py"


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


class Committing:
    """As much of aiokafka's consumer as a commit touches; like the real one it raises on a commit of nothing."""

    def __init__(self) -> None:
        self.committed: list[dict[TP, int]] = []

    async def commit(self, offsets: dict[TP, Any]) -> None:
        """Keep the offsets."""
        if not offsets:
            raise ValueError(offsets)
        self.committed.append({TP(*tp): given.offset for tp, given in offsets.items()})


@pytest.mark.parametrize("assigned", [set(), {TP("posts", 1)}])
def test_a_commit_of_partitions_that_a_rebalance_took_is_no_crash(assigned: set[TP]):
    thread, consumer, crashes = LaneThread.__new__(LaneThread), Committing(), []
    thread._consumer, thread.tp_last_committed_at, thread.assignment = consumer, {}, lambda: assigned
    thread.crash = lambda reason: asyncio.sleep(0, crashes.append(reason))
    done = asyncio.run(thread._commit({TP("posts", 0): 7, TP("posts", 1): 8}))

    assert crashes == []
    assert done == bool(assigned)
    assert consumer.committed == [{tp: 8} for tp in assigned]


def lane_app() -> LaneApp:
    return LaneApp("tests", broker="kafka://127.0.0.1:1", store="memory://", autodiscover=False)


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
        consumer=consumer, consumer_generation_id=3, on_rebalance_complete=lane_app().on_rebalance_complete,
        conf=SimpleNamespace(broker_request_timeout=1.0), flow_control=SimpleNamespace(resume=note("control")),
        _fetcher=SimpleNamespace(maybe_start=maybe_start), on_rebalance_end=note("end"),
    )  # fmt: skip
    quiet = SimpleNamespace(dev=note("log"), info=note("log"), warning=note("log"))
    tables = SimpleNamespace(on_actives_ready=note("tables"), on_standbys_ready=note("tables"))
    return SimpleNamespace(
        app=app, log=quiet, tables=tables, completed=asyncio.Event(), _wait=wait, _is_changelog_tp=lambda _: False
    )


async def test_faust_awaits_the_restore_before_it_seeks_and_lets_records_flow():
    log: list[str] = []
    recovery = rebalanced(log, {TP("in", 0)})

    async def restore(_app: Any, **_: Any) -> None:  # noqa: ANN401  # a Faust signal's arguments
        for _turn in range(5):
            await asyncio.sleep(0)
        log.append("restored")

    recovery.app.on_rebalance_complete.connect(restore)
    await Recovery._resume_streams(recovery, generation_id=3)
    order = [what for what in log if what in {"restored", "seek", "flow", "fetch"}]

    assert order == ["restored", "seek", "flow", "fetch"]


def test_an_app_of_lanes_uses_the_lane_and_its_topics_hand_batches_through():
    app, batch = lane_app(), object()
    schema = app.lane("in").schema

    assert isinstance(app._new_transport(), LaneTransport)
    assert LaneTransport.Consumer is LaneConsumer
    assert schema.loads_value(app, SimpleNamespace(value=batch)) is batch


async def test_an_agent_is_only_a_few_batches_behind_and_the_rest_stays_in_kafka():
    stream = lane_app().lane("in").clone(is_iterator=True)

    assert stream.queue.maxsize == QUEUE
