"""How long a dashboard's panels take over months of many brands, on the cores that are there."""

import os
import time
from random import Random
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import NamedTuple

from clickhouse_connect.driver.client import Client
from rich.console import Console
from rich.progress import track

from agents.clickhouse import connect
from agents.migrations import migrate
from tests.bench.dashboard_seed import Size, seed
from tests.bench.report import Measure, report
from tests.grafana import Panel, View, panels

SIZE = Size(days=30, brands=24, facets=24, sources=4)  # 99.5 million partials
ROUNDS, DAY_S = 21, 86_400
GOAL_MS = 300


class Cost(NamedTuple):
    """95th percentiles, ms; ``cpu`` is of all threads together."""

    wall: float
    cpu: float


def measures() -> list[Measure]:
    """The 95th percentile of the slowest panel over a day: by the clock, and in processor time on a busy machine."""
    end, console = int(time.time() // 60 * 60), Console(stderr=True)
    with TemporaryDirectory() as folder:
        client = connect(f"chdb://{folder}?database=tocsin")
        migrate(client)
        steps = seed(client, SIZE, end * 1_000)
        for _ in track(steps, "dashboards: rows", total=SIZE.brands + 9, console=console):
            pass
        found = _ask(client, end, console)
        client.close()
    return [
        Measure("dashboard_panel_p95_ms", "ms", [max(one.wall for one in found)]),
        Measure("dashboard_panel_p95_cpu_ms", "ms", [max(one.cpu for one in found)]),
    ]


def _ask(client: Client, end: int, console: Console) -> list[Cost]:
    """What each panel costs; prints each, and what it ran over."""
    client.set_client_setting("do_not_merge_across_partitions_select_final", 1)  # as the reader has it
    ((stored,),) = client.query("SELECT count() FROM minute_partials").result_rows
    console.print(f"{stored:,} rows of minute_partials, {SIZE.brands} brands, {SIZE.days} days, {os.cpu_count()} cores")
    shown, rng = [panel for panel in panels() if panel.clickhouse], Random(1)
    found = {
        panel.name: _cost(client, panel, end, rng) for panel in track(shown, "dashboards: panels", console=console)
    }
    for name, cost in sorted(found.items(), key=lambda item: -item[1].wall):
        mark = "  above the goal" if cost.wall > GOAL_MS else ""
        console.print(f"{cost.wall:7.0f} ms  {cost.cpu:7.0f} ms of processor  {name}{mark}")
    return list(found.values())


def _cost(client: Client, panel: Panel, end: int, rng: Random) -> Cost:
    """Looks at a panel over the last day, at brands that chance chooses."""
    walls, cpus = list[float](), list[float]()
    brands = [f"brand-{number}" for number in range(SIZE.brands)]
    for _ in range(ROUNDS):
        sql = View(end - DAY_S, end, tuple(rng.sample(brands, len(brands)))).filled(panel.query)
        wall, cpu = time.perf_counter(), time.process_time()
        client.query(sql)
        walls.append((time.perf_counter() - wall) * 1_000)
        cpus.append((time.process_time() - cpu) * 1_000)
    return Cost(quantiles(walls, n=20)[-1], quantiles(cpus, n=20)[-1])


if __name__ == "__main__":
    report(measures())
