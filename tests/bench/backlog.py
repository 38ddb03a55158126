"""Workload W after a stall: how long a worker takes to catch up, and two beside one, on a real Kafka."""

import sys

from rich.console import Console

from tests.bench.report import Measure
from tests.bench.sizes import FULL, Sizes
from tests.bench.throughput import PARTITIONS, Given, own
from tests.bench.workload import brokers
from tests.bench.workload.data import workload
from tests.bench.workload.driving import seconds, together
from tests.bench.workload.subjects import TASK, Subject, Wrong, check

GATED = Subject("tocsin_waiting", (sys.executable, "-m", "tests.bench.workload.worker", TASK, "gated"))
STALL = 600_000  # what comes in 60 s at 10,000 a second

_console = Console(stderr=True)


def measures(sizes: Sizes = FULL) -> list[Measure]:
    """One worker and two by turns, over the same backlog; all own their partitions before they begin."""
    given = Given("backlog", workload(sizes.backlog, PARTITIONS), PARTITIONS)
    alone, shared = list[float](), list[float]()
    with brokers.real(given.topics) as bootstrap:
        given.load(bootstrap)
        for turn in range(sizes.rounds):
            try:
                one, two = (caught_up(given, bootstrap, f"by-{workers}-{turn}", workers) for workers in (1, 2))
            except Wrong as wrong:
                _console.print(f"[red]left out:[/] {wrong}", highlight=False)
                continue
            alone.append(one)
            shared.append(two)
    if not alone:
        return []
    scale = STALL / sizes.backlog
    return [
        Measure("catch_up_of_600000_s", "s", [one * scale for one in alone]),
        Measure("two_workers_against_one", "x", [one / two for one, two in zip(alone, shared, strict=True)]),
    ]


def caught_up(given: Given, bootstrap: str, name: str, workers: int) -> float:
    """Seconds until everything was read and acknowledged, and the counts were found right."""
    brokers.create(bootstrap, own(name, PARTITIONS))
    task = given.task(bootstrap, name)
    results = together(GATED, task, workers)
    check(GATED, task, results, given.work)
    _console.print(f"{task.run}: {seconds(results):.2f} s, {[one.events for one in results]} events; counts are right")
    return seconds(results)
