"""What dashboards are made of: queries to ClickHouse and Prometheus, and panels that show them in one style."""

from typing import Any

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import TooltipDisplayMode
from grafana_foundation_sdk.models.dashboard import (
    DashboardLinkType,
    DataSourceRef,
    FieldColorModeId,
    Threshold,
    ThresholdsMode,
    VariableRefresh,
)  # fmt: skip

CLICKHOUSE = DataSourceRef(type_val="grafana-clickhouse-datasource", uid="tocsin-clickhouse")
PROMETHEUS = DataSourceRef(type_val="prometheus", uid="tocsin-prometheus")
TAG = "tocsin"
WHOLE, HALF, THIRD, QUARTER = 24, 12, 8, 6  # widths on Grafana's grid
_SERIES, _TABLE = 0, 1  # formats of grafana-clickhouse-datasource
Panel = timeseries.Panel | stat.Panel | table.Panel


class _ClickHouseQuery(Dataquery):
    """A query of grafana-clickhouse-datasource, which the SDK does not know."""

    def __init__(self, sql: str, shape: int, ref: str) -> None:
        self.sql, self.shape, self.ref = sql, shape, ref

    def to_json(self) -> dict[str, Any]:
        """As version 4 of the plugin writes it."""
        return {
            "datasource": CLICKHOUSE, "editorType": "sql", "format": self.shape, "rawSql": self.sql, "refId": self.ref,
            "queryType": "table" if self.shape == _TABLE else "timeseries",
        }  # fmt: skip


class _Built(Builder[Dataquery]):
    """A query that needs no building."""

    def __init__(self, query: Dataquery) -> None:
        self._query = query

    def build(self) -> Dataquery:
        """The query."""
        return self._query


def _sql(text: str, shape: int) -> _Built:
    return _Built(_ClickHouseQuery(" ".join(text.split()), shape, "A"))


def number(title: str, sql: str, about: str, *, bad_from: float | None = None) -> stat.Panel:
    """One number; red from ``bad_from`` on."""
    return _threshold(stat.Panel().datasource(CLICKHOUSE), bad_from).title(title).description(about).height(4).span(
        QUARTER
    ).with_target(_sql(sql, _TABLE))  # fmt: skip


def gauge(title: str, expression: str, about: str, *, unit: str = "short", bad_from: float | None = None) -> stat.Panel:
    """One number of Prometheus, as it is now."""
    query = prometheus.Dataquery().expr(expression).instant().ref_id("A")
    return _threshold(stat.Panel().datasource(PROMETHEUS), bad_from).title(title).description(about).height(4).span(
        QUARTER
    ).unit(unit).with_target(query)  # fmt: skip


def _threshold(panel: stat.Panel, bad_from: float | None) -> stat.Panel:
    steps = [Threshold(value=None, color="green")]
    if bad_from is not None:
        steps.append(Threshold(value=bad_from, color="red"))
    color = dashboard.FieldColor().mode(FieldColorModeId.THRESHOLDS)
    limits = dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)
    return panel.thresholds(limits).color_scheme(color)


def chart(title: str, sql: str, about: str, *, width: int = HALF, unit: str = "short") -> timeseries.Panel:
    """Values over time out of ClickHouse; a text column names the series."""
    return _chart(title, about, width, unit).datasource(CLICKHOUSE).with_target(_sql(sql, _SERIES))


def curves(title: str, about: str, *, width: int = HALF, unit: str = "short", **expressions: str) -> timeseries.Panel:
    """Values over time out of Prometheus, by legend: ``{{label}}`` is written as ``by_label``."""
    panel = _chart(title, about, width, unit).datasource(PROMETHEUS)
    for number_, (legend, expression) in enumerate(expressions.items()):
        name = "{{" + legend.removeprefix("by_") + "}}" if legend.startswith("by_") else legend
        panel = panel.with_target(
            prometheus.Dataquery().expr(expression).range().legend_format(name).ref_id(chr(ord("A") + number_))
        )
    return panel


def _chart(title: str, about: str, width: int, unit: str) -> timeseries.Panel:
    tooltip = common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI)
    return timeseries.Panel().title(title).description(about).height(8).span(width).unit(unit).fill_opacity(
        10
    ).tooltip(tooltip)  # fmt: skip


def rows(title: str, sql: str, about: str, *, width: int = WHOLE) -> table.Panel:
    """A table out of ClickHouse."""
    query = _sql(sql, _TABLE)
    return table.Panel().datasource(CLICKHOUSE).title(title).description(about).height(9).span(width).with_target(query)


def brand_choice(*, several: bool) -> dashboard.QueryVariable:
    """The choice of a brand, or of some, among those with minutes in the last month."""
    sql = "SELECT DISTINCT brand FROM minutes WHERE minute > now() - INTERVAL 30 DAY ORDER BY brand"
    return (
        dashboard.QueryVariable("brand").label("Brand").datasource(CLICKHOUSE).query(sql)
        .refresh(VariableRefresh.ON_DASHBOARD_LOAD).multi(several).include_all(several)
    )  # fmt: skip


def board(uid: str, title: str, about: str, panels: list[Panel], *, since: str = "now-24h") -> dashboard.Dashboard:
    """A dashboard that leads to the others."""
    links = dashboard.DashboardLink("Tocsin").type(DashboardLinkType.DASHBOARDS).tags([TAG]).as_dropdown(
        True
    ).keep_time(True)  # fmt: skip
    made = (
        dashboard.Dashboard(title).uid(uid).description(about).tags([TAG]).time(since, "now").refresh("30s")
        .timezone("browser").readonly().link(links)
    )  # fmt: skip
    for position, panel in enumerate(panels, 1):
        made = made.with_panel(panel.id(position))
    return made
