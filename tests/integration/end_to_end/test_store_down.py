"""ClickHouse does not answer: detection, alerts and pages go on without it."""

import time
from importlib import resources
from pathlib import Path

import pytest

from agents.embedded import free_address
from pipeline.feed import plan
from tests.integration.end_to_end.test_main_job import POSTS, SETTLE_MS, a_day, replayed

WATCHLIST = Path(str(resources.files("agents.demo") / "watchlist.yaml"))

pytestmark = [pytest.mark.embedded, pytest.mark.parametrize("broker", ["embedded"], indirect=True)]


def test_alerts_and_pages_come_while_the_store_is_down(stack, httpserver) -> None:
    day, running = a_day(), stack(WATCHLIST)
    running.environment |= {
        "TOCSIN_CLICKHOUSE": f"http://writer:secret@{free_address()}/tocsin", "TOCSIN_CLICKHOUSE_HTTP": "",
        "TOCSIN_STUCK_S": "15",
    }  # fmt: skip
    running.start()
    running.feed(plan(day, POSTS, 60_000, SETTLE_MS), max_lag=1_000_000)
    running.wait(lambda: len(httpserver.log) >= 2, 60, "the pages did not come")
    time.sleep(20)  # longer than the watchdog's patience: waiting for the store is not being stuck
    alerts = {value for _, _, value, _ in running.topic("social.alerts.v1")}

    assert alerts == set(replayed(day, "social.alerts.v1"))
    assert running.worker.poll() is None
    assert "secret" not in (running.folder / "worker.log").read_text()
