"""Figures of ``make bench`` as a table and as ``bench/results/latest.json``."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

RESULTS = Path("bench/results/latest.json")


class Measure(NamedTuple):
    """One figure: every run of it. Its value is the median."""

    name: str
    unit: str
    runs: Sequence[float]


def report(measures: Sequence[Measure]) -> None:
    """Print the table and write the JSON."""
    machine = {"cpus": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
    rows = [
        {"name": one.name, "value": statistics.median(one.runs), "unit": one.unit, "runs": list(one.runs)}
        for one in measures
    ]
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps({"machine": machine, "measures": rows}, indent=2) + "\n")
    table = Table("measure", "median", "least", "most", "runs", "unit", title=str(machine))
    for one in measures:
        figures = (statistics.median(one.runs), min(one.runs), max(one.runs))
        table.add_row(one.name, *(f"{figure:.4g}" for figure in figures), str(len(one.runs)), one.unit)
    Console().print(table)
