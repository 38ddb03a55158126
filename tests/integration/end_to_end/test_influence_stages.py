"""Interactions become scores and cascades in ClickHouse, the same through kill -9."""

import time
from collections import Counter
from importlib import resources
from pathlib import Path
from random import Random

import pytest
from kafka import KafkaProducer

from agents.feeding import EMBEDDED_API
from pipeline.feed import partition_of
from schemas.codec import encode
from schemas.topics import ENDORSEMENTS, INTERACTIONS
from tests.integration.stack import POSTS
from tests.social_noise import interaction

WATCHLIST = Path(str(resources.files("agents.demo") / "watchlist.yaml"))
FANS, AUTHORS = 3_000, 5
SPREADERS, AGO_MS = 10, 13 * 3_600_000  # so few that their author has no score to tell of

pytestmark = [pytest.mark.embedded, pytest.mark.kafka]


def send(stack, first: int, count: int) -> None:
    """Reposts of now, each by another fan, and rubbish."""
    options = {"api_version": EMBEDDED_API} if stack.embedded else {}
    producer = KafkaProducer(bootstrap_servers=stack.bootstrap.split(","), **options)
    now, rng = int(time.time() * 1000), Random(first)
    for number in range(first, first + count):
        fan = f"fan {number}"
        one = interaction(str(number), fan, f"author {rng.randrange(AUTHORS)}", now, brand="zelvo")
        producer.send(INTERACTIONS.name, encode(one), fan.encode(), partition=partition_of(fan.encode(), POSTS))
    producer.send(INTERACTIONS.name, b"{", b"bad", partition=0)
    producer.flush()
    producer.close()


def spread(stack) -> None:
    """Reposts of one post thirteen hours ago, a minute apart, and one of now, all from one partition of actors."""
    fans = [fan for fan in (f"spreader {number}" for number in range(900)) if partition_of(fan.encode(), POSTS) == 1]
    options = {"api_version": EMBEDDED_API} if stack.embedded else {}
    producer = KafkaProducer(bootstrap_servers=stack.bootstrap.split(","), **options)
    now = int(time.time() * 1000)
    for number, fan in enumerate(fans[: SPREADERS + 1]):
        at = now if number == SPREADERS else now - AGO_MS + number * 60_000
        one = interaction(f"spread {number}", fan, "author of one post", at, brand="zelvo", target_uid="weibo:1")
        producer.send(INTERACTIONS.name, encode(one), fan.encode(), partition=1)
    producer.flush()
    producer.close()


def forecasts(stack) -> list[tuple[int, int, int]]:
    """Of the one cascade: age, size, final size."""
    return stack.query(
        "SELECT toUInt32(age_s), toUInt32(size), toUInt32(final) FROM cascade_forecasts "
        "WHERE root = 'weibo:1' ORDER BY age_s"
    )


def scored(stack) -> dict[str, int]:
    """Rows by brand."""
    return dict(stack.query("SELECT brand, toUInt32(count()) FROM influence FINAL GROUP BY brand"))


def sums(stack) -> Counter[str]:
    """The day's sum of each author as it was told last, which may be a fifth less than it is."""
    return Counter(dict(stack.query("SELECT author_key, every[1] FROM influence FINAL WHERE brand = ''")))


def test_influence_and_cascades_are_stored_once_through_kill_9(stack):
    running = stack(WATCHLIST)
    running.start(stages="endorse,influence,spread,store")
    spread(running)
    running.wait(lambda: len(forecasts(running)) == 4, 120, "no forecasts")
    told = forecasts(running)
    send(running, 0, FANS)
    running.wait(lambda: scored(running) == {"": AUTHORS, "zelvo": AUTHORS}, 120, "no scores")
    running.kill()
    send(running, FANS, FANS)
    running.start(stages="endorse,influence,spread,store")
    truth = Counter(f"author {rng.randrange(AUTHORS)}" for rng in (Random(0), Random(FANS)) for _ in range(FANS))
    running.wait(lambda: all(sums(running)[author] > 0.7 * truth[author] for author in truth), 120, "not all applied")
    running.wait(running.idle, 120, "not settled")  # nobody reads the posts, where voices are

    assert told == [(age, SPREADERS, SPREADERS) for age in (1_800, 3_600, 7_200, 14_400)]
    assert forecasts(running) == told
    assert sums(running).keys() == truth.keys()
    assert [author for author, every in sums(running).items() if every > truth[author] * 1.001] == []
    assert running.query("SELECT count() FROM rejected FINAL WHERE topic = 'social.interactions.v1'") == [(2,)]
    assert running.topic(ENDORSEMENTS.name)
