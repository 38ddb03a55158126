"""ClickHouse as a server that is killed in the middle of inserts, stays away, comes back, and cuts connections."""

import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from agents.embedded import free_address
from tests.chaos import books, clickhouse_server, feeds
from tests.chaos.crew import metric
from tests.integration.stack import Stack

pytestmark = [pytest.mark.chaos, pytest.mark.kafka]
AWAY_S = 15


class Warehouse:
    """A ClickHouse server of its own for a stack."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.folder, self.address = folder, free_address()
        stack.environment |= {
            "TOCSIN_CLICKHOUSE": f"http://default@{self.address}/tocsin", "TOCSIN_CLICKHOUSE_HTTP": "",
        }  # fmt: skip
        stack.clickhouse = self.address
        self._stack = stack
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, clickhouse_server.__file__, str(self.folder), self.address.rpartition(":")[2]]
        self.process = subprocess.Popen(command)
        self._stack.wait(lambda: self.cuts() >= 0, 30, "ClickHouse does not answer")

    def kill(self) -> None:
        """SIGKILL."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def cuts(self) -> int:
        """Connections cut after an insert was applied."""
        with urllib.request.urlopen(f"http://{self.address}/cut", timeout=20) as reply:
            return int(reply.read())

    def cut_next(self, inserts: int) -> None:
        """Apply the next inserts and cut the connection."""
        request = urllib.request.Request(f"http://{self.address}/cut?inserts={inserts}", data=b"", method="POST")
        urllib.request.urlopen(request, timeout=20).close()


@pytest.fixture
def warehouse(stack: Stack, tmp_path: Path):
    made = Warehouse(stack, tmp_path / "server")
    made.start()
    yield made
    made.kill()


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
            warehouse.cut_next(3)

    stack.feed(sends, cut_some)
    books.check(stack, httpserver)
    unmerged = stack.query("SELECT count() - uniqExact(post_uid) FROM signals")

    assert warehouse.cuts() == 12
    assert unmerged == [(0,)]
    assert stack.stop() == 0
