"""Leaders: the scores that fade in ClickHouse are those that fade in the stage, and each brand has its own."""

import time

import msgspec
import pytest
from clickhouse_connect.driver.client import Client

from agents.store import Store
from pipeline.influence.formula import FRESH_S, LASTING_S, SPREADING_S, lasting, spreading
from pipeline.rows import rows
from schemas import topics
from schemas.codec import encode
from schemas.endorsement import InfluenceScore
from tests.builders import SIGNAL

pytestmark = pytest.mark.embedded
AGE_S = 7_200
NOW_S = int(time.time())


def score(author: str, brand: str, every: float, offset: int) -> InfluenceScore:
    return InfluenceScore(
        author_key=author, brand=brand, at=(NOW_S - AGE_S) * 1000, lasting=1.0, spreading=1.0, h=1,
        every=(every, every / 2, every / 4), trusted=(every / 90, every / 99, 0.0), partition=0, offset=offset,
    )  # fmt: skip


async def keep(store: Store, *scores: InfluenceScore) -> None:
    for number, one in enumerate(scores):
        lines = rows(topics.INFLUENCE.name, encode(one)).lines["influence"]
        await store.insert("influence", lines, f"influence:0:{number}-{one.offset}-{one.author_key}")


async def test_leaders_fade_as_the_stage_has_it(client: Client, store: Store) -> None:
    await keep(store, score("a", "", 400.0, 3), score("a", "", 10.0, 2))
    ((author, day, quarter),) = client.query(
        "SELECT author_key, lasting_now, spreading_now FROM influence_leaders WHERE brand = ''"
    ).result_rows
    day_left, quarter_left, hour_left = (2 ** (-AGE_S / half) for half in (LASTING_S, SPREADING_S, FRESH_S))

    assert author == "a"
    assert day == pytest.approx(lasting(400 * day_left, 100 * hour_left, 400 / 90 * day_left, 0.0), rel=0.01)
    assert quarter == pytest.approx(
        spreading(200 * quarter_left, 100 * hour_left, 400 / 99 * quarter_left, 0.0), rel=0.01
    )


async def test_each_brand_has_a_hundred_leaders(client: Client, store: Store) -> None:
    await keep(store, *(score(f"a{number}", "acme", 10.0 + number, number) for number in range(105)))
    await keep(store, score("b", "bolt", 5.0, 1))
    found = client.query("SELECT brand, author_key FROM influence_leaders WHERE brand != ''").result_rows

    assert [brand for brand, _ in found] == ["acme"] * 100 + ["bolt"]
    assert found[0][1] == "a104"


async def test_each_topic_has_its_leaders(client: Client, store: Store) -> None:
    await keep(store, score("a", "topical", 10.0, 1))
    await keep(store, msgspec.structs.replace(score("a", "topical", 20.0, 2), topic="delivery"))
    found = client.query("SELECT topic, author_key FROM influence_leaders WHERE brand = 'topical'").result_rows

    assert found == [("", "a"), ("delivery", "a")]


async def test_leaders_are_advocates_or_detractors_by_how_they_speak(client: Client, store: Store) -> None:
    fans = ("fan", "pos", 4), ("foe", "neg", 4), ("new", "pos", 2)
    for number, (author, sentiment, posts) in enumerate(fans, 100):
        await keep(store, score(author, "stances", 10.0, number))
        one = msgspec.structs.replace(
            SIGNAL, author_key=author, brands=("stances",), sentiment=sentiment, event_time=NOW_S * 1000, influence=7.5
        )
        lines = [encode(msgspec.structs.replace(one, post_uid=f"{author} {place}")) for place in range(posts)]
        await store.insert("signals", lines, f"signals:{author}")
    found = client.query("SELECT author_key, stance FROM influence_stances WHERE brand = 'stances'").result_rows

    assert dict(found) == {"fan": "advocate", "foe": "detractor", "new": "neither"}
    assert client.query("SELECT DISTINCT influence FROM signals WHERE author_key = 'fan'").result_rows == [(7.5,)]
