"""What a post costs on the pure path, as ratios measured in alternation in one run."""

import time
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import orjson
from rich.console import Console
from rich.progress import track

from agents.demo.scenario import posts
from agents.worker import read_watchlist
from pipeline.feed import dated, plan
from pipeline.hearing import Ear
from pipeline.listen import Listen, Partitions
from pipeline.replay import LogRecord
from pipeline.text.model.reader import packaged
from pipeline.watch import Watch
from schemas.topics import BRAND_LOG
from tests.bench.report import Measure

ROUNDS, SIZE, BATCH = 7, 20_000, 2_000
END_MS = 1_700_000_000_000 // 3_600_000 * 3_600_000


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    began = time.process_time()
    work()
    return time.process_time() - began


def measures() -> list[Measure]:
    """Listen and watch against ``orjson.loads`` of the same posts."""
    watchlist = read_watchlist(Path(str(resources.files("agents.demo") / "watchlist.yaml")))
    ear, counts = Ear(watchlist, packaged("full")), Partitions(1, 1)
    sends = list(plan(map(dated, posts(1, END_MS, SIZE)), 1, 60_000, 600_000))
    log = [LogRecord(number, END_MS + 3_600_000, send.key, send.value) for number, send in enumerate(sends)]
    values = [record.value for record in log]

    def listen() -> list:
        stage, outputs = Listen(0, counts, watchlist.rules, ear), []
        for start in range(0, len(log), BATCH):
            outputs += [*stage.apply(log[start : start + BATCH]), *stage.flush()]
        return outputs

    bundles = [output for output in listen() if output.topic == BRAND_LOG.name]
    brand_log = [LogRecord(number, END_MS, output.key, output.value) for number, output in enumerate(bundles)]
    works: dict[str, Callable[[], object]] = {
        "loads": lambda: [orjson.loads(value) for value in values],
        "listen": listen,
        "watch": lambda: Watch(0, watchlist).apply(brand_log),
    }
    spent: dict[str, list[float]] = {name: [] for name in works}
    for _ in track(range(ROUNDS), "listen and watch", console=Console(stderr=True)):
        for name, work in works.items():
            spent[name].append(cpu(work))
    return figures(spent, len(values), 1_440 * len(watchlist.brands))


def figures(spent: dict[str, list[float]], records: int, minutes: int) -> list[Measure]:
    """Seconds per round as what they mean."""
    loads = spent["loads"]
    ratios = {name: [run / base for run, base in zip(spent[name], loads, strict=True)] for name in ("listen", "watch")}
    return [
        Measure("listen_cpu_against_orjson_loads", "x", ratios["listen"]),
        Measure("watch_cpu_against_orjson_loads_of_the_posts", "x", ratios["watch"]),
        Measure("listen_posts_per_cpu_second", "posts/s", [records / seconds for seconds in spent["listen"]]),
        Measure("watch_us_per_brand_minute", "us", [seconds / minutes * 1e6 for seconds in spent["watch"]]),
    ]
