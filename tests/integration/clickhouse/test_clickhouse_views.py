"""Partials add up to totals, corrected minutes replace the first, alerts tell where an incident stands."""

import time
from collections.abc import Sequence
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from agents.store import Store
from pipeline.rows import rows
from schemas import topics
from schemas.alert import Alert
from schemas.brand_log import Bundle, Counts, Evidence, Partial, Progress
from schemas.codec import encode
from schemas.minute import Minute

pytestmark = pytest.mark.embedded
NOW = int(time.time()) * 1000 // 60_000 * 60_000  # recent: tables forget what is old


def ask(client: Client, sql: str) -> Sequence[Sequence[Any]]:
    return client.query(sql).result_rows


def bundle(source: int, offset: int, posts: int, late: int = 0) -> bytes:
    counts, forum = Counts(posts=posts, polarity_milli=-posts), Counts(posts=1)
    partial = Partial(brand="acme", minute=NOW, counts=counts, late=late, facets={"channel:forum": forum})
    progress = Progress(source=source, sources=2, offset=offset, watermark=NOW, read=offset + 1)
    return encode(Bundle(bucket_ms=60_000, previous=-1, progress=progress, partials=(partial,)))


async def test_totals_take_the_latest_partial_of_each_source_and_add_the_sources_up(
    client: Client, store: Store
) -> None:
    log = [bundle(0, 10, 3), bundle(1, 5, 4, late=2), bundle(0, 20, 6), bundle(0, 10, 3)]
    for at, value in enumerate(log):
        for table, found in rows(topics.BRAND_LOG.name, value).lines.items():
            await store.insert(table, found, f"brand-log:0:{at}:{table}")
    totals = ask(client, "SELECT facet, sources, posts, polarity_milli, late FROM minute_totals ORDER BY facet")

    assert totals == [("", 2, 10, -10, 2), ("channel:forum", 2, 2, 0, 0)]
    assert ask(client, "SELECT source, offset FROM source_progress FINAL ORDER BY source") == [(0, 20), (1, 5)]


async def test_a_corrected_minute_replaces_the_first(client: Client, store: Store) -> None:
    second = Minute(brand="acme", minute=NOW, bucket_ms=60_000, revision=2, posts=9, scores={"complaints": 1.5})
    first = Minute(brand="acme", minute=NOW, bucket_ms=60_000, revision=1, posts=4, missing=(3,))
    for minute in (second, first):
        await store.insert("minutes", rows(topics.MINUTES.name, encode(minute)).lines["minutes"], str(minute.revision))

    assert ask(client, "SELECT revision, posts, scores FROM minutes FINAL") == [(2, 9, {"complaints": 1.5})]


def alert(number: int, event: str, severity: str, **changes: object) -> bytes:
    quote = Evidence(
        post_uid="x:1", partition=0, offset=1, at=NOW, platform="x", author_key="a", lang="en", text="“漏水”\n",
        polarity=-1.0, severity=3, reach=1, why="first",
    )  # fmt: skip
    fields: dict[str, Any] = {
        "alert_id": f"a{number}", "incident_id": "i1", "event": event, "reason": "quiet", "brand": "acme",
        "at": NOW + number * 60_000, "started": NOW, "since": NOW, "counted_from": NOW,
        "severity": severity, "detectors": (f"d{number}",),
        "observed": 9.0, "expected": 1.0, "unit": "posts", "strength": 3.0, "posts": number, "negatives": 0,
        "complaints": number, "critical": 0, "authors": number, "suspected_flood": False, "paged": number < 2,
        "evidence": (quote,), "drivers": {"channel:forum": 0.5}, "rules": "r",
    }  # fmt: skip
    return encode(Alert(**(fields | changes)))


async def keep_alerts(store: Store, *alerts: bytes) -> None:
    for at, value in enumerate(alerts):
        await store.insert("alerts", rows(topics.ALERTS.name, value).lines["alerts"], f"alerts:0:{at}")


async def test_an_alert_made_again_by_a_replay_is_one_row_with_its_document(client: Client, store: Store) -> None:
    await keep_alerts(store, alert(1, "opened", "error"), alert(1, "opened", "error"))

    assert ask(client, "SELECT document FROM alerts FINAL") == [(alert(1, "opened", "error").decode(),)]
    assert ask(client, "SELECT JSONExtractString(evidence, 1, 'text'), drivers FROM alerts FINAL") == [
        ("“漏水”\n", {"channel:forum": 0.5})
    ]


async def test_an_open_incident_has_no_end_and_a_resolved_one_keeps_its_worst_severity(
    client: Client, store: Store
) -> None:
    events = [alert(0, "opened", "warning"), alert(1, "escalated", "critical"), alert(2, "updated", "error")]
    await keep_alerts(store, *events)
    still_open = ask(client, "SELECT state, ended_at FROM incidents")
    await keep_alerts(store, *events, alert(2, "resolved", "error", alert_id="a3", paged=True))
    ((state, ended, peak, pages, count, seen_by),) = ask(
        client,
        "SELECT state, toUnixTimestamp64Milli(ended_at), peak_severity, pages, events, seen_by FROM incidents",
    )

    assert still_open == [("updated", None)]
    assert (state, ended, peak, pages, count) == ("resolved", NOW + 120_000, "critical", 2, 4)
    assert seen_by == ["d0", "d1", "d2"]
