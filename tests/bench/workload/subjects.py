"""Who runs workload W: the command of each, one run of it, and whether what it made is right."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import orjson

from tests.bench.peers.fold import WINDOW_MS, Task
from tests.bench.workload.brokers import everything
from tests.bench.workload.data import END_MS, Workload

PEERS = Path(__file__).resolve().parents[1] / "peers"
ENVIRONMENTS = Path(os.environ.get("BENCH_PEERS", "var/peers"))  # made by `make bench-peers`
SLOWEST_S = 120.0
TASK = "TASK"  # where the task stands in a command
CLOSE = 1e-6  # relative: the order in which floating point numbers are added differs


class Subject(NamedTuple):
    """One implementation. ``command`` has ``TASK`` where that belongs; slow ones get a ``share`` of the events."""

    name: str
    command: tuple[str, ...]
    share: float = 1.0


def peer(name: str, folder: str, *more: str, share: float = 1.0) -> Subject:
    """A peer in a virtual environment of its own."""
    python = ENVIRONMENTS / folder / "bin" / "python"
    return Subject(name, (str(python), str(PEERS / folder / "loop.py"), TASK, *more), share)


TOCSIN = Subject("tocsin", (sys.executable, "-m", "tests.bench.workload.worker", TASK, "once"))
PLAIN = Subject("plain_loop", (sys.executable, str(PEERS / "plain" / "loop.py"), TASK))
SUBJECTS = (
    TOCSIN,
    PLAIN,
    peer("bytewax", "bytewax", "windows", share=0.5),
    peer("bytewax_own_state", "bytewax", "state", share=0.5),
    peer("quix_windows", "quix", "windows", share=0.25),
    peer("quix_own_state", "quix", "state", share=0.5),
    peer("arroyo", "arroyo", share=0.5),
    peer("idiomatic_faust", "faust", share=0.05),
)


class Result(NamedTuple):
    """What one run said. Times in seconds, of the clock."""

    began: float
    ended: float
    seconds: float
    cpu_s: float
    events: int
    authors: int
    total: float
    rss_mb: float


class Wrong(Exception):  # noqa: N818  # a finding about a subject
    """It failed, or dropped or invented something; the text says what."""


def command(subject: Subject, task: Task) -> list[str]:
    """The subject's command with its task."""
    return [json.dumps(task._asdict()) if word == TASK else word for word in subject.command]


def environment() -> dict[str, str]:
    """Peers find ``fold``; nothing of the operator's settings is seen."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")}
    return ours | {"PYTHONPATH": str(PEERS)}


def run(subject: Subject, task: Task) -> Result:
    """One run to its end.

    Raises:
        Wrong: it failed.
    """
    try:
        done = subprocess.run(
            command(subject, task), env=environment(), capture_output=True, text=True, timeout=SLOWEST_S, check=False
        )
        return parsed(done.stdout)
    except subprocess.TimeoutExpired as late:
        raise Wrong(f"{subject.name}: not done after {late.timeout:.0f} s") from late
    except (ValueError, IndexError, TypeError) as error:
        raise Wrong(f"{subject.name}: {done.stdout[-500:]}{done.stderr[-1500:]}") from error


def parsed(output: str) -> Result:
    """The last line of the output."""
    return Result(**json.loads(output.strip().splitlines()[-1]))


def check(subject: Subject, task: Task, results: Sequence[Result], due: Workload) -> None:
    """Compare what one or more processes made together with what must come of the records.

    Raises:
        Wrong: it dropped or invented something.
    """
    given = len(due.posts) + len(due.interactions)
    if task.events != given:
        raise Wrong(f"{subject.name}: the broker holds {task.events} of {given} records")
    found = difference(task.events, results, everything(task.bootstrap, task.windows, 1), due)
    if found:
        raise Wrong(f"{subject.name}: {found}")


def difference(events: int, results: Sequence[Result], written: Sequence[bytes], due: Workload) -> str:
    """What was dropped or invented, in words; empty if nothing was."""
    read, authors = sum(one.events for one in results), sum(one.authors for one in results)
    total = sum(one.total for one in results)
    if (read, authors) != (events, due.authors):
        return f"{read} of {events} events, {authors} of {due.authors} authors"
    if abs(total - due.total) > CLOSE * due.total:
        return f"scores of {total} where there must be {due.total}"
    windows = [orjson.loads(value) for value in written]
    made = {
        (one["brand"], one["minute"]): (one["posts"], one["score"], one["negatives"])
        for one in windows
        if one["minute"] * WINDOW_MS < END_MS
    }
    if made == due.windows:
        return ""
    posts = sum(window[0] for window in made.values())
    return f"{len(made)} of {len(due.windows)} windows with {posts} posts, or sums that differ"
