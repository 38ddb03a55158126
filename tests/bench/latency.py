"""From a post's producer to its alert: a worker with checkpoints beside a plain loop, by turns on a real Kafka."""

import json
import sys
import threading
import time
from statistics import quantiles

import orjson
from confluent_kafka import Consumer, Producer, TopicPartition
from rich.console import Console

from tests.bench.peers.fold import Task
from tests.bench.report import Measure
from tests.bench.sizes import FULL, Sizes
from tests.bench.throughput import own
from tests.bench.urgent import paced
from tests.bench.workload import brokers
from tests.bench.workload.alarm import ALARM
from tests.bench.workload.data import AUTHORS, posts
from tests.bench.workload.driving import Driven
from tests.bench.workload.subjects import PEERS, TASK, Subject, Wrong

RATES, NAMED = (500, 5_000, 20_000), 5_000  # posts a second
PARTITIONS, BRANDS, POSTS = 8, 100, 5_000
EVERY = 100  # posts of which one rings
WARM_S, PATIENCE_S = 3.0, 10.0
SUBJECTS = (
    Subject("tocsin", (sys.executable, "-m", "tests.bench.workload.worker", TASK, "alerts")),
    Subject("plain_loop", (sys.executable, str(PEERS / "plain" / "alerts.py"), TASK)),
)
SENT = b'"sent":'

_console = Console(stderr=True)


class Ear:
    """Hears alerts: seconds from when each says it was sent."""

    def __init__(self, task: Task) -> None:
        self.heard = dict[int, float]()  # number of the post -> seconds
        self._stop = threading.Event()
        self._consumer = Consumer({
            "bootstrap.servers": task.bootstrap, "group.id": f"{task.run}-ear", "enable.auto.commit": False,
            "fetch.wait.max.ms": 5,
        })  # fmt: skip
        self._consumer.assign([TopicPartition(task.windows, 0, 0)])
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while not self._stop.is_set():
            message = self._consumer.poll(0.05)
            if message is not None and not message.error() and ALARM in message.value():
                now, alert = time.time(), orjson.loads(message.value())
                self.heard.setdefault(alert["number"], now - alert["sent"])

    def close(self) -> None:
        """Listen no more."""
        self._stop.set()
        self._thread.join()
        self._consumer.close()


def latencies(task: Task, rate: int, seconds: float) -> list[float]:
    """Milliseconds of every alert after the warming up.

    Raises:
        Wrong: one did not come.
    """
    ear, producer = Ear(task), Producer({"bootstrap.servers": task.bootstrap, "linger.ms": 1})
    plain = [orjson.dumps(post) for post in posts(POSTS, BRANDS, AUTHORS)]
    count, due, began = 0, set[int](), time.time()
    for batch in paced(rate, WARM_S + seconds):
        for _ in range(batch):
            count += 1
            value, now = plain[count % len(plain)], time.time()
            if count % EVERY == 0:
                value = value[:-1] + b',"number":%d,"sent":%.6f,%b}' % (count, now, ALARM)
                if now - began > WARM_S:
                    due.add(count)
            producer.produce(task.posts, value, partition=count % PARTITIONS)
        producer.poll(0)
    producer.flush()
    deadline = time.time() + PATIENCE_S
    while due - ear.heard.keys() and time.time() < deadline:
        time.sleep(0.05)
    ear.close()
    if missing := due - ear.heard.keys():
        raise Wrong(f"{task.run}: {len(missing)} of {len(due)} alerts did not come")
    return [ear.heard[number] * 1000 for number in sorted(due)]


def measures(sizes: Sizes = FULL) -> list[Measure]:
    """Percentiles at each rate of both, and the longest pause of a worker's event loop."""
    found, pauses = dict[tuple[str, int], list[list[float]]](), dict[int, list[float]]()
    with brokers.real({}) as bootstrap:
        for turn in range(max(1, sizes.rounds - 1)):
            for rate in RATES:
                for subject in SUBJECTS:
                    name = f"{subject.name}-{rate}-{turn}"
                    brokers.create(bootstrap, {
                        f"{name}-posts": PARTITIONS, f"{name}-interactions": PARTITIONS, **own(name, PARTITIONS),
                    })  # fmt: skip
                    try:
                        times, said = one_run(subject, task(bootstrap, name), rate, sizes.latency_s)
                    except Wrong as wrong:
                        _console.print(f"[red]left out:[/] {wrong}", highlight=False)
                        continue
                    found.setdefault((subject.name, rate), []).append(times)
                    if "longest_pause_s" in said:
                        pauses.setdefault(rate, []).append(json.loads(said)["longest_pause_s"] * 1000)
    return figures(found, pauses)


def task(bootstrap: str, name: str) -> Task:
    """Read what is still to come."""
    states = [f"{name}-{part}{brokers.STATE}" for part in ("windows", "scores")]
    return Task(
        bootstrap, name, f"{name}-posts", f"{name}-interactions", f"{name}-windows", [0] * PARTITIONS, [0] * PARTITIONS,
        states, 0,
    )  # fmt: skip


def one_run(subject: Subject, given: Task, rate: int, seconds: float) -> tuple[list[float], str]:
    """Latencies in ms, and what the subject said in the end."""
    running = Driven(subject, given)
    running.wait()
    running.go()
    try:
        times = latencies(given, rate, seconds)
    finally:
        said = running.end()
    percents = quantiles(times, n=100, method="inclusive")
    _console.print(f"{given.run}: p50 {percents[49]:.1f} ms, p99 {percents[98]:.1f} ms, worst {max(times):.1f} ms")
    return times, said


def figures(found: dict[tuple[str, int], list[list[float]]], pauses: dict[int, list[float]]) -> list[Measure]:
    """Percentiles by round."""
    made = []
    for (subject, rate), rounds in found.items():
        for label, place in (("p50", 499), ("p99", 989), ("p999", 998)):
            runs = [quantiles(times, n=1_000, method="inclusive")[place] for times in rounds]
            made.append(Measure(f"{label}_produce_to_alert_ms_at_{rate}_per_s_of_{subject}", "ms", runs))
    ours, plain = (
        [quantiles(times, n=100, method="inclusive")[98] for times in found.get((name, NAMED), [])]
        for name in ("tocsin", "plain_loop")
    )
    made.append(Measure(f"p99_produce_to_alert_ms_at_{NAMED}_per_s", "ms", ours))
    made.append(Measure("p99_against_plain_loop", "x", [one / other for one, other in zip(ours, plain, strict=False)]))
    made.append(Measure("longest_loop_pause_ms", "ms", pauses.get(NAMED, [])))
    return [one for one in made if one.runs]
