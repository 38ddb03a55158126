"""ClickHouse away while posts and workers come: memory stays flat, the alert fires, nothing is lost."""

import signal
import subprocess
import sys
import time

import pytest
import yaml
from pytest_httpserver import HTTPServer

from tests.chaos import books, feeds
from tests.chaos.crew import Member, metric
from tests.chaos.store_server import Warehouse, running_warehouse  # noqa: F401  # a fixture
from tests.chaos.vital_signs import VitalSigns
from tests.contract.test_alert_rules import RULES_FILE
from tests.integration.stack import Stack

pytestmark = [pytest.mark.chaos, pytest.mark.kafka]
AWAY_S = 90
POSTS, BEFORE = 60_000, 4_000  # of the day, and those that come before the outage
MOST_GROWTH = 50 << 20
QUEUED = 1_000  # records waiting when all queues are full for certain: they hold some batches a topic
OWNED = 'tocsin_partitions{stage="store"}'
STORED = 'tocsin_records_total{stage="store"}'
LAG = 'tocsin_lag_records{stage="store"}'
WAITING = ("social.signals.v1", "social.brand-log.v1", "social.minutes.v1")  # nearly all that the store reads


def store_down() -> tuple[str, int]:
    """Condition and patience in seconds of the rule for a store that is down."""
    groups = yaml.safe_load(RULES_FILE.read_text(encoding="utf-8"))["groups"]
    (rule,) = [rule for group in groups for rule in group["rules"] if rule["alert"] == "TocsinStoreDown"]
    return rule["expr"], int(rule["for"].removesuffix("m")) * 60


def size(stack: Stack) -> int:
    """Bytes on the topics that wait for the store."""
    return sum(len(record.value or b"") for topic in WAITING for record in stack.records(topic))


def test_clickhouse_away_for_minutes_costs_no_memory_and_raises_its_alert(
    stack: Stack, warehouse: Warehouse, httpserver: HTTPServer, pager, capsys
) -> None:
    pager()
    stack.start()
    sends = feeds.a_day(10, feeds.day_script(), POSTS)
    stack.feed(sends[:BEFORE])
    stack.wait(stack.settled, 60, "not worked off")
    up, stored, patience = metric(stack.http, "tocsin_store_up"), size(stack), store_down()[1]
    with VitalSigns(stack) as vital:
        warehouse.kill()
        killed = time.monotonic()
        stack.feed(sends[BEFORE:], max_lag=len(sends))
        stack.wait(lambda: len(httpserver.log) >= 2, 90, "the pages did not come without the store")
        stack.wait(lambda: time.monotonic() - killed > AWAY_S, 2 * AWAY_S, "time does not pass")
        waiting = size(stack) - stored
        warehouse.start()
    books.check(stack, httpserver, 300)
    outage = [sign for sign in vital.signs if sign.samples[LAG] > QUEUED]
    grown = max(sign.resident for sign in outage) - outage[0].resident
    with capsys.disabled():
        print(f"\n{waiting >> 10} KiB waited for {AWAY_S} s, memory grew by {grown >> 10} KiB")  # noqa: T201  # measured

    assert (up, metric(stack.http, "tocsin_store_up")) == (1, 1)
    assert vital.held(store_down()[0]) >= patience
    assert not vital.signs[0].holds(store_down()[0])
    assert grown < min(MOST_GROWTH, waiting // 3)
    assert outage[-1].samples[LAG] > 10 * QUEUED
    assert stack.stop() == 0


class Colleague(Member):
    """Another worker of all stages."""

    def launch(self) -> None:
        """Start it and wait until it stores partitions."""
        changes = {"TOCSIN_HTTP": self.address}
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "agents", "worker"]
            self.process = subprocess.Popen(command, env=self.stack.environment | changes, stdout=log, stderr=log)
        self.stack.wait(lambda: metric(self.address, OWNED) > 0, 90, "it got no partition")


def test_workers_that_come_and_go_while_clickhouse_is_away_leave_exact_books(
    stack: Stack, warehouse: Warehouse, httpserver: HTTPServer, pager
) -> None:
    pager()
    stack.start()
    sends = feeds.a_day(11, feeds.day_script())
    half, partitions, colleague = len(sends) // 2, metric(stack.http, OWNED), Colleague(stack, "colleague")
    warehouse.kill()
    stack.feed(sends[:half], max_lag=len(sends))
    stack.wait(lambda: metric(stack.http, LAG) > QUEUED, 60, "the queues are not full")
    statuses = []
    for number in (signal.SIGKILL, signal.SIGTERM):
        colleague.launch()
        statuses.append(colleague.end(number))
        stack.wait(lambda: metric(stack.http, OWNED) == partitions, 90, "nobody took over")
    colleague.launch()
    stack.feed(sends[half:], max_lag=len(sends))
    warehouse.start()
    stack.wait(lambda: metric(colleague.address, STORED) > 0, 90, "the colleague stores nothing")
    statuses.append(colleague.end(signal.SIGTERM))
    books.check(stack, httpserver)

    assert statuses == [-signal.SIGKILL, 0, 0]
    assert stack.stop() == 0
