"""Replayed letters in front of a running worker: what can be read by now counts once, poison comes back as poison."""

import time
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest

from agents.feeding import producer
from pipeline.dead_letters import dead_letter
from pipeline.feed import Send
from pipeline.replay import LogRecord
from pipeline.stage import Output
from schemas.author import Author
from schemas.codec import Malformed, encode
from schemas.dead_letter import attempts, replayed_offset
from schemas.post import SocialPost
from tests.fakes.command_line import Run, run_in_process  # noqa: F401  # a fixture
from tests.integration.stack import Stack

WATCHLIST = Path(str(resources.files("agents.demo") / "watchlist.yaml"))
DLQ = "social.posts.v1.dlq"
TOTALS = "SELECT sum(posts), sum(late) FROM minute_totals WHERE brand = 'zelvo' AND facet = ''"
READ = "SELECT sum(read) - sum(ticks), sum(duplicates), sum(rejected) FROM source_progress FINAL"
REJECTED = "SELECT reason, count() FROM rejected FINAL GROUP BY reason ORDER BY reason"

pytestmark = [pytest.mark.embedded, pytest.mark.parametrize("broker", ["embedded"], indirect=True)]


def post(uid: str, at: int) -> bytes:
    return encode(SocialPost(
        post_uid=uid, platform="x", channel="microblog", text="Zelvo is bad", event_time=at,
        author=Author(author_key="a"),
    ))  # fmt: skip


def append(running: Stack, one: Output) -> None:
    sender = producer([running.bootstrap], running.api)
    sender.send(one.topic, one.value, key=one.key, partition=one.partition, headers=list(one.headers)).get(10)
    sender.close()


def poisoned(running: Stack) -> list[int]:
    """Attempts that the letters of the poison tell of."""
    letters = [headers for *_, headers in running.topic(DLQ) if replayed_offset(headers) is None]
    return [attempts(sent) for sent in letters if dict(sent)["tocsin-reason-code"] == b"invalid_json"]


@pytest.fixture
def replay(stack, run: Run, monkeypatch: pytest.MonkeyPatch) -> tuple[Stack, Callable[[int], list[tuple]]]:
    """A running Tocsin, and ``tocsin dlq replay``: waits until there are so many letters of poison; the totals."""
    running = stack(WATCHLIST)
    running.start()
    monkeypatch.setenv("TOCSIN_KAFKA", running.bootstrap)
    monkeypatch.setenv("TOCSIN_EMBEDDED_BROKER", "true")

    def replayed(letters: int) -> list[tuple]:
        assert run("dlq", "replay").status == 0
        running.wait(lambda: len(poisoned(running)) == letters and running.settled(), 30, f"no {letters} letters")
        return running.query(TOTALS)

    return running, replayed


def test_a_replay_counts_a_post_once_and_poison_once_more_as_poison(replay) -> None:
    running, replayed = replay
    now = int(time.time() * 1000)
    older = Malformed("unsupported_schema", "as an older version said")
    letter = dead_letter("social.posts.v1", 1, LogRecord(999, now, b"a", post("x:1", now)), older)
    append(running, letter)
    running.feed([Send(1, b"poison", b"{", now)])
    running.wait(lambda: poisoned(running) == [1], 30, "no letter of the poison")
    totals = [replayed(2), replayed(3)]  # the second replays the poison that came back; the post has its mark
    append(running, letter)  # as a replay leaves it that dies before the mark
    totals.append(replayed(4))
    running.feed([Send(1, b"a", post("x:2", now), now)])  # so that listen tells its counters
    running.wait(lambda: running.query(TOTALS) == [(2, 0)] and running.settled(), 30, "the last post did not count")

    assert totals == [[(1, 0)]] * 3
    assert running.query(READ) == [(1 + 2 + 1 + 2 + 1, 1, 4)]
    assert running.query("SELECT post_uid FROM signals FINAL ORDER BY post_uid") == [("x:1",), ("x:2",)]
    assert running.query(REJECTED) == [("invalid_json", 4), ("unsupported_schema", 1)]
    assert poisoned(running) == [1, 2, 3, 4]
