"""ClickHouse as a server that is killed in the middle of inserts and comes back, is slow, refuses, and cuts."""

import signal
import time
from collections import Counter
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl

import pytest

from agents.store import FIRST_DELAY, LONGEST_DELAY
from tests.chaos import books, feeds
from tests.chaos.crew import metric
from tests.chaos.store_server import running_warehouse  # noqa: F401  # a fixture
from tests.integration.stack import Stack

pytestmark = [pytest.mark.chaos, pytest.mark.kafka]
AWAY_S = 15
LONGEST_STOP_S = 30
CUT = "inserts=3&cut=1"
PASSING = [
    "inserts=3&seconds=5",
    "inserts=4&status=500",  # a proxy's words, without a code of ClickHouse
    "inserts=4&status=503",
    "inserts=2&status=504&applied=1",  # the proxy lost patience, ClickHouse did not
    "inserts=4&status=500&code=241",  # MEMORY_LIMIT_EXCEEDED
    "inserts=4&status=500&code=252",  # TOO_MANY_PARTS
    "inserts=4&status=500&code=202",  # TOO_MANY_SIMULTANEOUS_QUERIES
]
HEALTHY = "inserts=1"  # between two faults, so that each meets inserts of its own
LASTING = "status=500&code=241"  # until it is told to end
LAG = 'tocsin_lag_records{stage="store"}'


def doubled(stack: Stack) -> int:
    """Rows of posts that are there already, as a reader without FINAL counts."""
    return stack.query("SELECT count() - uniqExact(post_uid) FROM signals")[0][0]


def test_clickhouse_killed_and_away_for_a_while_misses_no_row_and_detection_goes_on(
    stack, warehouse, httpserver, pager
) -> None:
    pager()
    stack.start()
    sends = feeds.a_day(7, feeds.day_script())
    half, left = len(sends) // 2, iter(range(len(sends)))

    def kill_halfway(_send) -> None:
        if next(left) == half:
            warehouse.kill()

    stack.feed(sends, kill_halfway, max_lag=len(sends))
    stack.wait(lambda: len(httpserver.log) >= 2, 60, "the pages did not come without the store")
    time.sleep(AWAY_S)
    retried, up = stack.log.read_text().count("insert_retried"), metric(stack.http, "tocsin_store_up")
    warehouse.start()
    books.check(stack, httpserver)

    assert retried >= 3
    assert (up, metric(stack.http, "tocsin_store_up")) == (0, 1)
    assert stack.stop() == 0


def test_a_connection_cut_after_the_insert_was_applied_doubles_no_row(stack, warehouse, httpserver, pager) -> None:
    pager()
    stack.start()
    sends = feeds.a_day(8, feeds.day_script())
    at, left = {len(sends) * part // 5 for part in (1, 2, 3, 4)}, iter(range(len(sends)))

    def cut_some(_send) -> None:
        if next(left) in at:
            warehouse.fault(CUT)

    stack.feed(sends, cut_some)
    books.check(stack, httpserver)

    assert len(warehouse.inserts(CUT)) == 12
    assert doubled(stack) == 0
    assert stack.stop() == 0


def check_retries(journal: list[dict[str, Any]]) -> list[float]:
    """Each insert refused comes again as it was, later each time; the seconds from the first refusal of each."""
    tries, first = Counter[str](), []
    for refused, following in pairwise(journal):
        if refused["status"] != 200:
            token, waited = refused["token"], following["at"] - refused["at"]
            assert following["token"] == token
            assert waited >= min(LONGEST_DELAY, FIRST_DELAY * 2 ** tries[token]) / 2
            if not tries[token]:
                first.append(waited)
            tries[token] += 1
    return first


def test_a_slow_and_refusing_clickhouse_is_waited_for_and_detection_goes_on(
    stack, warehouse, httpserver, pager
) -> None:
    pager()
    stack.start()
    day = feeds.day_script()
    sends = feeds.a_day(9, day)
    onset = next(number for number, send in enumerate(sends) if send.at >= day.onset)
    scripts = {onset // 2: [one for fault in PASSING for one in (fault, HEALTHY)], onset: [LASTING]}
    left = iter(range(len(sends)))

    def trouble(_send) -> None:
        for fault in scripts.pop(next(left), ()):
            warehouse.fault(fault)

    stack.feed(sends, trouble, max_lag=len(sends))
    stack.wait(lambda: len(httpserver.log) >= 2, 60, "the pages did not come without the store")
    stack.wait(lambda: len(warehouse.inserts(LASTING)) >= 4, 120, "the other faults did not come to an end")
    warehouse.heal()
    books.check(stack, httpserver)
    fired = {fault: len(warehouse.inserts(fault)) for fault in PASSING}
    waits = check_retries(warehouse.inserts())

    assert fired == {fault: int(dict(parse_qsl(fault))["inserts"]) for fault in PASSING}
    assert len(waits) >= len(PASSING)  # one for each that refuses, and the lasting one
    assert max(waits) - min(waits) > FIRST_DELAY / 50  # jitter
    assert doubled(stack) == 0
    assert metric(stack.http, LAG) == 0
    assert stack.stop() == 0


def test_a_worker_told_to_stop_while_clickhouse_hangs_ends_in_order_and_in_time(
    stack, warehouse, httpserver, pager
) -> None:
    pager()
    stack.start()
    sends = feeds.a_day(15, feeds.day_script())
    half, left, ended = len(sends) // 2, iter(range(len(sends))), list[tuple[int, bool]]()

    def hang_and_stop(_send) -> None:
        if next(left) != half:
            return
        warehouse.process.send_signal(signal.SIGSTOP)
        stack.wait(lambda: metric(stack.http, LAG) > 0, 60, "nothing waits for ClickHouse")
        began = time.monotonic()
        ended.append((stack.stop(), time.monotonic() - began < LONGEST_STOP_S))
        warehouse.process.send_signal(signal.SIGCONT)
        stack.start()

    stack.feed(sends, hang_and_stop, max_lag=len(sends))
    books.check(stack, httpserver)

    assert ended == [(0, True)]
    assert stack.stop() == 0
