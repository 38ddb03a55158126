"""``tocsin drill`` on a whole Tocsin: the page comes, says that it is a drill, and the tables are as they were."""

import subprocess
import sys
import time

import orjson
import pytest

from pipeline.feed import Send, dated, partition_of, plan
from schemas.post import SocialPost
from tests.builders import START, post
from tests.integration.stack import POSTS

pytestmark = pytest.mark.embedded
BUCKET_S, HOURS = 10, 7  # six hours until a brand is known to critical complaints
WATCHLIST = f"""
brands: [{{id: zelvo, aliases: [Zelvo, 泽沃]}}]
rules: {{bucket_s: {BUCKET_S}, lateness_s: 1}}
"""
TABLES = (
    "signals", "minute_partials", "minutes", "findings", "alerts", "pages", "decisions", "deliveries", "influence",
    "rejected", "cascades", "shadow_alerts",
)  # fmt: skip


def written(number: int, at: int) -> SocialPost:
    said = "Zelvo is fine" if number % 9 else "Zelvo is awful, terrible service, I want my money back"
    return post(f"{at}-{number}", at - START, said)


def history(end_ms: int) -> list[Send]:
    """A calm day, over long enough ago to say nothing about what posts take to arrive."""
    times = range(end_ms - HOURS * 3_600_000, end_ms - 16 * 60_000, 60_000)
    return list(plan([dated(written(number, at)) for number, at in enumerate(times)], POSTS, BUCKET_S * 1000, 0))


def live() -> list[Send]:
    """A post of this moment in each partition, so that all of them follow the clock."""
    now, sends = int(time.time() * 1000), dict[int, Send]()
    for number in range(100):
        at, key, value = dated(written(number, now))
        where = partition_of(key, POSTS)
        sends.setdefault(where, Send(where, key, value, at))
    return list(sends.values())


def tables(stack) -> dict[str, list[tuple]]:
    return {name: stack.query(f"SELECT * FROM {name} FINAL ORDER BY ALL") for name in TABLES}


@pytest.mark.parametrize("broker", ["embedded"], indirect=True)
def test_a_drill_rings_and_leaves_no_trace(stack, tmp_path, httpserver):
    watchlist = tmp_path / "watchlist.yaml"
    watchlist.write_text(WATCHLIST, "utf-8")
    running = stack(watchlist)
    running.start()
    past = history(int(time.time() * 1000))
    running.feed(past)
    running.wait(running.settled, 60, "the history was not worked off")
    now = live()
    running.feed(now)
    posts = sum(send.key != b"tick" for send in [*past, *now])
    closed = "SELECT sum(posts) FROM minutes FINAL"
    running.wait(lambda: running.query(closed) == [(posts,)], 90, "the last minute was not closed")
    before = tables(running)

    command = [sys.executable, "-m", "agents", "drill", "zelvo", "--yes", "--seconds", "2", "--posts", "30"]
    done = subprocess.run(command, env=running.environment, capture_output=True, text=True, check=False)
    running.wait(running.settled, 60, "the drill was not worked off")
    page, *_ = [orjson.loads(request.data) for request, _ in httpserver.log]

    assert done.returncode == 0, done.stdout + done.stderr
    assert "slowest: " in done.stdout
    assert "30 of 30 counted as complaints" in done.stdout
    assert page["title"]["en"].startswith("DRILL [CRITICAL] zelvo")
    assert tables(running) == before
    assert len(before["signals"]) == len({send.value for send in [*past, *now] if send.key != b"tick"})
