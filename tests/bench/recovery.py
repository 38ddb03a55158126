"""Workload W killed in the middle: how long until another worker owns its partitions, and until it has caught up."""

import time

from rich.console import Console

from tests.bench.backlog import GATED, caught_up
from tests.bench.report import Measure
from tests.bench.sizes import FULL, Sizes
from tests.bench.throughput import PARTITIONS, Given, own
from tests.bench.workload import brokers
from tests.bench.workload.data import workload
from tests.bench.workload.driving import Driven, seconds
from tests.bench.workload.subjects import Wrong, check, parsed

_console = Console(stderr=True)


def measures(sizes: Sizes = FULL) -> list[Measure]:
    """A worker that is left alone and one that is killed (``kill -9``) halfway, by turns over the same backlog."""
    given = Given("recovery", workload(sizes.backlog, PARTITIONS), PARTITIONS)
    owned, rest = list[float](), list[float]()
    with brokers.real(given.topics) as bootstrap:
        given.load(bootstrap)
        for turn in range(sizes.rounds):
            try:
                alone = caught_up(given, bootstrap, f"alone-{turn}", 1)
                again, left = killed(given, bootstrap, f"killed-{turn}", alone / 2)
            except Wrong as wrong:
                _console.print(f"[red]left out:[/] {wrong}", highlight=False)
                continue
            owned.append(again)
            rest.append(left / alone)
    if not owned:
        return []
    return [
        Measure("recovery_owns_again_s", "s", owned),
        Measure("recovery_catch_up_against_a_whole_run", "x", rest),
    ]


def killed(given: Given, bootstrap: str, name: str, after_s: float) -> tuple[float, float]:
    """Kill a worker so long after it began: seconds until the next one has restored, and until it has read the rest.

    The books of both together must be right.

    Raises:
        Wrong: they are not, or a worker failed.
    """
    brokers.create(bootstrap, own(name, PARTITIONS))
    task = given.task(bootstrap, name)
    first = Driven(GATED, task)
    first.wait()
    first.go()
    time.sleep(after_s)
    first.kill()
    began = time.monotonic()
    second = Driven(GATED, task)
    second.wait()
    owned = time.monotonic() - began
    second.go()
    results = [parsed(second.end())]
    check(GATED, task, results, given.work)
    _console.print(f"{name}: owned again after {owned:.1f} s, the rest in {seconds(results):.2f} s; counts are right")
    return owned, seconds(results)
