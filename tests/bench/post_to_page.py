"""How long a critical complaint takes from its producer to a webhook, by stage, at 1,000 posts/s on a real Kafka."""

import tempfile
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles

import msgspec
from confluent_kafka import Producer
from rich.console import Console
from rich.progress import track

from agents import topic_admin
from deploy.kafka.broker import KafkaBroker
from schemas.alert import Page
from schemas.dispatch import Letter, Mark
from schemas.finding import Finding
from schemas.topics import FINDINGS, PAGE_STATE, POSTS
from tests.bench.report import Measure, report
from tests.bench.urgent import MARK, load, paced, probe, watched
from tests.integration.stack import BRAND, SECRET, Stack
from tests.integration.stack import POSTS as PARTITIONS

RATE = 1_000  # posts a second
ROUNDS, WARM_S, MEASURED_S, PROBES_A_SECOND = 3, 15.0, 30.0, 10
STAGES = ("written to Kafka", "understood (listen)", "decided (page)", "at the webhook", "all")
ROUTING = """
receivers: [{{id: hook, notifier: webhook}}, {{id: log, notifier: terminal}}]
routes: [{{id: now, posts: [critical_post], notify: [hook]}}, {{id: rest, notify: [log]}}]
"""


class Hook:
    """A webhook on loopback: number of the probe -> when its page had come, s."""

    def __init__(self) -> None:
        heard = self.heard = dict[int, float]()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # as http.server calls it
                body = self.rfile.read(int(self.headers["content-length"]))
                now = time.time()
                self.send_response(204)
                self.end_headers()
                number = numbered(msgspec.json.decode(body, type=Page).alert.evidence[0].post_uid)
                if number is not None:
                    heard.setdefault(number, now)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"


def numbered(uid: str) -> int | None:
    """The number of a probe; None for any other post."""
    kind, _, rest = uid.partition("-")
    return int(rest.partition("-")[0]) if kind == "probe" else None


def send(bootstrap: str, background: list[tuple[int, bytes, bytes]], first: int) -> dict[int, float]:
    """Posts at ``RATE``, probes among them: when each probe after the warm-up was handed to the producer, s."""
    producer, sent, count, began = Producer({"bootstrap.servers": bootstrap, "linger.ms": 1}), {}, 0, time.time()
    every = RATE // PROBES_A_SECOND
    for due in paced(RATE, WARM_S + MEASURED_S):
        for _ in range(due):
            count += 1
            now, number, probing = time.time(), first + count // every, count % every == 0
            partition, key, value = probe(number) if probing else background[count % len(background)]
            if probing and now - began > WARM_S:
                sent[number] = now
            producer.produce(POSTS.name, value.replace(MARK, b"%d" % (now * 1000)), key, partition)
        producer.poll(0)
    producer.flush()
    return sent


def stamps(stack: Stack, sent: Mapping[int, float], heard: Mapping[int, float]) -> list[tuple[float, ...]]:
    """Of each probe that came: when it was sent, appended, found, decided and heard, s."""
    appended = {
        numbered(msgspec.json.decode(record.value)["post_uid"]): record.timestamp / 1000
        for record in stack.records(POSTS.name)
        if b'"probe-' in (record.value or b"")
    }
    found, names = dict[int | None, float](), dict[str, int | None]()
    for record in stack.records(FINDINGS.name):
        finding = msgspec.json.decode(record.value, type=Finding)
        if finding.evidence:
            names[finding.finding_id] = number = numbered(finding.evidence[0].post_uid)
            found.setdefault(number, record.timestamp / 1000)
    decided = dict[int | None, float]()
    for record in stack.records(PAGE_STATE.name):
        kept = msgspec.json.decode(record.value, type=Letter | Mark) if record.value else None
        if isinstance(kept, Letter):
            decided.setdefault(names.get(kept.page.alert.alert_id), kept.at / 1000)
    return [
        (at, appended[number], found[number], decided[number], heard[number])
        for number, at in sent.items()
        if number in heard
    ]


def shares(times: list[tuple[float, ...]]) -> dict[str, list[float]]:
    """Seconds of each stage."""
    spans = [[later - earlier for earlier, later in pairwise(row)] for row in times]
    named = {stage: [span[place] for span in spans] for place, stage in enumerate(STAGES[:-1])}
    return named | {STAGES[-1]: [row[-1] - row[0] for row in times]}


def measures() -> list[Measure]:
    """Median and 99th percentile; a whole worker, broker and producer on one machine."""
    background, console = load(), Console(stderr=True)
    found: dict[str, list[float]] = {}
    with KafkaBroker() as broker, tempfile.TemporaryDirectory() as folder:
        bootstrap, hook, place = broker.start(), Hook(), Path(folder)
        topic_admin.create([bootstrap], topic_admin.Counts(PARTITIONS, BRAND, 1))
        (place / "routing.yaml").write_text(ROUTING.format(), encoding="utf-8")
        stack = Stack(bootstrap, place, watched(place), embedded=False, webhook=hook.url)
        stack.environment |= {"TOCSIN_ROUTING": str(place / "routing.yaml"), "TOCSIN_WEBHOOK_SECRET": SECRET}
        stack.start(stages="listen,watch,store,page", checkpoint_s="10", watch_checkpoint_s="2")
        for number in track(range(ROUNDS), "critical complaints to a webhook", console=console):
            sent = send(bootstrap, background, number * 600)
            deadline = time.time() + 20
            while sent.keys() - hook.heard.keys() and time.time() < deadline:
                time.sleep(0.1)
            spent = shares(stamps(stack, sent, hook.heard))
            console.print(f"{len(spent['all'])} of {len(sent)} came, worst {max(spent['all']):.3f} s")
            for stage, seconds in spent.items():
                console.print(f"  {stage}: median {median(seconds):.3f} s, p99 {quantiles(seconds, n=100)[98]:.3f} s")
                name = "post_to_page" if stage == "all" else f"post_to_page_{stage.partition(' ')[0]}"
                found.setdefault(f"{name}_p50_s", []).append(median(seconds))
                found.setdefault(f"{name}_p99_s", []).append(quantiles(seconds, n=100)[98])
        stack.stop()
    return [Measure(name, "s", runs) for name, runs in found.items()]


if __name__ == "__main__":
    report(measures())
