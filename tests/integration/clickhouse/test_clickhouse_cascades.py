"""Cascades in ClickHouse: each forecast beside what became of it, and how often its interval held."""

import msgspec
import pytest
from clickhouse_connect.driver.client import Client

from agents.store import Store
from pipeline.rows import rows
from schemas import topics
from schemas.cascade import Cascade
from schemas.codec import encode

pytestmark = pytest.mark.embedded
BEGAN = 1_767_225_600_000  # 2026-01-01
HOUR = Cascade(
    root="weibo:1", author_key="a", brand="acme", began=BEGAN, age_s=3_600, settled=False, size=100, speed_per_h=9.0,
    doubling_s=40_000, growing=False, expected=60, low=20, high=120, by_ratio=80, partition=0, offset=1,
)  # fmt: skip
END = Cascade(
    root="weibo:1", author_key="a", brand="acme", began=BEGAN, age_s=43_200, settled=True, size=200, speed_per_h=0.0,
    doubling_s=None, offset=2,
)  # fmt: skip


async def keep(store: Store, *cascades: Cascade) -> None:
    for number, one in enumerate(cascades):
        lines = rows(topics.CASCADES.name, encode(one)).lines["cascades"]
        await store.insert("cascades", lines, f"cascades:0:{number}")


async def test_a_forecast_is_judged_by_what_became_of_its_cascade(client: Client, store: Store) -> None:
    replace = msgspec.structs.replace
    await keep(
        store, HOUR, END, replace(HOUR, offset=3),
        replace(HOUR, age_s=1_800, growing=True, expected=None, high=None),
        replace(HOUR, root="missed", high=99), replace(END, root="missed"),
        replace(HOUR, root="open"),
    )  # fmt: skip
    columns = "root, age_s, final, further, hit, error, error_by_ratio"
    told = client.query(f"SELECT {columns} FROM cascade_forecasts").result_rows

    assert sorted(told) == [
        ("missed", 3_600, 200, 100, 0, 0.2, 0.1),
        ("weibo:1", 1_800, 200, 100, None, None, 0.1),
        ("weibo:1", 3_600, 200, 100, 1, 0.2, 0.1),
    ]


async def test_scores_are_by_day_and_age(client: Client, store: Store) -> None:
    replace = msgspec.structs.replace
    for number, high in enumerate((99, 100, 101, 102)):
        await keep(store, replace(HOUR, root=f"r{number}", high=high), replace(END, root=f"r{number}"))
    growing = replace(HOUR, root="g", growing=True, expected=None, high=None)
    await keep(store, growing, replace(END, root="g", size=900))
    (row,) = client.query(
        "SELECT toString(day), age_s, forecasts, still_growing, hit_rate, median_error, median_error_by_ratio "
        "FROM cascade_scores"
    ).result_rows

    assert row == ("2026-01-01", 3_600, 5, 1, 0.75, 0.2, 0.1)
