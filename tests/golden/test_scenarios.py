"""Small stories told in posts: which alerts and pages they make, to the byte.

A change of rules, detectors or wording changes what is expected: ``BLESS=1 pytest tests/golden`` writes it anew from
the posts, and the diff shows what the change means to a responder. ``time`` in posts.jsonl is ms after the first post's
five minutes, ``n`` how many posts alike arrive then, ``each`` how far apart, ms; every post has an author of its own
unless ``author`` names one.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from pipeline.feed import Send, dated, plan
from pipeline.listen import Partitions
from pipeline.replay import Topology
from pipeline.stage import Output
from schemas.alert import Page
from tests.builders import LATER, ear, post, watchlist

SCENARIOS = Path(__file__).parent / "scenarios"
WATCHLIST = watchlist(bucket_s=300, lateness_s=60, quiet_s=1_800, idle_s=3_600)
SETTLE_MS = 3 * 3_600_000


def sends(folder: Path) -> Iterator[Send]:
    """The story's posts as a feeder appends them."""
    posts = []
    for line in (folder / "posts.jsonl").read_text("utf-8").splitlines():
        told = json.loads(line)
        for number in range(told.get("n", 1)):
            at = told["time"] + number * told.get("each", 0)
            sent = dated(post(f"{len(posts)}", at, told["text"], told.get("author", ""), reach=told.get("reach", 0)))
            posts.append((told.get("arrives", at), sent))
    posts.sort(key=lambda item: item[0])
    return plan([sent for _, sent in posts], 2, WATCHLIST.rules.bucket_s * 1_000, SETTLE_MS)


def run(folder: Path, batch: int) -> list[Output]:
    """Everything that the story makes the stages say."""
    return list(Topology(Partitions(2, 2), WATCHLIST, ear(), LATER).run(sends(folder), batch))


def alerts(outputs: list[Output]) -> str:
    """Alerts as JSON lines."""
    return "".join(f"{(output.value or b'').decode()}\n" for output in outputs if output.topic == "social.alerts.v1")


def pages(outputs: list[Output]) -> str:
    """Pages as a responder reads them."""
    told = [msgspec.json.decode(output.value or b"", type=Page) for output in outputs
            if output.topic == "social.pages.v1"]  # fmt: skip
    return "".join(
        f"{one.action} {one.severity} {language}: {one.title[language]}\n{one.body[language]}\n\n"
        for one in told for language in sorted(one.title)
    )  # fmt: skip


@pytest.mark.parametrize("name", sorted(folder.name for folder in SCENARIOS.iterdir()))
def test_a_story_makes_these_alerts_and_pages(name):
    folder = SCENARIOS / name
    outputs = run(folder, batch=1_000)
    made = {"alerts.jsonl": alerts(outputs), "pages.txt": pages(outputs)}
    if os.environ.get("BLESS"):
        for file, text in made.items():
            (folder / file).write_text(text, "utf-8")

    assert made == {file: (folder / file).read_text("utf-8") for file in made}


@pytest.mark.parametrize("name", sorted(folder.name for folder in SCENARIOS.iterdir()))
def test_a_story_read_in_small_pieces_makes_the_same(name):
    folder = SCENARIOS / name
    whole, pieces = run(folder, batch=1_000), run(folder, batch=7)

    assert (alerts(pieces), pages(pieces)) == (alerts(whole), pages(whole))


EXPECTED = {
    "calm_day": (0, 0),
    "complaint_surge": (1, 1),
    "share_shift": (1, 1),
    "flood_by_few_authors": (1, 0),
    "late_posts": (0, 0),
    "burst_of_praise": (1, 0),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_story_has_so_many_incidents_of_which_so_many_ring(name):
    told = [json.loads(line) for line in (SCENARIOS / name / "alerts.jsonl").read_text("utf-8").splitlines()]
    opened = [alert for alert in told if alert["event"] == "opened"]
    rang = {alert["incident_id"] for alert in told if alert["paged"]}

    assert (len(opened), len(rang)) == EXPECTED[name]
