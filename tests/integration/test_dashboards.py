"""Every panel of every dashboard answers, over a store that the stages have filled with a day and its crisis."""

from collections.abc import Iterator

import pytest
from clickhouse_connect.driver.client import Client

from agents.clickhouse import connect
from agents.migrations import migrate
from tests.dashboard_store import fill
from tests.grafana import Panel, View, choices, panels

pytestmark = pytest.mark.embedded
PANELS = [panel for panel in panels() if panel.clickhouse]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, View]]:
    """A store with a day in it, and the view of that day."""
    client = connect(f"chdb://{tmp_path_factory.mktemp('dashboards')}?database=tocsin")
    migrate(client)
    yield client, fill(client)
    client.close()


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.name)
def test_a_panel_shows_something(panel: Panel, seen: tuple[Client, View]) -> None:
    client, view = seen
    answer = client.query(view.filled(panel.query))

    assert answer.result_rows
    assert [name for name, values in zip(answer.column_names, zip(*answer.result_rows, strict=True), strict=True)
            if all(value is None for value in values)] == []  # fmt: skip


@pytest.mark.parametrize("panel", [one for one in PANELS if "$__timeInterval" in one.query], ids=lambda one: one.name)
def test_a_chart_has_time_first_and_only_whole_steps(panel: Panel, seen: tuple[Client, View]) -> None:
    client, view = seen
    answer = client.query(view.filled(panel.query))
    times = [row[0].timestamp() for row in answer.result_rows]

    assert answer.column_names[0] == "time"
    assert times == sorted(times)
    assert {time % view.interval for time in times} == {0}


@pytest.mark.parametrize("sql", sorted(set(choices())))
def test_a_choice_offers_every_brand(sql: str, seen: tuple[Client, View]) -> None:
    client, view = seen

    assert {row[0] for row in client.query(sql).result_rows} == set(view.brands)


def test_a_brand_whose_name_is_hostile_is_only_a_name(seen: tuple[Client, View]) -> None:
    client, view = seen
    (panel,) = (one for one in PANELS if one.name == "brand: Posts and complaints")
    hostile = view._replace(brands=("x' OR 1 = 1 OR brand = '",))

    assert client.query(hostile.filled(panel.query)).result_rows == []


def test_what_grafana_would_not_fill_in_is_found() -> None:
    with pytest.raises(ValueError, match="timeFrom"):
        View(0, 1, ("a",)).filled("SELECT $__timeFrom()")
