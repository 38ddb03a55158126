"""Workload W: a Tocsin worker with checkpoints beside a plain loop and its peers, by turns on one broker."""

from collections.abc import Mapping
from typing import NamedTuple

import orjson
from rich.console import Console

from tests.bench.peers.fold import Task
from tests.bench.report import Measure
from tests.bench.sizes import FULL, Sizes
from tests.bench.spine import cpu
from tests.bench.workload import brokers
from tests.bench.workload.data import END_MS, Workload, workload
from tests.bench.workload.subjects import PLAIN, SUBJECTS, TOCSIN, Result, Subject, Wrong, check, run

PARTITIONS, EMBEDDED_PARTITIONS = 8, 24
EMBEDDED_MOST = 100_000  # it keeps 5 MB a partition

Rounds = list[Result | None]  # by round; None where the subject was wrong

_console = Console(stderr=True)


class Given(NamedTuple):
    """Records on a broker, by the name of their topics."""

    name: str
    work: Workload
    partitions: int

    @property
    def topics(self) -> dict[str, int]:
        """What must exist."""
        return {f"{self.name}-posts": self.partitions, f"{self.name}-interactions": self.partitions}

    def load(self, bootstrap: str) -> None:
        """Put them there."""
        brokers.load(bootstrap, f"{self.name}-posts", self.work.posts)
        brokers.load(bootstrap, f"{self.name}-interactions", self.work.interactions)

    def task(self, bootstrap: str, name: str) -> Task:
        """Read all of it, under this name."""
        posts, interactions = self.topics
        return Task(
            bootstrap, name, posts, interactions, f"{name}-windows",
            brokers.ends(bootstrap, posts, self.partitions), brokers.ends(bootstrap, interactions, self.partitions),
            [f"{name}-{part}{brokers.STATE}" for part in ("windows", "scores")], END_MS,
        )  # fmt: skip


def own(name: str, partitions: int) -> dict[str, int]:
    """The topics that one run writes."""
    states = dict.fromkeys((f"{name}-windows{brokers.STATE}", f"{name}-scores{brokers.STATE}"), partitions)
    return {f"{name}-windows": 1, **states}


def measures(sizes: Sizes = FULL) -> list[Measure]:
    """Ratios of events per second: more is better for Tocsin; and CPU against ``orjson.loads`` of the same bytes."""
    shares = sorted({subject.share for subject in SUBJECTS})
    given = {
        share: Given(f"w{share:g}", workload(int(sizes.events * share), PARTITIONS), PARTITIONS) for share in shares
    }
    results = by_turns(given, sizes.rounds)
    loads = [seconds_of_loads(given[1.0].work) for _ in range(sizes.rounds)]
    return figures(results, loads) + embedded(sizes)


def by_turns(given: Mapping[float, Given], rounds: int) -> dict[str, Rounds]:
    """Every subject once a round; one that is wrong is told and left out."""
    found: dict[str, Rounds] = {subject.name: [] for subject in SUBJECTS}
    topics = {name: count for one in given.values() for name, count in one.topics.items()}
    with brokers.real(topics) as bootstrap:
        for one in given.values():
            one.load(bootstrap)
        for turn in range(rounds):
            for subject in SUBJECTS:
                name, one = f"{subject.name}-{turn}", given[subject.share]
                brokers.create(bootstrap, own(name, PARTITIONS))
                turned(subject, one.task(bootstrap, name), one.work, found[subject.name])
    return found


def turned(subject: Subject, task: Task, work: Workload, found: Rounds) -> None:
    """Run and check, and say what came of it."""
    try:
        result = run(subject, task)
        check(subject, task, [result], work)
    except Wrong as wrong:
        _console.print(f"[red]left out:[/] {wrong}", highlight=False)
        found.append(None)
        return
    found.append(result)
    _console.print(
        f"{task.run}: {speed(result):,.0f} events/s, {result.cpu_s / result.events * 1e6:.1f} us of CPU an event, "
        f"{result.rss_mb:.0f} MB; counts are right"
    )


def embedded(sizes: Sizes) -> list[Measure]:
    """Tocsin and the plain loop on the broker of the demo."""
    given = Given("e", workload(min(sizes.events, EMBEDDED_MOST), EMBEDDED_PARTITIONS), EMBEDDED_PARTITIONS)
    turns = {f"{subject.name}-{turn}": subject for turn in range(sizes.rounds) for subject in (TOCSIN, PLAIN)}
    topics = {
        **given.topics,
        **{topic: count for name in turns for topic, count in own(name, EMBEDDED_PARTITIONS).items()},
    }
    found: dict[str, Rounds] = {"tocsin": [], "plain_loop": []}
    with brokers.embedded(topics) as bootstrap:
        given.load(bootstrap)
        for name, subject in turns.items():
            turned(subject, given.task(bootstrap, name), given.work, found[subject.name])
    runs = ratios(found["tocsin"], found["plain_loop"])
    return [Measure("w_against_plain_loop_embedded", "x", runs)] if runs else []


def seconds_of_loads(work: Workload) -> float:
    """CPU seconds that ``orjson.loads`` of one post takes."""
    values = [record[2] for record in work.posts]
    return cpu(lambda: [orjson.loads(value) for value in values]) / len(values)


def speed(result: Result) -> float:
    """Events a second."""
    return result.events / result.seconds


def pairs(ours: Rounds, theirs: Rounds) -> list[tuple[Result, Result]]:
    """Those rounds in which both were right."""
    return [(one, other) for one, other in zip(ours, theirs, strict=True) if one and other]


def ratios(ours: Rounds, theirs: Rounds) -> list[float]:
    """How many times as fast, by round."""
    return [speed(one) / speed(other) for one, other in pairs(ours, theirs)]


def spent(result: Result) -> float:
    """CPU seconds of one event."""
    return result.cpu_s / result.events


def figures(results: Mapping[str, Rounds], loads: list[float]) -> list[Measure]:
    """Results of the rounds as what they mean; a subject that was always wrong has none."""
    ours, found = results["tocsin"], list[Measure]()
    for name, theirs in results.items():
        right = [one for one in theirs if one]
        found.append(Measure(f"w_events_per_second_of_{name}", "1/s", [speed(one) for one in right]))
        found.append(Measure(f"w_memory_of_{name}_mb", "MB", [one.rss_mb for one in right]))
        if name != TOCSIN.name:
            dearer = [spent(other) / spent(one) for one, other in pairs(ours, theirs)]
            found.append(Measure(f"w_against_{name}", "x", ratios(ours, theirs)))
            found.append(Measure(f"w_cpu_of_{name}_against_ours", "x", dearer))
    cost = [spent(one) / base for one, base in zip(ours, loads, strict=True) if one]
    found.append(Measure("cpu_per_event_against_orjson_loads", "x", cost))
    return [measure for measure in found if measure.runs]
