"""How the cost of workload W grows with known authors, brands and partitions."""

import gc
from collections.abc import Iterable, Iterator, Sequence

import orjson
from rich.console import Console
from rich.progress import track

from pipeline.replay import LogRecord
from pipeline.stage import Stage
from tests.bench.influence import against
from tests.bench.report import Measure
from tests.bench.sizes import FULL, Sizes
from tests.bench.spine import cpu
from tests.bench.throughput import Given, Rounds, own, pairs, spent, turned
from tests.bench.workload import brokers
from tests.bench.workload.data import START_MS, Record, workload
from tests.bench.workload.stages import Scores, Windows
from tests.bench.workload.subjects import TOCSIN

BATCH, ROUNDS = 1_000, 5
BRANDS, PARTITIONS = (10, 10_000), (1, 64)

_console = Console(stderr=True)


def measures(sizes: Sizes = FULL) -> list[Measure]:
    """Ratios of CPU an event, many against few, by turns; memory by author."""
    events = sizes.events // 4
    return [*by_authors(events, sizes.authors), *by_brands(events), *by_partitions(events, sizes.rounds)]


def log(records: Iterable[Record]) -> list[LogRecord]:
    """Records as one partition holds them."""
    return [LogRecord(offset, at, key, value) for offset, (_, key, value, at) in enumerate(records)]


def fold(stage: Stage, records: Sequence[LogRecord]) -> float:
    """CPU seconds that a stage takes for records, in batches as a worker gets them."""

    def run() -> None:
        for start in range(0, len(records), BATCH):
            stage.apply(records[start : start + BATCH])

    return cpu(run)


def known(authors: int) -> Iterator[list[LogRecord]]:
    """One interaction of each author, in batches."""
    for start in range(0, authors, BATCH):
        yield [
            LogRecord(number, START_MS, None, orjson.dumps({"author": f"u{number:07}", "ts": START_MS, "w": 1.5}))
            for number in range(start, min(start + BATCH, authors))
        ]


def by_authors(events: int, authors: tuple[int, int]) -> list[Measure]:
    """Both stages of W over states of few and of many authors."""
    posts = log(workload(events, 1).posts)
    logs, stages = [log(workload(events, 1, authors=count).interactions) for count in authors], [Scores(0), Scores(0)]
    for stage, count in zip(stages, authors, strict=True):
        for batch in known(count):
            stage.apply(batch)
    gc.collect()
    gc.freeze()  # as a worker does
    times: tuple[list[float], list[float]] = ([], [])
    for _ in track(range(ROUNDS), "authors", console=_console):
        for stage, records, runs in zip(stages, logs, times, strict=True):
            runs.append(fold(stage, records) + fold(Windows("", 0), posts))
    gc.unfreeze()
    return [Measure("cost_per_event_1m_against_10k_authors", "x", against(times[1], times[0]))]


def by_brands(events: int) -> list[Measure]:
    """The windows of few and of many brands."""
    logs = [log(workload(events, 1, brands=count).posts) for count in BRANDS]
    times: tuple[list[float], list[float]] = ([], [])
    for _ in track(range(ROUNDS), "brands", console=_console):
        for records, runs in zip(logs, times, strict=True):
            runs.append(fold(Windows("", 0), records) / len(records))
    return [Measure("cost_per_post_10k_against_10_brands", "x", against(times[1], times[0]))]


def by_partitions(events: int, rounds: int) -> list[Measure]:
    """A whole worker over the same records on one partition and on many."""
    given = [Given(f"p{count}", workload(events, count), count) for count in PARTITIONS]
    found: tuple[Rounds, Rounds] = ([], [])
    with brokers.real({name: count for one in given for name, count in one.topics.items()}) as bootstrap:
        for one in given:
            one.load(bootstrap)
        for turn in range(rounds):
            for one, results in zip(given, found, strict=True):
                name = f"{one.name}-{turn}"
                brokers.create(bootstrap, own(name, one.partitions))
                turned(TOCSIN, one.task(bootstrap, name), one.work, results)
    ratios = [spent(many) / spent(few) for few, many in pairs(*found)]
    return [Measure("cost_per_event_64_against_1_partitions", "x", ratios)] if ratios else []
