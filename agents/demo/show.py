"""What ``tocsin demo`` does and shows: start, feed, ring, and the numbers behind the bell."""

import contextlib
import tempfile
import threading
import time
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from rich.console import Console

from agents import embedded
from agents.cli.feed import advance, progress_bar
from agents.demo import console as live_console
from agents.demo import report
from agents.demo.bell import Bell
from agents.demo.scenario import Script, posts, script
from agents.feeding import EMBEDDED_API, Feeder, Lag, Pace
from agents.watchlist_file import read_watchlist
from pipeline.feed import TICK_KEY, Send, dated, plan

SETTLE_MS = 7_200_000  # silence after the last post, in which the incident resolves
MINUTE_MS, HOUR_MS = 60_000, 3_600_000
TO_COME_MS = 150 * MINUTE_MS  # of the day, when it is kept: the crisis is at its height, and the company speaks
MAX_LAG = 1_500  # records a partition may be behind; the embedded broker keeps only about 5 MB of it
SETTLED_S = 45.0
RESOLVED = (
    "SELECT count() > 0 AND countIf(event != 'resolved') = 0 AND (SELECT count() FROM pages FINAL) <= "
    "(SELECT uniqExact(page_id) FROM deliveries) FROM "
    "(SELECT argMax(event, at) AS event FROM alerts FINAL GROUP BY incident_id)"
)
PAGED = "SELECT count() > 0 AND count() <= (SELECT uniqExact(page_id) FROM deliveries) FROM pages FINAL"


class Day(NamedTuple):
    """What is fed at once, what comes in its own time, and what was scripted."""

    past: list[Send]
    to_come: list[Send]
    scripted: Script


def show(*, size: int, seed: int, keep: bool, folder: Path | None) -> None:
    """Run the demo; prints to standard output."""
    console = Console()
    watchlist = Path(str(resources.files("agents.demo") / "watchlist.yaml"))
    with contextlib.ExitStack() as stack:
        home = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-demo-")))
        home.mkdir(parents=True, exist_ok=True)
        with console.status("starting a broker, a worker and ClickHouse on this machine..."):
            running = stack.enter_context(embedded.running(home, watchlist, {}))
        day = _day(watchlist, size, seed, kept=keep)
        if not keep:
            _run(console, running, day, RESOLVED)
            return
        url = stack.enter_context(live_console.running(running))
        console.print(f"console     {url}", highlight=False)
        _run(console, running, day, PAGED)
        report.keep(console, running, url)
        with contextlib.suppress(KeyboardInterrupt):
            _feed(running, day.to_come, Pace(speed=1.0), lambda _: None)
            threading.Event().wait()


def _day(watchlist: Path, size: int, seed: int, *, kept: bool) -> Day:
    """A day that is over and settled, or, to be kept, one that is in the middle of its crisis."""
    now = int(time.time() * 1000)
    end_ms = now // MINUTE_MS * MINUTE_MS + TO_COME_MS if kept else (now - SETTLE_MS) // HOUR_MS * HOUR_MS
    bucket_ms = read_watchlist(watchlist).rules.bucket_s * 1000
    dates = [dated(post) for post in posts(seed, end_ms, size)]
    sends = list(plan(dates, embedded.POSTS_PARTITIONS, bucket_ms, SETTLE_MS))
    past = [send for send in sends if send.at < now]
    return Day(past, sends[len(past) :], script(end_ms))


def _run(console: Console, running: embedded.Embedded, day: Day, done: str) -> None:
    began, bell = time.monotonic(), Bell(console, running.output)
    number = sum(send.key != TICK_KEY for send in day.past)
    with progress_bar(console) as bar:
        fed = _feed(running, day.past, Pace(), advance(bar, "a day of posts", number))
    client = clickhouse_connect.get_client(
        host="127.0.0.1", port=int(running.clickhouse.rpartition(":")[2]), database="tocsin", compress=False
    )
    with console.status("waiting until the last minute is closed and stored..."):
        _wait_until(running, client, done)
    report.incident(console, client, day.scripted, bell.pages)
    report.numbers(console, client, fed)
    report.onward(console, running, time.monotonic() - began)
    client.close()


def _feed(running: embedded.Embedded, sends: list[Send], pace: Pace, on_send: Callable[[Send], None]) -> int:
    """Append them; the number of posts."""
    lag = Lag([running.bootstrap], "tocsin", EMBEDDED_API)
    feeder = Feeder([running.bootstrap], EMBEDDED_API)
    fed = feeder.feed(sends, pace, lambda: lag.worst() > MAX_LAG, on_send)
    feeder.close()
    lag.close()
    return fed.posts


def _wait_until(running: embedded.Embedded, client: Client, done: str) -> None:
    """Until ClickHouse says that it is ``done``, or patience ends (the report shows how far it is)."""
    deadline = time.monotonic() + SETTLED_S
    while time.monotonic() < deadline and running.worker.poll() is None:
        if client.query(done).result_rows[0][0]:
            return
        time.sleep(0.2)
