"""``tocsin why`` from ClickHouse says what it says from the topics, for every kind of minute."""

import pytest
from clickhouse_connect.driver.client import Client

from agents.store import Store
from agents.why_records import _ask, from_outputs
from pipeline.rows import rows
from pipeline.stage import Output
from pipeline.why import Question, explain
from tests.golden.test_answers import CRISIS, STORIES
from tests.living_log import BUCKET, ends, living_log, watching
from tests.noise import whole

pytestmark = pytest.mark.embedded


async def kept(store: Store, story: str) -> list[Output]:
    """The outputs of a story and its log, in the topics and in the tables."""
    log = living_log(CRISIS, STORIES[story])
    outputs = [
        *whole(watching(), log), *(Output("social.brand-log.v1", 0, one.key, one.value) for one in log),
    ]  # fmt: skip
    lines: dict[str, list[bytes]] = {}
    for output in outputs:
        found = rows(output.topic, output.value)
        assert found.unusable == []
        for table, some in found.lines.items():
            lines.setdefault(table, []).extend(some)
    for table, some in lines.items():
        assert await store.insert(table, some, f"{story}:{table}") == []
    return outputs


@pytest.mark.parametrize("story", STORIES)
async def test_tables_and_topics_give_the_same_answers(client: Client, store: Store, story: str) -> None:
    outputs = await kept(store, story)
    for bucket in (-100, 0, 5, 7, 8, 9, 11, 12, 17, 19, 20, 30, 100):
        for brand in ("acme", "bolt", "nobody"):
            asked = Question(brand, ends(bucket) - BUCKET, BUCKET)
            stored, read = explain(asked, _ask(client, asked), "en"), explain(asked, from_outputs(outputs, asked), "en")

            assert stored == read


async def test_strangers_names_are_data_in_the_questions_to_clickhouse(client: Client, store: Store) -> None:
    await kept(store, "silenced")
    asked = Question("acme' OR 1 = 1 --{brand:String}\x00", ends(7) - BUCKET, BUCKET)

    assert _ask(client, asked).minute is None
    assert list(_ask(client, asked).alerts) == []


def test_empty_tables_say_that_nothing_is_closed(client: Client) -> None:
    asked = Question("acme", ends(7) - BUCKET, BUCKET)

    assert "No minute is closed yet" in explain(asked, _ask(client, asked), "en")[1]
