"""An adapt stage that dies at every durable boundary: each payload counts once, and no growth of a count is lost."""

import time
from collections import Counter
from random import Random

import msgspec
import orjson
import pytest

from agents.crash_points import POINTS
from agents.feeding import producer
from schemas.interaction import Interaction
from schemas.topics import INTERACTIONS, TOMBSTONES, raw, raw_dlq
from schemas.topics import POSTS as POSTS_TOPIC
from tests.chaos.test_crash_points import NTH, ONCE, Gauntlet
from tests.integration.stack import POSTS, Stack

SETTINGS = {
    "TOCSIN_STAGES": "adapt,listen,store", "TOCSIN_SOURCES": "bluesky", "TOCSIN_PSEUDONYM_KEY": "a secret of the tests",
    "TOCSIN_PSEUDONYM_KEY_ID": "tests",
}  # fmt: skip
SEEN_AGAIN, NEW, DELETED, BAD = 40, 60, 8, 4  # payloads of a piece; the first are snapshots of the same posts
GROWTH = 3  # likes of each of them from piece to piece
TOPIC, LETTERS = raw("bluesky").name, raw_dlq("bluesky").name


class Capture:
    """What a source sends, piece by piece; a post is always on the same partition."""

    def __init__(self, stack: Stack) -> None:
        self._sender = producer(stack.bootstrap.split(","), stack.api)
        self._at = int(time.time() * 1000) - 600_000
        self.pieces = 0

    def send(self) -> None:
        """One more piece."""
        old = [self._view(f"old{number}", 5 + number + GROWTH * self.pieces) for number in range(SEEN_AGAIN)]
        new = [self._view(f"new{self.pieces}x{number}", 0) for number in range(NEW)]
        gone = [self._gone(f"gone{self.pieces}x{number}") for number in range(DELETED)]
        for number, payload in enumerate([*old, *new, *gone, *[b"{ no JSON"] * BAD]):
            self._sender.send(TOPIC, payload, partition=number % POSTS)
        self._sender.flush()
        self.pieces += 1

    def close(self) -> None:
        """Nothing more comes."""
        self._sender.close()

    def _view(self, rkey: str, likes: int) -> bytes:
        did = f"did:plc:{rkey}"
        made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self._at / 1000))
        return orjson.dumps({
            "uri": f"at://{did}/app.bsky.feed.post/{rkey}", "author": {"did": did}, "likeCount": likes,
            "record": {"$type": "app.bsky.feed.post", "createdAt": made, "text": f"Zelvo broke again, says {rkey}"},
        })  # fmt: skip

    def _gone(self, rkey: str) -> bytes:
        return orjson.dumps({
            "did": f"did:plc:{rkey}", "time_us": self._at * 1000, "kind": "commit",
            "commit": {"operation": "delete", "collection": "app.bsky.feed.post", "rkey": rkey, "rev": "3k"},
        })  # fmt: skip


def told(stack: Stack, topic: str, field: bytes) -> set[bytes]:
    """The different records with a field: ticks and the like have none."""
    return {value for _, _, value, _ in stack.topic(topic) if value and field in value}


def grown(stack: Stack) -> Counter[str]:
    """Likes by post, as differences of snapshots tell them; one that is told again is the same to the byte."""
    values = told(stack, INTERACTIONS.name, b'"interaction_uid":')
    likes = [msgspec.json.decode(value, type=Interaction) for value in values]
    found = Counter[str]()
    for one in likes:
        found[one.target_uid or ""] += one.count

    assert len({one.interaction_uid for one in likes}) == len(likes)
    assert {(one.basis, one.type) for one in likes} <= {("snapshot_delta", "like")}
    return found


def run(stack: Stack, points: list[str]) -> None:
    """Send a piece for each of the points, at which the worker dies, and one more."""
    stack.environment |= SETTINGS
    gauntlet, capture = Gauntlet(stack, points), Capture(stack)
    gauntlet.arm()
    for _ in points:
        capture.send()
        gauntlet.fall()
    capture.send()
    capture.close()
    named = SEEN_AGAIN + NEW * capture.pieces
    likes = {f"bsky:did:plc:old{n}/app.bsky.feed.post/old{n}": GROWTH * len(points) for n in range(SEEN_AGAIN)}
    stack.wait(lambda: stack.query("SELECT count() FROM signals FINAL") == [(named,)], 90, "posts are missing")
    bad = BAD * capture.pieces
    stack.wait(lambda: stack.query("SELECT count() FROM rejected FINAL") == [(bad,)], 60, "dead letters are missing")
    stack.wait(stack.idle, 60, "it does not settle")

    assert gauntlet.died == points
    assert grown(stack) == likes
    assert len(told(stack, POSTS_TOPIC.name, b'"post_uid":')) == (SEEN_AGAIN + NEW) * capture.pieces
    assert len(told(stack, TOMBSTONES.name, b'"subject":')) == DELETED * capture.pieces
    letters = {dict(headers)["__connect.errors.offset"] for *_, headers in stack.topic(LETTERS)}
    spoilt = {str(offset).encode() for _, offset, value, _ in stack.topic(TOPIC) if value == b"{ no JSON"}
    assert letters == spoilt
    assert stack.query("SELECT count() FROM identities FINAL") == [(named,)]
    assert stack.query("SELECT uniqExact(subject) FROM tombstones FINAL") == [(DELETED * capture.pieces,)]
    assert stack.stop() == 0


@pytest.mark.embedded
def test_an_adapt_stage_that_dies_loses_nothing_and_tells_nothing_twice(embedded_stack: Stack) -> None:
    run(embedded_stack, ["adapt: batch folded:2", "adapt: outputs acknowledged", "adapt: manifest acknowledged:3"])


@pytest.mark.chaos
@pytest.mark.kafka
@pytest.mark.parametrize("seed", [1, 2])
def test_an_adapt_stage_that_dies_at_every_boundary_loses_nothing(stack: Stack, seed: int) -> None:
    rng = Random(seed)
    points = rng.sample(POINTS["adapt"], len(POINTS["adapt"]))
    run(stack, [f"adapt: {point}:{1 if point in ONCE else rng.randint(1, NTH)}" for point in points])
