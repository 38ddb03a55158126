"""One row in ten thousand that ClickHouse refuses: found by halving, a dead letter of its own, all others stored."""

import time
from math import ceil, log2
from typing import Any, NamedTuple

import pytest
from kafka import KafkaProducer

from pipeline.signal_blocks import ROWS
from schemas.codec import encode
from schemas.signal import Signal
from tests.chaos.crew import metric
from tests.chaos.store_server import Warehouse, running_warehouse  # noqa: F401  # a fixture
from tests.integration.stack import Stack

pytestmark = [pytest.mark.chaos, pytest.mark.kafka]
BATCH = 10_000
BAD = 6_789  # the number of the bad row in its batch
HALVINGS = ceil(log2(BATCH))
SIGNALS, LETTERS = "social.signals.v1", "tocsin.store.v1.dlq"
MARK = "unreadable"
STORED = "SELECT source_partition, count(), uniqExact(source_offset) FROM signals"

# What passes for a signal and is no row of the table, by the code of the refusal.
SPOILT = {
    117: lambda row: row[:-1] + b',"severity":2}',  # INCORRECT_DATA: a field twice
    27: lambda row: row[:-1] + b',"ingested_at":1e3}',  # CANNOT_PARSE_INPUT_ASSERTION_FAILED: a column, no field
    26: lambda row: row.replace(
        b"a long day", MARK.encode()
    ),  # CANNOT_PARSE_QUOTED_STRING: older servers say it; scripted
}


def batch(partition: int) -> list[bytes]:
    """Rows of signals as listen writes them."""
    now = int(time.time() * 1000)
    return [
        encode(Signal(
            post_uid=f"x:{partition}-{number}", revision=0, event_time=now, platform="x", channel="microblog",
            kind="post", author_key=f"author-{number}", brands=("zelvo",), products=(), regions=(), campaigns=(),
            lang="en", sentiment="neg", polarity=-0.5, complaint_p=0.9, category="safety", severity=3, intent="none",
            reach=number, text=f"Zelvo, {number}: a long day", url="", source_partition=partition, source_offset=number,
        ))
        for number in range(BATCH)
    ]  # fmt: skip


def put(stack: Stack, partition: int, rows: list[bytes]) -> None:
    """Put rows on the topic in blocks, all in one fetch."""
    producer = KafkaProducer(
        bootstrap_servers=[stack.bootstrap], enable_idempotence=False, compression_type="gzip", linger_ms=60_000,
        batch_size=16 << 20, max_request_size=16 << 20,
    )  # fmt: skip
    for start in range(0, len(rows), ROWS):
        producer.send(SIGNALS, b"\n".join(rows[start : start + ROWS]), partition=partition)
    producer.flush()
    producer.close()


class Letter(NamedTuple):
    """What a dead letter says of the bad row."""

    place: tuple[int, int]  # partition and offset of its block
    payload: bytes
    reason: str
    detail: str


def letters(stack: Stack) -> list[Letter]:
    """All dead letters of the store."""
    found = []
    for _, _, value, headers in stack.topic(LETTERS):
        said = {name: text.decode() for name, text in headers}
        place = int(said["__connect.errors.partition"]), int(said["__connect.errors.offset"])
        found.append(Letter(place, value, said["tocsin-reason-code"], said["__connect.errors.exception.message"]))
    return sorted(found)


def check_batch(partition: int, code: int, inserts: list[dict[str, Any]]) -> None:
    """The bad row of a batch was found by halving, and its code was the only reason for refusals."""
    made = [insert for insert in inserts if insert["token"].startswith(f"{SIGNALS}:{partition}:")]
    refused = [insert["code"] for insert in made if insert["status"] != 200]

    assert set(refused) == {code}
    assert HALVINGS <= len(refused) <= HALVINGS + 1
    assert len(made) <= 2 * HALVINGS + 1


def test_one_bad_row_in_ten_thousand_is_one_dead_letter_and_all_others_are_stored(
    stack: Stack, warehouse: Warehouse
) -> None:
    stack.start()
    warehouse.fault(f"status=400&code=26&table=signals&containing={MARK}")
    spoilt = {}
    for partition, spoil in enumerate(SPOILT.values()):
        rows = batch(partition)
        rows[BAD] = spoilt[partition] = spoil(rows[BAD])
        put(stack, partition, rows)
    stack.wait(lambda: len(stack.topic(LETTERS)) >= len(SPOILT), 60, "the dead letters did not come")
    stack.wait(stack.settled, 60, "not worked off")
    told = letters(stack)
    rejected = stack.query("SELECT topic, partition, offset, reason FROM rejected FINAL ORDER BY partition")

    assert stack.query(f"{STORED} GROUP BY source_partition ORDER BY source_partition") == [
        (partition, BATCH - 1, BATCH - 1) for partition in spoilt
    ]
    assert stack.query(f"{STORED} WHERE source_offset = {BAD} GROUP BY source_partition") == []
    assert [(one.place, one.payload, one.reason) for one in told] == [
        ((partition, BAD // ROWS), row, "insert_refused") for partition, row in spoilt.items()
    ]
    assert rejected == [(SIGNALS, partition, BAD // ROWS, "insert_refused") for partition in spoilt]
    for partition, code in enumerate(SPOILT):
        assert f"code: {code}," in told[partition].detail
        check_batch(partition, code, warehouse.inserts())
    assert metric(stack.http, 'tocsin_rows_refused_total{table="signals"}') == len(SPOILT)
    assert "insert_retried" not in stack.log.read_text()
    assert stack.stop() == 0
