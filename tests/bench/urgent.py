"""How long a critical complaint takes from its producer to the findings topic of a real Kafka, under load."""

import tempfile
import threading
import time
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from statistics import quantiles

import msgspec
from confluent_kafka import Consumer, Producer, TopicPartition
from rich.console import Console
from rich.progress import track

from agents import topic_admin
from agents.demo.scenario import posts
from deploy.kafka.broker import KafkaBroker
from pipeline.feed import dated, partition_of
from schemas.author import Author
from schemas.finding import Finding
from schemas.post import SocialPost
from schemas.topics import FINDINGS, POSTS
from tests.bench.report import Measure, report
from tests.integration.stack import BRAND, Stack
from tests.integration.stack import POSTS as PARTITIONS

RATES = (500, 5_000)  # posts a second
ROUNDS, WARM_S, MEASURED_S = 3, 8.0, 20.0
STEP_S = 0.005
PROBES_A_SECOND = 10
PROBES = 300  # at most, of one run
BRANDS = ROUNDS * len(RATES) * PROBES  # each is probed once: a second text like the first would not be told
END_MS = 1_700_000_000_000 // 3_600_000 * 3_600_000
MARK = b"1700000000000"  # stands for the time at which a post is produced


def watched(folder: Path) -> Path:
    """The demo's brands and those that are probed."""
    demo = (resources.files("agents.demo") / "watchlist.yaml").read_text(encoding="utf-8")
    probed = "".join(f"  - {{id: probe-{number}, aliases: [Probando{number}x]}}\n" for number in range(BRANDS))
    file = folder / "watchlist.yaml"
    file.write_text(demo.replace("brands:\n", f"brands:\n{probed}", 1), encoding="utf-8")
    return file


def load() -> list[tuple[int, bytes, bytes]]:
    """Posts of the demo's day: partition, key, value with ``MARK`` for their time."""
    found = []
    for number, post in enumerate(posts(1, END_MS)):
        timed = msgspec.structs.replace(post, event_time=int(MARK), post_uid=f"{number}-{MARK.decode()}", url=None)
        _, key, value = dated(timed)
        found.append((partition_of(key, PARTITIONS), key, value))
    return found


def probe(number: int) -> tuple[int, bytes, bytes]:
    """A complaint about a danger to a brand that has no other."""
    text = f"Probando{number % BRANDS}x 的充电器突然爆炸起火，我的手被严重烧伤，太差了，要求赔偿"
    post = SocialPost(
        post_uid=f"probe-{number}-{MARK.decode()}", platform="weibo", channel="microblog", text=text,
        event_time=int(MARK), author=Author(author_key=f"probe {number}"),
    )  # fmt: skip
    _, key, value = dated(post)
    return partition_of(key, PARTITIONS), key, value


class Ears:
    """Hears findings about probes: number of the probe -> when it was received, s."""

    def __init__(self, bootstrap: str) -> None:
        self.heard: dict[int, float] = {}
        self._stop = threading.Event()
        self._consumer = Consumer({
            "bootstrap.servers": bootstrap, "group.id": "bench", "enable.auto.commit": False, "fetch.wait.max.ms": 5,
        })  # fmt: skip
        ends = (TopicPartition(FINDINGS.name, number) for number in range(BRAND))
        self._consumer.assign([
            TopicPartition(end.topic, end.partition, self._consumer.get_watermark_offsets(end)[1]) for end in ends
        ])  # fmt: skip
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while not self._stop.is_set():
            message = self._consumer.poll(0.05)
            if message is not None and not message.error():
                now = time.time()
                finding = msgspec.json.decode(message.value(), type=Finding)
                uid = finding.evidence[0].post_uid.split("-") if finding.evidence else [""]
                if uid[0] == "probe":
                    self.heard.setdefault(int(uid[1]), now)

    def close(self) -> None:
        """Listen no more."""
        self._stop.set()
        self._thread.join()
        self._consumer.close()


def paced(rate: int, seconds: float) -> Iterator[int]:
    """How many posts are due, every ``STEP_S``, until so many seconds have passed."""
    began, sent = time.perf_counter(), 0
    while (passed := time.perf_counter() - began) < seconds:
        due = int(passed * rate) - sent
        sent += due
        yield due
        time.sleep(STEP_S)


def latencies(
    bootstrap: str, rate: int, background: list[tuple[int, bytes, bytes]], first: int
) -> tuple[list[float], int]:
    """Milliseconds of each probe that was found, and how many were sent."""
    ears, producer = Ears(bootstrap), Producer({"bootstrap.servers": bootstrap, "linger.ms": 1})
    sent: dict[int, float] = {}
    every, count, began = rate // PROBES_A_SECOND, 0, time.time()
    for due in paced(rate, WARM_S + MEASURED_S):
        for _ in range(due):
            count += 1
            now = time.time()
            number = first + count // every
            probing = count % every == 0
            partition, key, value = probe(number) if probing else background[count % len(background)]
            if probing and now - began > WARM_S:
                sent[number] = now
            producer.produce(POSTS.name, value.replace(MARK, b"%d" % (now * 1000)), key, partition)
        producer.poll(0)
    producer.flush()
    deadline = time.time() + 20
    while sent.keys() - ears.heard.keys() and time.time() < deadline:
        time.sleep(0.1)
    ears.close()
    return [(ears.heard[number] - at) * 1000 for number, at in sent.items() if number in ears.heard], len(sent)


def measures() -> list[Measure]:
    """Median and 99th percentile at each rate; a listen stage alone in its process, producer and broker beside it."""
    background, found, console = load(), dict[str, list[float]](), Console(stderr=True)
    with KafkaBroker() as broker, tempfile.TemporaryDirectory() as folder:
        bootstrap = broker.start()
        topic_admin.create([bootstrap], topic_admin.Counts(PARTITIONS, BRAND, 1))
        stack = Stack(bootstrap, Path(folder), watched(Path(folder)), embedded=False)
        stack.start(stages="listen", checkpoint_s="10")
        for number in track(range(ROUNDS * len(RATES)), "critical complaints", console=console):
            rate = RATES[number % len(RATES)]
            times, sent = latencies(bootstrap, rate, background, first=number * PROBES)
            percentiles = quantiles(times, n=100)
            console.print(f"{rate} posts/s: {len(times)} of {sent} probes found, worst {max(times):.0f} ms")
            found.setdefault(f"critical_finding_p50_ms_at_{rate}", []).append(percentiles[49])
            found.setdefault(f"critical_finding_p99_ms_at_{rate}", []).append(percentiles[98])
        stack.stop()
    found["critical_finding_p99_ms"] = found[f"critical_finding_p99_ms_at_{RATES[-1]}"]
    return [Measure(name, "ms", runs) for name, runs in found.items()]


if __name__ == "__main__":
    report(measures())
