"""What a source sends, through its raw topic to ClickHouse: exact counts, refused payloads, nobody named in between."""

import json
import time
from importlib import resources
from pathlib import Path

import orjson

from agents.feeding import producer
from schemas.topics import raw

WATCHLIST = Path(str(resources.files("agents.demo") / "watchlist.yaml"))
AUTHORS, POSTS = 40, 400
HANDLE = "canary-handle.example"
MINUTE_MS = 60_000


def commit(number: int, at: int, kind: str, record: dict[str, object], operation: str = "create") -> bytes:
    """A Jetstream event."""
    told = {"$type": kind, "createdAt": f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(at / 1000))}Z", **record}
    return orjson.dumps({
        "did": f"did:plc:{number % AUTHORS:024d}", "time_us": at * 1000, "kind": "commit",
        "commit": {"operation": operation, "collection": kind, "rkey": f"3k{number}", "rev": "3k", "record": told},
    })  # fmt: skip


def capture(at: int) -> list[bytes]:
    """Posts of which every other names a brand, likes, events of accounts, repeats, and what no adapter can read."""
    posts = [
        commit(number, at + number, "app.bsky.feed.post", {"text": f"{'Zelvo' if number % 2 else 'it'} broke {number}"})
        for number in range(POSTS)
    ]
    likes = [
        commit(number, at + number, "app.bsky.feed.like", {"subject": {"uri": "at://did:plc:z/app.bsky.feed.post/1"}})
        for number in range(50)
    ]
    account = {"did": "did:plc:a", "time_us": at * 1000, "kind": "identity", "identity": {"handle": HANDLE}}
    view = {"uri": "at://did:plc:view/app.bsky.feed.post/1", "author": {"did": "did:plc:view", "handle": HANDLE},
            "record": json.loads(posts[1])["commit"]["record"]}  # fmt: skip
    return [
        *posts,
        *likes,
        orjson.dumps(account),
        orjson.dumps(view),
        *posts[:30],
        b"{",
        orjson.dumps({"kind": "commit"}),
    ]


def test_a_capture_ends_in_clickhouse_with_exact_counts(stack) -> None:
    running = stack(WATCHLIST)
    running.start(sources="bluesky", pseudonym_key="a secret of the tests", pseudonym_key_id="tests")
    at = (int(time.time() * 1000) - 1_200_000) // MINUTE_MS * MINUTE_MS
    sender = producer(running.bootstrap.split(","), running.api)
    for number, payload in enumerate(capture(at)):
        sender.send(raw("bluesky").name, payload, partition=number % 4)
    sender.flush()
    sender.close()
    named = POSTS // 2 + 1
    running.wait(lambda: running.query("SELECT count() FROM signals FINAL") == [(named,)], 90, "posts are missing")
    running.wait(running.settled, 60, "it does not settle")

    assert running.query("SELECT count(), uniqExact(author_key) FROM signals FINAL") == [(named, AUTHORS // 2 + 1)]
    assert running.query("SELECT topic, count() FROM rejected FINAL GROUP BY topic") == [(raw("bluesky").name, 2)]
    assert running.query("SELECT count(), countIf(handle = 'canary-handle.example') FROM identities FINAL") == [
        (AUTHORS + 1, 1)
    ]
    assert len({value for _, _, value, _ in running.topic("social.interactions.v1")}) == 50
    for name in ("social.posts.v1", "social.signals.v1"):
        assert [value for _, _, value, _ in running.topic(name) if value and HANDLE.encode() in value] == []
    assert running.stop() == 0
