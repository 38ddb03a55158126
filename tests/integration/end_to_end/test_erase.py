"""A canary through the whole pipeline, erased: no table, state, compacted topic or log knows of it any more."""

import asyncio
import subprocess
import sys
import time
from importlib import resources
from pathlib import Path

import orjson
import pytest

from agents.checkpoints import read_latest
from agents.clickhouse import connect
from agents.feeding import producer
from schemas import topics
from schemas.tables import TABLES
from tests.integration.stack import POSTS

WATCHLIST = Path(str(resources.files("agents.demo") / "watchlist.yaml"))
DID, RKEY = "did:plc:canarycanarycanarycanary", "3kcanary"
WORDS = "the canary sings in the coal mine"
SETTINGS = {"sources": "bluesky", "pseudonym_key": "a secret of the tests", "pseudonym_key_id": "tests"}
MINUTE_MS = 60_000
STATES = (topics.LISTEN_STATE, topics.WATCH_STATE, topics.ENDORSE_STATE, topics.INFLUENCE_STATE)

pytestmark = pytest.mark.embedded


def event(did: str, rkey: str, at: int, kind: str, record: dict[str, object]) -> bytes:
    """A Jetstream event."""
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at / 1000))
    return orjson.dumps({
        "did": did, "time_us": at * 1000, "kind": "commit",
        "commit": {"operation": "create", "collection": kind, "rkey": rkey, "rev": "3k",
                   "record": {"$type": kind, "createdAt": created, **record}},
    })  # fmt: skip


def post(did: str, rkey: str, at: int, text: str) -> bytes:
    return event(did, rkey, at, "app.bsky.feed.post", {"text": text})


def send(running, *payloads: bytes) -> None:
    """Onto the raw topic."""
    sender = producer(running.bootstrap.split(","), running.api)
    for number, payload in enumerate(payloads):
        sender.send(topics.raw("bluesky").name, payload, partition=number % POSTS)
    sender.flush()
    sender.close()


def erase(running, *more: str) -> str:
    """Run the command; what it says."""
    command = [sys.executable, "-m", "agents", "erase", "--platform", "bluesky", "--author", DID, *more]
    told = {f"TOCSIN_{name.upper()}": value for name, value in SETTINGS.items()}
    done = subprocess.run(command, env=running.environment | told, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    return done.stdout


def tables_with(running, *needles: str) -> list[str]:
    """Tables in which any of the needles is written, in any physical row."""
    client = connect(running.environment["TOCSIN_CLICKHOUSE"])
    try:
        told = {one.name: client.raw_query(f"SELECT * FROM {one.name}", fmt="JSONEachRow").decode() for one in TABLES}
    finally:
        client.close()
    return [name for name, rows in told.items() if any(needle in rows for needle in needles)]


def states_with(running, *needles: bytes) -> list[str]:
    """State topics and compacted topics of which a living record holds any of the needles."""
    compacted = (*STATES, topics.adapt_state("bluesky"), topics.INFLUENCE, topics.TOMBSTONES)
    found = []
    for topic in compacted:
        latest = asyncio.run(read_latest(running.bootstrap, topic.name, range(POSTS if topic.family != "brand" else 3)))
        living = [(key.encode(), value) for one in latest.values() for key, value in one.values.items()]
        found += [topic.name for pair in living if any(needle in part for needle in needles for part in pair)]
    return found


@pytest.mark.parametrize("broker", ["embedded"], indirect=True)
def test_nothing_of_an_erased_author_is_left_and_nothing_comes_back(stack) -> None:
    running = stack(WATCHLIST)
    running.start(**SETTINGS)
    at = (int(time.time() * 1000) - 120_000) // MINUTE_MS * MINUTE_MS
    said = post(DID, RKEY, at, f"My Zelvo charger caught fire and burned my hand, {WORDS}")
    liked = {"subject": {"uri": f"at://{DID}/app.bsky.feed.post/{RKEY}", "cid": "b"}}
    likes = [event(f"did:plc:{n:024d}", f"3l{n}", at + n, "app.bsky.feed.like", liked) for n in range(30)]
    others = [post(f"did:plc:{n:024d}", f"3k{n}", at + n, f"Zelvo broke again {n}") for n in range(20)]
    send(running, said, *likes, *others, orjson.dumps({"did": DID, "kind": "commit"}), b"{ an innocent letter")
    named = "SELECT count() FROM signals FINAL"
    running.wait(lambda: running.query(named) == [(21,)], 120, "posts are missing")
    running.wait(lambda: running.query("SELECT count() > 0 FROM findings") == [(1,)], 60, "no finding")
    running.wait(lambda: running.query("SELECT count() FROM rejected FINAL") == [(2,)], 60, "no dead letters")
    running.wait(running.settled, 60, "it does not settle")

    assert running.stop() == 0
    assert {"signals", "findings", "identities", "rejected"} <= {*tables_with(running, WORDS, DID)}
    assert topics.LISTEN_STATE.name in states_with(running, WORDS.encode(), DID.encode())
    planned = erase(running, "--dry-run")
    assert tables_with(running, WORDS, DID) != []
    done = erase(running, "--reason", "gdpr", "--request", "R-17")
    assert "table signals" in planned
    assert "table signals" in done
    assert "NOT erased: the broker of the demo" in done
    assert "social.raw.bluesky.v1" in done  # waits for its retention

    running.start(**SETTINGS)
    send(running, said)
    running.wait(running.settled, 60, "it does not settle")
    running.wait(lambda: states_with(running, WORDS.encode(), DID.encode()) == [], 60, "state still holds it")
    identity = f"SELECT count() FROM identities WHERE native_id = '{DID}'"  # adapt has written it again
    running.wait(lambda: running.query(identity) == [(0,)], 60, "identity is back")

    assert running.query(named) == [(20,)]
    assert running.stop() == 0
    assert tables_with(running, WORDS, DID) == []
    assert WORDS not in running.log.read_text()
    assert DID not in running.log.read_text()
