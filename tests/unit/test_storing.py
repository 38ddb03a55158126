"""Storing a batch: rows under a token that names it, and whatever cannot be stored said where it was."""

from collections.abc import Sequence

import pytest
import structlog
from faust.types import TP
from prometheus_client import generate_latest

from agents.metrics import Metrics
from agents.store import Refused
from agents.storing import STORED, Storing
from pipeline.stage import Output
from schemas import dead_letter, tables, topics
from schemas.alert import Delivery
from schemas.brand_log import Bundle, Counts, Partial, Progress
from schemas.codec import encode
from schemas.dead_letter import PAYLOAD_CAP
from tests.fakes.faust_world import Record

AT = 1_800_000_000_000
DELIVERY = encode(Delivery(
    page_id="p", dedup_key="d", brand="acme", target="webhook", status="delivered", attempts=1, requested_at=AT,
    finished_at=AT,
))  # fmt: skip


class Store:
    """Takes every line but the bad ones."""

    def __init__(self, *bad: bytes) -> None:
        self.bad, self.inserts = bad, list[tuple[str, list[bytes], str]]()

    async def insert(self, table: str, lines: Sequence[bytes], token: str) -> list[Refused]:
        """As agents.store.Store."""
        self.inserts.append((table, list(lines), token))
        return [Refused(line, "no such day") for line in lines if any(part in line for part in self.bad)]


class World:
    """A storing stage and what it did."""

    def __init__(self, *bad: bytes) -> None:
        self.store, self.sent, self.metrics = Store(*bad), list[Output](), Metrics()
        self.points: list[str] = []
        self.storing = Storing(self.store, self._send, self.metrics, self.points.append)  # type: ignore[arg-type]  # as far as it is used

    async def _send(self, output: Output) -> None:
        self.sent.append(output)

    async def store_all(self, topic: topics.Topic, *values: bytes | None, first: int = 40) -> None:
        """Store consecutive records."""
        await self.storing(TP(topic.name, 2), [Record(first + i, AT, None, value) for i, value in enumerate(values)])  # type: ignore[arg-type]  # as far as it is used

    def letters(self) -> list[tuple[int, str, str, bytes | None]]:
        """Offset, reason, detail and payload of the dead letters."""
        read = [(dead_letter.read(output.headers, output.value, AT), output.value) for output in self.sent]
        return [(letter.offset, letter.reason, letter.detail, value) for letter, value in read]


def bundle(offset: int) -> bytes:
    partials = (Partial(brand="acme", minute=AT - AT % 60_000, counts=Counts(posts=offset)),)
    return encode(Bundle(bucket_ms=60_000, previous=-1, partials=partials, progress=Progress(
        source=0, sources=1, offset=offset, watermark=AT,
    )))  # fmt: skip


async def test_a_batch_is_one_insert_per_table_under_a_token_that_names_its_records():
    world = World()
    await world.store_all(topics.BRAND_LOG, bundle(1), DELIVERY, bundle(2))
    inserts = {table: (len(lines), token) for table, lines, token in world.store.inserts}
    token = "social.brand-log.v1:2:40-42"

    assert inserts == {
        tables.SOURCE_PROGRESS.name: (2, token), tables.MINUTE_PARTIALS.name: (2, token),
        tables.DELIVERIES.name: (1, token),
    }  # fmt: skip
    assert len(world.store.inserts) == 3


async def test_a_row_that_clickhouse_refuses_becomes_a_dead_letter_with_its_address():
    world = World(b'"offset":7')
    await world.store_all(topics.BRAND_LOG, bundle(6), bundle(7), bundle(8))
    told = {(offset, reason, detail) for offset, reason, detail, _ in world.letters()}

    assert told == {
        (41, "insert_refused", f"{tables.SOURCE_PROGRESS.name}: no such day"),
        (41, "insert_refused", f"{tables.MINUTE_PARTIALS.name}: no such day"),
    }
    assert {output.topic for output in world.sent} == {topics.STORE_DLQ.name}
    assert 'tocsin_rows_refused_total{table="source_progress"} 1.0' in generate_latest(world.metrics.registry).decode()


async def test_a_line_that_is_no_record_becomes_a_dead_letter_and_its_neighbours_are_stored():
    world = World()
    await world.store_all(topics.ALERTS, b"{", None)

    assert [(offset, reason) for offset, reason, *_ in world.letters()] == [(40, "invalid_json"), (41, "empty")]
    assert world.store.inserts == []


async def test_dead_letters_are_counted_as_outputs():
    world = World(b"alerts")
    await world.store_all(topics.ALERTS, b"{", None)
    counted = 'tocsin_outputs_total{topic="tocsin.store.v1.dlq"} 2.0'

    assert counted in generate_latest(world.metrics.registry).decode().splitlines()


async def test_what_watch_dead_letters_is_not_dead_lettered_again():
    world = World()
    await world.store_all(topics.BRAND_LOG, b"{", DELIVERY)

    assert world.sent == []
    assert len(world.store.inserts) == 1


async def test_crash_points_lie_around_every_insert_and_every_dead_letter():
    world = World(b'"offset":7')
    await world.store_all(topics.ALERTS, b"{")
    letter = list(world.points)
    await world.store_all(topics.BRAND_LOG, DELIVERY)

    assert letter == ["before dead letter", "after dead letter"]
    assert world.points[2:] == ["before insert", "after insert"]


async def test_a_long_payload_is_cut():
    world = World()
    await world.store_all(topics.ALERTS, b"x" * (PAYLOAD_CAP + 1))
    ((*_, payload),) = world.letters()

    assert payload == b"x" * PAYLOAD_CAP


async def test_a_dead_letter_that_is_refused_is_logged_and_does_not_go_round():
    world = World()
    await world.store_all(topics.ALERTS, b"{")
    (letter,) = world.sent
    again = World(b"alerts")
    with structlog.testing.capture_logs() as logged:
        await again.storing(TP(topics.STORE_DLQ.name, 0), [Record(9, AT, None, letter.value, letter.headers)])  # type: ignore[list-item]  # as far as it is used

    assert again.sent == []
    assert [(entry["event"], entry["offset"]) for entry in logged] == [("dead_letter_refused", 9)]


@pytest.mark.parametrize("topic", STORED, ids=lambda topic: topic.name)
async def test_every_topic_that_is_stored_has_a_reader(topic: topics.Topic):
    world = World()
    await world.store_all(topic, b"{")

    assert len(world.sent) == (topic not in (topics.BRAND_LOG, topics.TOMBSTONES))  # their stages refuse it
