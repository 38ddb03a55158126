"""Bad input on a real Kafka: dead letters with a reason, good posts beside them unaffected, and the brake."""

import time
from importlib import resources
from pathlib import Path

import orjson
import pytest

from pipeline.feed import Send
from schemas.codec import encode
from schemas.post import SocialPost, Tick

WATCHLIST = Path(str(resources.files("agents.demo") / "watchlist.yaml"))
PARTITIONS = 4
MINUTE_MS = 60_000

pytestmark = [pytest.mark.kafka, pytest.mark.parametrize("broker", ["kafka"], indirect=True)]


def post(number: int, at: int) -> bytes:
    return encode(
        SocialPost(post_uid=f"x:{number}", platform="x", channel="microblog", text="Zelvo is fine", event_time=at)
    )


def bad_values(at: int) -> dict[str, tuple[bytes, str]]:
    """Each kind of bad input by name: its bytes and the reason code it must get."""
    fine = orjson.loads(post(0, at))

    def with_(**changes: object) -> bytes:
        return orjson.dumps({**fine, **changes})

    whole = post(0, at)
    return {
        "invalid JSON": (b'{"post_uid": ', "invalid_json"),
        "wrong type": (with_(text=7), "wrong_type"),
        "null": (b"null", "not_an_object"),
        "list": (b"[1, 2]", "not_an_object"),
        "10 MB text": (with_(text="长" * 3_400_000), "too_long"),
        "lone surrogate": (whole.replace(b"Zelvo", rb"\ud800Zelvo"), "invalid_unicode"),
        "NaN": (whole.replace(str(at).encode(), b"NaN"), "invalid_json"),
        "integer above 2**63": (whole.replace(str(at).encode(), str(2**63).encode()), "out_of_range"),
        "year 1600": (with_(event_time=-11_676_096_000_000), "out_of_range"),
        "year 2200": (with_(event_time=7_258_118_400_000), "out_of_range"),
        "tomorrow": (with_(event_time=at + 86_400_000), "future_timestamp"),
        "unknown word": (with_(platform="telepathy"), "unknown_word"),
        "newer schema": (with_(schema_version=2), "unsupported_schema"),
        "empty object": (b"{}", "missing_field"),
        "empty value": (b"", "empty"),
        "not UTF-8": (whole.replace(b"Zelvo", "流明".encode("gbk")), "invalid_unicode"),
    }


def test_every_kind_of_bad_input_is_a_dead_letter_with_its_reason_and_good_posts_are_stored(stack) -> None:
    running = stack(WATCHLIST)
    running.start()
    at = (int(time.time() * 1000) - 1_200_000) // MINUTE_MS * MINUTE_MS
    bad = bad_values(at)
    sends, number = [], 0
    for name, (value, _) in bad.items():
        for _ in range(5):
            number += 1
            sends.append(Send(number % PARTITIONS, b"author", post(number, at), at))
        sends.append(Send(number % PARTITIONS, name.encode(), value, at))
    ticks = [Send(p, b"tick", encode(Tick(at=at + 300_000)), at + 300_000) for p in range(PARTITIONS)]
    running.feed([*sends, *ticks])
    rejected = "SELECT count() FROM rejected FINAL WHERE topic = 'social.posts.v1'"
    running.wait(lambda: running.query(rejected)[0][0] >= len(bad) and running.settled(), 60, "not worked off")

    letters = {
        dict(headers)["tocsin-payload-sha256"]: dict(headers) for *_, headers in running.topic("social.posts.v1.dlq")
    }
    reasons = sorted(header["tocsin-reason-code"].decode() for header in letters.values())
    stored = running.query(
        "SELECT reason, count(), max(lengthUTF8(payload)), max(bytes) FROM rejected FINAL GROUP BY reason"
    )

    assert reasons == sorted(reason for _, reason in bad.values())
    assert sum(row[1] for row in stored) == len(bad)
    assert max(row[2] for row in stored) <= 65_536
    assert max(row[3] for row in stored) > 10_000_000
    assert running.query("SELECT count() FROM signals FINAL")[0][0] == number
    assert running.query("SELECT sum(posts) FROM minutes FINAL")[0][0] == number
    assert running.worker.poll() is None


def test_the_brake_stops_the_worker_when_most_of_a_partition_is_poison(stack) -> None:
    running = stack(WATCHLIST)
    running.start()
    at = int(time.time() * 1000) - 60_000
    poison = [Send(1, b"author", b"{poison" if number % 10 else post(number, at), at) for number in range(1_500)]
    running.feed(poison)
    status = running.worker.wait(30)
    log = (running.folder / "worker.log").read_text()

    assert status == 70
    assert "the brake is on" in log
    assert "social.posts.v1/1@" in log
