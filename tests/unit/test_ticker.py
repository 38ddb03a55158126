"""Who ticks an idle partition: its owner if the feed is live, else its feeder."""

import time

import pytest
from faust.types import TP

from agents.ticker import Ticker
from pipeline.hearing import Ear
from pipeline.listen import Listen, Partitions
from pipeline.partition_time import GRACE_MS, LIVE_MS
from pipeline.stage import Stage
from pipeline.watchlist import parse
from schemas.codec import Decoder, encode
from schemas.post import SocialPost, Tick
from schemas.topics import POSTS
from tests.builders import Keywords
from tests.fakes.faust_world import App, Record, Tally

ARRIVED = 1_800_000_000_000
WATCHLIST = parse("brands: [{id: acme, name: Acme, aliases: [Acme]}]", "test")
EAR = Ear(WATCHLIST, Keywords())


def listening(partition: int, *event_times: int) -> Listen:
    stage = Listen(partition, Partitions(2, 1), WATCHLIST.rules, EAR)
    posts = [SocialPost(post_uid=f"x:{at}", platform="x", channel="microblog", event_time=at) for at in event_times]
    stage.apply([Record(offset, ARRIVED, None, encode(post)) for offset, post in enumerate(posts)])
    return stage


async def ticks(stage: Stage, *others: Stage) -> list[TP]:
    app = App()
    await Ticker(app, lambda: [stage, *others])(1, stage)
    return [TP(output.topic, output.partition) for output in app.producer.sent]


@pytest.mark.parametrize(("age", "ticked"), [(0, 1), (LIVE_MS, 1), (LIVE_MS + 1, 0)], ids=["live", "just", "file"])
async def test_a_live_feed_is_ticked_and_one_that_is_read_from_a_file_is_not(age: int, ticked: int):
    assert await ticks(listening(1, ARRIVED - age)) == [TP(POSTS.name, 1)] * ticked


async def test_an_old_post_among_new_ones_does_not_make_a_feed_a_file():
    assert await ticks(listening(1, ARRIVED, ARRIVED - LIVE_MS - 1)) == [TP(POSTS.name, 1)]


async def test_a_partition_that_never_had_a_record_follows_the_others():
    assert await ticks(listening(1), listening(0, ARRIVED)) == [TP(POSTS.name, 1)]
    assert await ticks(listening(1), listening(0, ARRIVED - LIVE_MS - 1)) == []
    assert await ticks(listening(1)) == []


async def test_another_stage_is_not_ticked():
    assert await ticks(Tally(1)) == []


@pytest.mark.parametrize("posts_take", [0, 400_000], ids=["at least", "longer"])
async def test_a_tick_trails_the_clock_by_what_posts_take_to_arrive(monkeypatch: pytest.MonkeyPatch, posts_take: int):
    app, stage = App(), listening(1, ARRIVED - posts_take)
    monkeypatch.setattr(time, "time", lambda: ARRIVED / 1000)
    await Ticker(app, lambda: [stage])(1, stage)
    (tick,) = (Decoder[Tick](Tick).decode(value) for value in app.producer.values(POSTS.name))

    assert tick == Tick(at=ARRIVED - stage.time.delay)
    assert (stage.time.delay > GRACE_MS) == bool(posts_take)
