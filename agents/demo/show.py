"""What ``tocsin demo`` does and shows: start, feed, ring, and the numbers behind the bell."""

import contextlib
import tempfile
import threading
import time
from importlib import resources
from pathlib import Path

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from rich.console import Console

from agents import embedded
from agents.cli.feed import advance, progress_bar
from agents.demo import report
from agents.demo.bell import Bell
from agents.demo.scenario import posts, script
from agents.feeding import EMBEDDED_API, Feeder, Lag, Pace
from agents.watchlist_file import read_watchlist
from pipeline.feed import Dated, dated, plan

SETTLE_MS = 7_200_000  # silence after the last post, in which the incident resolves
HOUR_MS = 3_600_000
MAX_LAG = 1_500  # records a partition may be behind; the embedded broker keeps only about 5 MB of it
SETTLED_S = 45.0


def show(*, size: int, seed: int, keep: bool, folder: Path | None) -> None:
    """Run the demo; prints to standard output."""
    console = Console()
    watchlist = Path(str(resources.files("agents.demo") / "watchlist.yaml"))
    with contextlib.ExitStack() as stack:
        home = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-demo-")))
        home.mkdir(parents=True, exist_ok=True)
        with console.status("starting a broker, a worker and ClickHouse on this machine..."):
            running = stack.enter_context(embedded.running(home, watchlist, {}))
        _run(console, running, watchlist, size, seed)
        if keep:
            report.keep(console, running)
            _wait_for_interrupt()


def _run(console: Console, running: embedded.Embedded, watchlist: Path, size: int, seed: int) -> None:
    began = time.monotonic()
    end_ms = (int(time.time() * 1000) - SETTLE_MS) // HOUR_MS * HOUR_MS
    bell = Bell(console, running.output)
    fed = _feed(console, running, watchlist, [dated(post) for post in posts(seed, end_ms, size)])
    client = clickhouse_connect.get_client(
        host="127.0.0.1", port=int(running.clickhouse.rpartition(":")[2]), database="tocsin", compress=False
    )
    with console.status("waiting until the last minute is closed and stored..."):
        _wait_settled(running, client)
    report.incident(console, client, script(end_ms), bell.pages)
    report.numbers(console, client, fed)
    report.onward(console, running, time.monotonic() - began)
    client.close()


def _feed(console: Console, running: embedded.Embedded, watchlist: Path, day: list[Dated]) -> int:
    rules = read_watchlist(watchlist).rules
    lag = Lag([running.bootstrap], "tocsin", EMBEDDED_API)
    feeder = Feeder([running.bootstrap], EMBEDDED_API)
    sends = plan(day, embedded.POSTS_PARTITIONS, rules.bucket_s * 1000, SETTLE_MS)
    with progress_bar(console) as bar:
        fed = feeder.feed(sends, Pace(), lambda: lag.worst() > MAX_LAG, advance(bar, "a day of posts", len(day)))
    feeder.close()
    lag.close()
    return fed.posts


def _wait_settled(running: embedded.Embedded, client: Client) -> None:
    """Until every incident is resolved and every page delivered, or patience ends (the report shows how far it is)."""
    deadline = time.monotonic() + SETTLED_S
    question = (
        "SELECT count() > 0 AND countIf(event != 'resolved') = 0 AND (SELECT count() FROM pages FINAL) <= "
        "(SELECT uniqExact(page_id) FROM deliveries) FROM "
        "(SELECT argMax(event, at) AS event FROM alerts FINAL GROUP BY incident_id)"
    )
    while time.monotonic() < deadline and running.worker.poll() is None:
        if client.query(question).result_rows[0][0]:
            return
        time.sleep(0.2)


def _wait_for_interrupt() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return
