"""What a day with a crisis leaves in ClickHouse: made by the stages and the rows of the project, without a broker."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path

import msgspec
from clickhouse_connect.driver.client import Client

from agents.demo.scenario import posts
from agents.store import inserter
from agents.watchlist_file import read_watchlist
from pipeline.feed import Send, dated, plan
from pipeline.hearing import Ear
from pipeline.listen import Partitions
from pipeline.replay import Topology
from pipeline.rows import rows
from pipeline.stage import Output
from pipeline.text.model.reader import packaged
from schemas import topics
from schemas.alert import Delivery, Page
from schemas.codec import encode
from schemas.endorsement import InfluenceScore
from tests.grafana import View

PARTITIONS = Partitions(2, 2)
SIZE, HOUR_MS, SETTLE_MS = 6_000, 3_600_000, 7_200_000
STORED = {"social.signals.v1", "social.minutes.v1", "social.findings.v1", "social.alerts.v1", "social.pages.v1",
          "social.decisions.v1", "social.brand-log.v1", "social.posts.v1.dlq", "social.influence.v1"}  # fmt: skip


def fill(client: Client) -> View:
    """Store the day that ended two hours ago; returns what to look at, the brand with the crisis first."""
    now = int(time.time() * 1_000)
    end = (now - SETTLE_MS) // HOUR_MS * HOUR_MS
    lines: defaultdict[str, list[bytes]] = defaultdict(list)
    for output in [*_day(end, now), *_influence(now)]:
        if output.topic in STORED:
            for table, told in rows(output.topic, output.value, output.headers, now - HOUR_MS).lines.items():
                lines[table] += told
    for table, told in lines.items():
        inserter(client)(table, b"\n".join(told), table)
    return View(now // 1_000 - 86_400, now // 1_000, ("zelvo", "munchkite", "aurelane"))


def _day(end: int, now: int) -> Iterator[Output]:
    """What the stages make of a day, and the deliveries of its pages."""
    watchlist = read_watchlist(Path(str(resources.files("agents.demo") / "watchlist.yaml")))
    day = [dated(post) for post in posts(3, end, SIZE)]
    unreadable = [Send(0, b"somebody", b"{", end)]
    sends = [*plan(day, PARTITIONS.posts, watchlist.rules.bucket_s * 1_000, SETTLE_MS), *unreadable]
    for output in Topology(PARTITIONS, watchlist, Ear(watchlist, packaged("full")), now).run(sends):
        yield output
        if output.topic == topics.PAGES.name:
            yield from _deliveries(msgspec.json.decode(output.value or b"", type=Page))


def _deliveries(page: Page) -> Iterable[Output]:
    for target, status in (("webhook", "delivered"), ("feishu", "refused")):
        made = Delivery(
            page_id=page.page_id, dedup_key=page.dedup_key, brand=page.brand, target=target, status=status,
            attempts=1, requested_at=page.at, finished_at=page.at + 400,
        )  # fmt: skip
        yield Output(topics.BRAND_LOG.name, 0, page.brand.encode(), encode(made))


def _influence(now: int) -> Iterator[Output]:
    """Scores of a few authors, in a brand and in all."""
    for number in range(20):
        for brand in ("", "zelvo"):
            score = InfluenceScore(
                author_key=f"author {number}", brand=brand, at=now - number * HOUR_MS, lasting=1.0, spreading=1.0, h=2,
                every=(50.0 + number, 20.0, 5.0), trusted=(9.0, 4.0, 1.0), partition=0, offset=number,
            )  # fmt: skip
            yield Output(topics.INFLUENCE.name, 0, b"", encode(score))
