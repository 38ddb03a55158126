"""Workload W as Faust's own guide writes it: records, a table by brand and one by author, changelogs."""

import asyncio
import os
import sys
import tempfile
from typing import Any

import faust
from confluent_kafka.admin import AdminClient, NewTopic
from fold import WINDOW_MS, Meter, decayed, score, task, written

GIVEN, METER, READ = task(), Meter(), asyncio.Event()
TOLD = {"events": 0}
AUTHORS: dict[str, list[float]] = {}  # as last set in the table, for the report

app = faust.App(
    GIVEN.run, broker=f"kafka://{GIVEN.bootstrap}", store="memory://", web_enabled=False, topic_disable_leader=True,
    web_port=int(os.environ.get("WEB_PORT", "6066")), consumer_auto_offset_reset="earliest", stream_wait_empty=False,
    datadir=tempfile.mkdtemp(), loghandlers=[],
)  # fmt: skip


class Post(faust.Record, serializer="json"):
    """A post: the fields that are used."""

    brand: str
    text: str
    ts: int


class Interaction(faust.Record, serializer="json"):
    """An interaction: the fields that are used."""

    author: str
    ts: int
    w: float


text_key: dict[str, Any] = {"key_type": str, "key_serializer": "raw"}
posts = app.topic(GIVEN.posts, value_type=Post, partitions=len(GIVEN.post_ends), **text_key)
interactions = app.topic(GIVEN.interactions, value_type=Interaction, partitions=len(GIVEN.interaction_ends), **text_key)
windows = app.topic(GIVEN.windows, value_type=bytes, value_serializer="raw")
brands = app.Table(f"{GIVEN.run}-brands", partitions=len(GIVEN.post_ends), key_type=str)
authors = app.Table(f"{GIVEN.run}-authors", partitions=len(GIVEN.interaction_ends), key_type=str)


def count() -> None:
    """One record more."""
    METER.start()
    TOLD["events"] += 1
    if TOLD["events"] == GIVEN.events:
        METER.pause()
        READ.set()


@app.agent(posts)
async def read_posts(stream: Any) -> None:  # noqa: ANN401  # a Faust stream
    """Count posts in their windows."""
    async for post in stream:
        total, minute, held = score(post.text), post.ts // WINDOW_MS, brands.get(post.brand)
        if held is None or held[0] < minute:
            if held is not None:
                await windows.send(value=written(post.brand, *held))
            held = [minute, 0, 0.0, 0]
        brands[post.brand] = [held[0], held[1] + 1, held[2] + total, held[3] + (total < 0)]
        count()


@app.agent(interactions)
async def read_interactions(stream: Any) -> None:  # noqa: ANN401  # same
    """Add interactions to the scores of their authors."""
    async for one in stream:
        held = authors.get(one.author)
        now = [one.w, one.ts] if held is None else [decayed(held[0], held[1], one.ts) + one.w, one.ts]
        authors[one.author] = AUTHORS[one.author] = now
        count()


@app.task
async def end() -> None:
    """Report when everything was read and the closed windows are sent."""
    await READ.wait()
    await app.producer.flush()
    total = sum(decayed(value, int(since), GIVEN.end_ms) for value, since in AUTHORS.values())
    METER.report(TOLD["events"], len(AUTHORS), total)
    os._exit(0)


def create_changelogs() -> None:
    """Make them beforehand: Faust makes them too late for its own check of their partitions, and an agent crashes."""
    tables = {f"{GIVEN.run}-brands": GIVEN.post_ends, f"{GIVEN.run}-authors": GIVEN.interaction_ends}
    admin = AdminClient({"bootstrap.servers": GIVEN.bootstrap})
    made = [
        NewTopic(f"{GIVEN.run}-{table}-changelog", len(ends), 1, config={"cleanup.policy": "compact"})
        for table, ends in tables.items()
    ]
    for future in admin.create_topics(made).values():
        future.result()


if __name__ == "__main__":
    create_changelogs()
    sys.argv = [sys.argv[0], "worker", "-l", "error"]
    app.main()
