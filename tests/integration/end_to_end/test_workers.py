"""Two workers on a real Kafka: one joins, is killed and never comes back; nothing is lost or counted twice."""

import re
import subprocess
import sys
import urllib.request

import pytest

from agents.embedded import free_address
from pipeline.feed import plan
from tests.integration.end_to_end.test_main_job import (
    POSTS,
    SETTLE_MS,
    WATCHLIST,
    a_day,
    check_books,
    check_pages,
    wait_until_done,
)

pytestmark = [pytest.mark.kafka, pytest.mark.parametrize("broker", ["kafka"], indirect=True)]


class Second:
    """A worker without a store, on the same groups."""

    def __init__(self, stack) -> None:
        self.stack, self.address = stack, free_address()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it owns a partition."""
        changes = {"TOCSIN_STAGES": "listen,watch", "TOCSIN_HTTP": self.address, "TOCSIN_CLICKHOUSE_HTTP": ""}
        log = (self.stack.folder / "second.log").open("ab")
        command = [sys.executable, "-m", "agents", "worker"]
        self.process = subprocess.Popen(command, env=self.stack.environment | changes, stdout=log, stderr=log)
        self.stack.wait(lambda: self.owned() > 0, 60, "the second worker got no partition")

    def owned(self) -> int:
        """Posts partitions it owns, by its own metrics."""
        with urllib.request.urlopen(f"http://{self.address}/metrics", timeout=2) as reply:
            found = re.findall(r'tocsin_partitions\{stage="listen"\} (\d+)', reply.read().decode())
        return int(found[0]) if found else 0

    def kill(self) -> None:
        """SIGKILL."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()


def test_a_second_worker_joins_and_dies_and_the_first_takes_over(stack, httpserver) -> None:
    day, running = a_day(), stack(WATCHLIST)
    running.start()
    second, sends = Second(running), list(plan(day, POSTS, 60_000, SETTLE_MS))
    events = {len(sends) // 4: second.start, len(sends) // 2: second.kill}
    sent = iter(range(1, len(sends) + 1))

    running.feed(sends, lambda _send: events.pop(next(sent), lambda: None)())
    wait_until_done(running, pages=2)

    assert not events
    check_books(running, day)
    check_pages(running, httpserver, day)
