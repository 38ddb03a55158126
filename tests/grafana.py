"""Dashboards as a user sees them: the queries of every panel with Grafana's macros and variables filled in."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parents[1] / "deploy" / "grafana" / "dashboards"
_MACRO = re.compile(r"\$__(timeFilter|timeFilter_ms|timeInterval)\((\w+)\)")
_UNFILLED = re.compile(r"\$\w+|\$\{")
POINTS = 300  # that a panel is wide


class Panel(NamedTuple):
    """One query of one panel."""

    board: str
    title: str
    clickhouse: bool
    query: str

    @property
    def name(self) -> str:
        """Board and title."""
        return f"{self.board}: {self.title}"


class View(NamedTuple):
    """What a user looks at: a span of seconds since 1970, and brands."""

    start: int
    end: int
    brands: tuple[str, ...]

    @property
    def interval(self) -> int:
        """Seconds of a point, a whole number of minutes."""
        return max((self.end - self.start) // POINTS // 60 * 60, 60)

    def filled(self, sql: str) -> str:
        """The query that the ClickHouse plugin would send.

        Raises:
            ValueError: something is left that Grafana would not fill in.
        """
        several = "IN (${brand:sqlstring})" in sql
        text = _MACRO.sub(self._macro, sql)
        text = text.replace("${brand:sqlstring}", _quoted(self.brands if several else self.brands[:1]))
        text = text.replace("$__fromTime", f"toDateTime({self.start})").replace("$__toTime", f"toDateTime({self.end})")
        if left := _UNFILLED.findall(text):
            raise ValueError(f"Grafana does not know {left} in {sql}")
        return text

    def _macro(self, match: re.Match[str]) -> str:
        kind, column = match.groups()
        if kind == "timeInterval":
            return f"toStartOfInterval(toDateTime({column}), INTERVAL {self.interval} second)"
        of = "fromUnixTimestamp64Milli({}000)" if kind == "timeFilter_ms" else "toDateTime({})"
        return f"{column} >= {of.format(self.start)} AND {column} <= {of.format(self.end)}"


def _quoted(values: Sequence[str]) -> str:
    """As the format ``sqlstring`` has it."""
    return ",".join("'" + value.replace("'", "''") + "'" for value in values)


def panels() -> Iterator[Panel]:
    """Every query of every dashboard."""
    for file in sorted(FOLDER.glob("*.json")):
        for panel in json.loads(file.read_text(encoding="utf-8"))["panels"]:
            for target in panel["targets"]:
                yield _panel(file.stem, panel["title"], target)


def _panel(board: str, title: str, target: dict[str, Any]) -> Panel:
    if "rawSql" in target:
        return Panel(board, title, clickhouse=True, query=target["rawSql"])
    return Panel(board, title, clickhouse=False, query=target["expr"])


def choices() -> Iterator[str]:
    """The queries that fill the variables."""
    for file in sorted(FOLDER.glob("*.json")):
        for variable in json.loads(file.read_text(encoding="utf-8"))["templating"].get("list", []):
            yield variable["query"]
