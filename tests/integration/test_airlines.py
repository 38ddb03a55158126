"""Real posts through a real Kafka: a week of posts to airlines, recounted from the file and compared with a replay."""

import csv
import re
import time
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import pytest
import yaml

from agents.post_source import read_posts
from agents.watchlist_file import read_watchlist
from pipeline.feed import plan
from pipeline.hearing import Ear
from pipeline.listen import Partitions
from pipeline.post_files import CsvMap
from pipeline.replay import Topology
from pipeline.text.model.reader import packaged
from tests.integration.stack import BRAND, POSTS

ROOT = Path(__file__).resolve().parents[2]
WATCHLIST = ROOT / "docs" / "examples" / "airlines.yaml"
WALKTHROUGH = (ROOT / "docs" / "walkthrough-airlines.md").read_text(encoding="utf-8")
FILE = ROOT.parent / "shared" / "data" / "text" / "airline_en" / "train.csv"
SETTLE_MS = 7_200_000
WEIGHTS = "clean"  # the others learned from these very posts

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.parametrize("broker", ["kafka"], indirect=True),
    pytest.mark.skipif(not FILE.is_file(), reason=f"the posts to airlines are not part of the repository: {FILE}"),
]


def recounted() -> Counter[str]:
    """Rows of the file by brand, by regular expressions made from the watch list: no code of ours."""
    entries = yaml.safe_load(WATCHLIST.read_text(encoding="utf-8"))["brands"]
    naming = {
        brand["id"]: [
            re.compile(rf"(?<![a-z0-9]){re.escape(alias.lower())}(?![a-z0-9])".replace(r"\ ", " ?"))
            for entry in (brand, *brand.get("products", []), *brand.get("campaigns", []))
            for alias in entry["aliases"]
        ]
        for brand in entries
    }
    counted: Counter[str] = Counter()
    with FILE.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            text = row["text"].lower()
            counted.update(brand for brand, names in naming.items() if any(name.search(text) for name in names))
    return counted


def replayed(posts) -> dict[str, list[bytes]]:
    """Alerts and pages of a run without a broker."""
    watchlist = read_watchlist(WATCHLIST)
    ear = Ear(watchlist, packaged(WEIGHTS))
    topology = Topology(Partitions(POSTS, BRAND), watchlist, ear, int(time.time() * 1000))
    found: dict[str, list[bytes]] = {"social.alerts.v1": [], "social.pages.v1": []}
    for output in topology.run(plan(posts, POSTS, watchlist.rules.bucket_s * 1000, SETTLE_MS)):
        if output.topic in found:
            found[output.topic].append(output.value)
    return found


def check_totals(stack) -> None:
    """Every way to count an airline's posts in ClickHouse gives what the file gives, and the walk-through tells."""
    truth = recounted()
    partials = stack.query("SELECT brand, sum(posts), sum(late) FROM minute_totals WHERE facet = '' GROUP BY brand")
    rows = stack.query("SELECT arrayJoin(brands) AS brand, count() FROM signals FINAL GROUP BY brand")
    closed = stack.query("SELECT brand, sum(posts) FROM minutes FINAL GROUP BY brand")

    assert {brand: on_time + late for brand, on_time, late in partials} == truth
    assert dict(rows) == truth
    assert dict(closed) == {brand: on_time for brand, on_time, _ in partials}
    for brand, on_time, late in partials:
        told = (brand, truth[brand], on_time, late, dict(rows)[brand], dict(closed)[brand])
        assert f"| {' | '.join(map(str, told))} |" in WALKTHROUGH


def check_evidence(stack) -> None:
    """Who follows an address on a page finds the post that the page quotes; the walk-through has the same pages."""
    log = {(partition, offset): value for partition, offset, value, _ in stack.topic("social.posts.v1")}
    pages = [orjson.loads(value) for _, _, value, _ in stack.topic("social.pages.v1")]
    quoted = [post for page in pages for post in page["alert"]["evidence"]]
    written = [orjson.loads(log[post["partition"], post["offset"]]) for post in quoted]

    assert all(page["alert"]["evidence"] for page in pages)
    assert [page["title"]["en"] for page in pages if page["title"]["en"] not in WALKTHROUGH] == []
    assert [(post["post_uid"], post["text"]) for post in quoted] == [
        (post["post_uid"], post["text"][:500]) for post in written
    ]


def test_a_week_of_real_posts_gives_the_totals_of_the_file_and_the_alerts_of_a_replay(stack) -> None:
    posts = read_posts(FILE, CsvMap(platform="x", zone=ZoneInfo("UTC")), lambda row: pytest.fail(f"unusable: {row}"))
    expected, running = replayed(posts), stack(WATCHLIST)
    running.start(text_weights=WEIGHTS)
    fed = running.feed(plan(posts, POSTS, read_watchlist(WATCHLIST).rules.bucket_s * 1000, SETTLE_MS))
    pages = len(expected["social.pages.v1"])
    delivered = f"SELECT uniqExact(page_id) = {pages} FROM deliveries WHERE target = 'webhook'"
    running.wait(lambda: bool(running.query(delivered)[0][0]) and running.settled(), 120, "the week was not worked off")
    live = {topic: sorted(value for _, _, value, _ in running.topic(topic)) for topic in expected}

    assert pages > 0
    assert fed.posts == len(posts)
    assert live == {topic: sorted(values) for topic, values in expected.items()}
    check_totals(running)
    check_evidence(running)
