"""After a fault: wait until all is quiet, and compare Kafka, ClickHouse and the pager with the truth."""

import asyncio
from collections import defaultdict

import orjson
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook

from agents.verifying import verify
from agents.watchlist_file import read_watchlist
from tests.chaos.truth import WATCHLIST, Truth
from tests.integration.stack import BRAND, SECRET, Stack

MINUTE = "toUnixTimestamp64Milli(minute)"
POSTS_LOG = "social.posts.v1"


def check(stack: Stack, httpserver: HTTPServer, wait_s: float = 120) -> Truth:
    """Everything that must hold once the posts log is worked off; the truth it was compared with."""
    truth = Truth(stack.records(POSTS_LOG))
    alerts, pages = truth.decided("social.alerts.v1", "social.pages.v1")
    done = "SELECT uniqExact(page_id) FROM deliveries WHERE target = 'webhook' AND status = 'delivered'"
    stack.wait(stack.settled, wait_s, "the logs were not worked off")
    stack.wait(lambda: stack.query(done)[0][0] == len(pages), wait_s, f"{len(pages)} pages were not delivered")
    stack.wait(stack.settled, wait_s, "what became of the pages was not worked off")
    _check_rows(stack, truth)
    _check_minutes(stack, truth)
    _check_dead_letters(stack, truth)
    _check_decisions(stack, alerts, pages)
    _check_pager(httpserver, pages)
    _verify(stack)
    return truth


def values(stack: Stack, topic: str) -> set[bytes]:
    """The distinct values of a topic: a restart repeats records byte for byte."""
    return {value or b"" for _, _, value, _ in stack.topic(topic)}


def lettered(stack: Stack) -> set[tuple[int, int]]:
    """Partition and offset of the posts that have a dead letter."""
    named = [dict(headers) for *_, headers in stack.topic(f"{POSTS_LOG}.dlq")]
    return {(int(one["__connect.errors.partition"]), int(one["__connect.errors.offset"])) for one in named}


def _check_rows(stack: Stack, truth: Truth) -> None:
    rows = stack.query("SELECT post_uid, revision FROM signals FINAL")

    assert sorted(rows) == sorted(truth.stored.items())


def _check_minutes(stack: Stack, truth: Truth) -> None:
    totals = stack.query(f"SELECT brand, {MINUTE}, posts, late FROM minute_totals WHERE facet = ''")
    stored = stack.query(f"SELECT brand, {MINUTE}, posts FROM minutes FINAL WHERE posts > 0")
    revisions = defaultdict(set)
    for value in values(stack, "social.minutes.v1"):
        closed = orjson.loads(value)
        revisions[closed["brand"], closed["minute"], closed["revision"]].add(closed["posts"])

    assert {row[:2]: row[2] for row in totals if row[2]} == dict(truth.on_time)
    assert {row[:2]: row[3] for row in totals if row[3]} == dict(truth.late)
    assert {row[:2]: row[2] for row in stored} == dict(truth.on_time)
    assert len(stored) == len(truth.on_time)
    assert {len(told) for told in revisions.values()} <= {1}


def _check_dead_letters(stack: Stack, truth: Truth) -> None:
    letters = {(value, headers) for _, _, value, headers in stack.topic(f"{POSTS_LOG}.dlq")}
    named = [dict(headers) for _, headers in letters]
    places = [(int(one["__connect.errors.partition"]), int(one["__connect.errors.offset"])) for one in named]
    rows = stack.query(f"SELECT partition, offset FROM rejected FINAL WHERE topic = '{POSTS_LOG}'")

    assert sorted(places) == sorted(truth.rejected)
    assert sorted(rows) == sorted(truth.rejected)


def _check_decisions(stack: Stack, alerts: list[bytes], pages: list[bytes]) -> None:
    assert sorted(values(stack, "social.alerts.v1")) == alerts
    assert sorted(values(stack, "social.pages.v1")) == pages
    assert stack.query("SELECT count() FROM alerts FINAL") == [(len(alerts),)]
    assert stack.query("SELECT count() FROM pages FINAL") == [(len(pages),)]


def _check_pager(httpserver: HTTPServer, pages: list[bytes]) -> None:
    """Each page arrived at least once, and a repetition can be told by its id; one key for an episode."""
    received = defaultdict(set)
    for request, reply in httpserver.log:
        if reply.status_code == 202:
            body = Webhook(SECRET).verify(request.data, dict(request.headers))
            received[request.headers["webhook-id"]].add(body["dedup_key"])
    decided = [orjson.loads(value) for value in pages]

    assert received == {page["page_id"]: {page["dedup_key"]} for page in decided}


def _verify(stack: Stack) -> None:
    """What ``tocsin verify`` says."""
    results = asyncio.run(verify(stack.bootstrap, read_watchlist(WATCHLIST)))

    assert len(results) == BRAND
    assert [line for result in results if not result.ok for line in result.lines()] == []
