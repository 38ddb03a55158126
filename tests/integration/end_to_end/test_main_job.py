"""The main job on the embedded cluster and on a real Kafka: posts in, one page out, exact numbers, kill -9 included."""

import time
from collections import Counter
from importlib import resources
from pathlib import Path

import orjson
import pytest
from standardwebhooks import Webhook

from agents.demo.scenario import posts
from agents.worker import read_watchlist
from pipeline.feed import dated, plan
from pipeline.hearing import Ear
from pipeline.listen import Partitions
from pipeline.replay import Topology
from pipeline.text.model.reader import packaged
from tests.integration.end_to_end.recount import by_minute, uids

POSTS, BRAND, SECRET = 4, 3, "whsec_dG9jc2luLXRlc3Qtc2VjcmV0LXRvY3Npbg=="
SETTLE_MS, HOUR_MS, SIZE = 7_200_000, 3_600_000, 12_000
WATCHLIST = Path(str(resources.files("agents.demo") / "watchlist.yaml"))

pytestmark = [pytest.mark.embedded, pytest.mark.kafka]


def a_day():
    """A small day with its crisis, over in time for the incident to settle."""
    end_ms = (int(time.time() * 1000) - SETTLE_MS) // HOUR_MS * HOUR_MS
    return [dated(post) for post in posts(3, end_ms, SIZE)]


def replayed(day, topic: str) -> list[bytes]:
    watchlist = read_watchlist(WATCHLIST)
    topology = Topology(
        Partitions(POSTS, BRAND),
        watchlist,
        Ear(watchlist, packaged("full")),
        int(time.time() * 1000),
    )
    sends = plan(day, POSTS, watchlist.rules.bucket_s * 1000, SETTLE_MS)
    return [output.value for output in topology.run(sends) if output.topic == topic]


def unique(values) -> list[bytes]:
    return list(dict.fromkeys(values))


def check_books(stack, day) -> None:
    """ClickHouse against the recount: every post one row, every minute's total right, partials and closed minutes."""
    watchlist = read_watchlist(WATCHLIST)
    values = [item.value for item in day]
    truth = by_minute(values, watchlist, 60_000)
    stored = {row[0] for row in stack.query("SELECT post_uid FROM signals FINAL")}
    ms = "toUnixTimestamp64Milli(minute)"
    totals = {row[:2]: row[2] for row in stack.query(f"SELECT brand, {ms}, posts FROM minute_totals WHERE facet = ''")}
    closed = {row[:2]: row[2] for row in stack.query(f"SELECT brand, {ms}, posts FROM minutes FINAL WHERE posts > 0")}

    assert stored == uids(values, watchlist)
    assert totals == dict(truth)
    assert closed == dict(truth)


def check_pages(stack, httpserver, day) -> None:
    """One page for the crisis, its resolution, both delivered with a valid signature, and the decisions of a replay."""
    alerts = unique(value for _, _, value, _ in stack.topic("social.alerts.v1"))
    pages = [orjson.loads(value) for value in unique(value for _, _, value, _ in stack.topic("social.pages.v1"))]
    received = {}
    for request, _ in httpserver.log:
        body = Webhook(SECRET).verify(request.data, dict(request.headers))
        received[request.headers["webhook-id"]] = body["action"]

    assert sorted(alerts) == sorted(replayed(day, "social.alerts.v1"))
    assert [page["action"] for page in pages] == ["trigger", "resolve"]
    assert {page["brand"] for page in pages} == {"zelvo"}
    assert len({page["dedup_key"] for page in pages}) == 1
    assert received == {page["page_id"]: page["action"] for page in pages}
    assert Counter(row[0] for row in stack.query("SELECT target FROM deliveries FINAL WHERE status = 'delivered'")) == {
        "terminal": 2,
        "webhook": 2,
    }


def wait_until_done(stack, pages: int) -> None:
    done = f"SELECT uniqExact(page_id) = {pages} FROM deliveries WHERE target = 'webhook'"
    stack.wait(lambda: bool(stack.query(done)[0][0]) and stack.settled(), 120, "the day was not worked off")


def test_a_day_of_posts_makes_one_page_and_exact_books(stack, httpserver) -> None:
    day, running = a_day(), stack(WATCHLIST)
    running.start()
    fed = running.feed(plan(day, POSTS, 60_000, SETTLE_MS))
    wait_until_done(running, pages=2)

    assert fed.posts == SIZE
    check_books(running, day)
    check_pages(running, httpserver, day)
    assert running.stop() == 0


def test_a_worker_killed_mid_stream_loses_nothing_and_counts_nothing_twice(stack, httpserver) -> None:
    day, running = a_day(), stack(WATCHLIST)
    running.start()
    sends = list(plan(day, POSTS, 60_000, SETTLE_MS))
    kills = {len(sends) // 3, 2 * len(sends) // 3}
    sent = iter(range(1, len(sends) + 1))

    def kill_twice(_send) -> None:
        if (number := next(sent)) in kills:
            kills.remove(number)
            running.kill()
            running.start()

    running.feed(sends, kill_twice)
    wait_until_done(running, pages=2)

    assert not kills
    check_books(running, day)
    check_pages(running, httpserver, day)
