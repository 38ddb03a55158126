"""Figures of ``make bench``: a table beside the committed baseline, and files for others to read."""

import json
import os
import platform
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from tests.bench.asked import ASKED, NAMES, WATCHED, better

FOLDER = Path("bench/results")
LATEST, DETAILS, BASELINE = FOLDER / "latest.json", FOLDER / "details.json", FOLDER / "baseline.json"
WIDTH = 130  # of the table, also where a log is narrower
SLOWER = 1.2  # times as dear as the baseline, from which on it is said

Row = dict[str, Any]  # name, value, unit, runs


class Measure(NamedTuple):
    """One figure: every run of it. Its value is the median."""

    name: str
    unit: str
    runs: Sequence[float]


def machine() -> dict[str, Any]:
    """What it was measured on, and how busy that was."""
    return {
        "cpus": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version(),
        "load": [round(one, 1) for one in os.getloadavg()],
    }  # fmt: skip


def rows(measures: Iterable[Measure]) -> dict[str, Row]:
    """Measures by name as they are written."""
    return {
        one.name: {"name": one.name, "value": statistics.median(one.runs), "unit": one.unit, "runs": list(one.runs)}
        for one in measures
    }


def report(measures: Iterable[Measure]) -> None:
    """Add the measures to those of earlier runs, and print the table."""
    found = rows(measures)
    write(LATEST, {**read(LATEST), **found}, asked=True)
    write(DETAILS, {**read(DETAILS), **found}, asked=False)
    show(found)


def forget() -> None:
    """Begin anew: what was measured before is of another run."""
    for file in (LATEST, DETAILS):
        file.unlink(missing_ok=True)


def read(file: Path) -> dict[str, Row]:
    """The measures of a file by name; none if it is not there."""
    return {row["name"]: row for row in json.loads(file.read_text())["measures"]} if file.exists() else {}


def write(file: Path, found: Mapping[str, Row], *, asked: bool) -> None:
    """Those that are asked for in their order, or all others."""
    names = [name for name in NAMES if name in found] if asked else [name for name in found if name not in NAMES]
    file.parent.mkdir(parents=True, exist_ok=True)
    written = {"machine": machine(), "measures": [found[name] for name in names]}
    file.write_text(json.dumps(written, indent=2) + "\n")


def keep() -> None:
    """Make the latest run the baseline, without its single runs."""
    found = {**read(LATEST), **read(DETAILS)}
    kept = [
        {"name": name, "value": found[name]["value"], "unit": found[name]["unit"]}
        for name in dict.fromkeys([*NAMES, *WATCHED])
        if name in found
    ]
    BASELINE.write_text(json.dumps({"machine": machine(), "measures": kept}, indent=2) + "\n")


def against(value: float, base: float, way: str) -> float:
    """How many times as good as the baseline; infinite if that was nothing."""
    more, less = (value, base) if way == "more" else (base, value)
    return more / less if less else float("inf")


def judged(name: str, value: float, baseline: Mapping[str, Row]) -> str:
    """The column about the baseline: a slow-down of a fifth is said."""
    if name not in baseline:
        return ""
    times = against(value, baseline[name]["value"], better(name))
    slower = times * SLOWER <= 1 + 1e-9
    text = f"{times:.2f}x"
    return f"[red]SLOWER {text}[/]" if slower and name in WATCHED else f"[yellow]{text}[/]" if slower else text


def show(found: Mapping[str, Row]) -> None:
    """The table: asked first, with floors and goals; then the rest."""
    baseline, asked = read(BASELINE), {one.name: one for one in ASKED}
    table = Table(
        "measure", "median", "least", "most", "runs", "unit", "floor", "goal", "of baseline", title=str(machine())
    )
    for name in [*(one for one in NAMES if one in found), *(one for one in found if one not in asked)]:
        row, one = found[name], asked.get(name)
        figures = (row["value"], min(row["runs"]), max(row["runs"]))
        limits = [f"{limit:g}" if limit is not None else "" for limit in (one.floor, one.goal)] if one else ["", ""]
        shown = [f"{figure:.4g}" for figure in figures]
        table.add_row(name, *shown, str(len(row["runs"])), row["unit"], *limits, judged(name, row["value"], baseline))
    console = Console()
    console.width = max(console.width, WIDTH)
    console.print(table)


def tell_missing(found: Mapping[str, Row]) -> None:
    """What is asked for and was not measured."""
    missing = [name for name in NAMES if name not in found]
    if missing:
        Console().print("not measured: " + ", ".join(missing), highlight=False)
