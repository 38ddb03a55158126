"""A whole Tocsin under test: a worker process over a broker that runs, with chDB and a webhook target."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import clickhouse_connect
import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from agents.embedded import free_address
from agents.feeding import EMBEDDED_API, Feeder, Lag, Pace

POSTS, BRAND = 4, 3
SOURCES = ("bluesky",)  # that have topics
SECRET = "whsec_dG9jc2luLXRlc3Qtc2VjcmV0LXRvY3Npbg=="
MAX_LAG = 1_500


class Stack:
    """One running Tocsin. ``bootstrap`` is its broker; the worker may be killed and started again."""

    def __init__(self, bootstrap: str, folder: Path, watchlist: Path, *, embedded: bool, webhook: str = "") -> None:
        self.bootstrap, self.folder, self.embedded = bootstrap, folder, embedded
        self.api = EMBEDDED_API if embedded else None
        self.http, self.clickhouse = free_address(), free_address()
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")},
            "TOCSIN_KAFKA": bootstrap, "TOCSIN_WATCHLIST": str(watchlist), "TOCSIN_HTTP": self.http,
            "TOCSIN_EMBEDDED_BROKER": str(embedded).lower(), "TOCSIN_CLICKHOUSE_HTTP": self.clickhouse,
            "TOCSIN_CLICKHOUSE": f"chdb://{folder / 'chdb'}?database=tocsin",
            "TOCSIN_POSTS_PARTITIONS": str(POSTS), "TOCSIN_BRAND_PARTITIONS": str(BRAND),
            "TOCSIN_CHECKPOINT_S": "1", "TOCSIN_WATCH_CHECKPOINT_S": "1", "TOCSIN_SESSION_S": "6",
            "TOCSIN_WEBHOOK_URL": webhook, "TOCSIN_WEBHOOK_SECRET": SECRET if webhook else "",
            "TOCSIN_WEBHOOK_ALLOW_PRIVATE": "127.0.0.1,localhost" if webhook else "",
        }  # fmt: skip
        self.worker: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What all its workers said."""
        return self.folder / "worker.log"

    def start(self, **settings: str) -> None:
        """Start the worker, with more settings, and wait until every stage owns its partitions."""
        self.launch(**settings)
        self.wait(self.ready, 90, "the worker is not ready")

    def launch(self, **settings: str) -> None:
        """Start the worker, with more settings (without TOCSIN_), and do not wait."""
        more = {f"TOCSIN_{name.upper()}": value for name, value in settings.items()}
        command = [sys.executable, "-m", "agents", "worker"]
        with self.log.open("ab") as log:
            self.worker = subprocess.Popen(command, env=self.environment | more, stdout=log, stderr=log)

    def kill(self) -> None:
        """SIGKILL."""
        assert self.worker is not None
        self.worker.send_signal(signal.SIGKILL)
        self.worker.wait()

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        assert self.worker is not None
        self.worker.terminate()
        return self.worker.wait(40)

    def ready(self) -> bool:
        """Whether every stage owns its partitions."""
        with urllib.request.urlopen(f"http://{self.http}/readyz", timeout=2) as reply:
            return reply.status == 200

    def feed(self, sends, on_send=lambda _send: None, max_lag: int = MAX_LAG):
        """Append a plan, never further ahead of the worker than ``max_lag`` records."""
        lag, feeder = Lag(self.bootstrap.split(","), "tocsin", self.api), Feeder(self.bootstrap.split(","), self.api)
        try:
            return feeder.feed(sends, Pace(), lambda: lag.worst() > max_lag, on_send)
        finally:
            feeder.close()
            lag.close()

    def query(self, sql: str) -> list[tuple]:
        """Ask ClickHouse through the worker's read endpoint."""
        client = clickhouse_connect.get_client(
            host="127.0.0.1", port=int(self.clickhouse.rpartition(":")[2]), database="tocsin", compress=False
        )
        try:
            return [tuple(row) for row in client.query(sql).result_rows]
        finally:
            client.close()

    def topic(self, name: str) -> list[tuple[int, int, bytes | None, tuple[tuple[str, bytes], ...]]]:
        """Partition, offset, value and headers of everything on a topic."""
        return [(row.partition, row.offset, row.value, tuple(row.headers)) for row in self.records(name)]

    def records(self, name: str) -> list[ConsumerRecord]:
        """Everything on a topic, in the order of its partitions."""
        consumer = KafkaConsumer(
            bootstrap_servers=self.bootstrap.split(","), enable_auto_commit=False,
            **({"api_version": self.api} if self.api else {}),
        )  # fmt: skip
        tps = [TopicPartition(name, number) for number in consumer.partitions_for_topic(name) or ()]
        consumer.assign(tps)
        consumer.seek_to_beginning(*tps)
        ends, found = consumer.end_offsets(tps), []
        while any(consumer.position(tp) < end for tp, end in ends.items()):
            for records in consumer.poll(500).values():
                found += records
        consumer.close()
        return sorted(found, key=lambda record: (record.partition, record.offset))

    def wait(self, condition: Callable[[], bool], seconds: float, complaint: str) -> None:
        """Until ``condition``; errors of it count as not yet."""
        deadline, last = time.monotonic() + seconds, ""
        while time.monotonic() < deadline:
            try:
                if condition():
                    return
            except (OSError, clickhouse_connect.driver.exceptions.Error) as error:
                last = repr(error)
            if self.worker is not None and self.worker.poll() is not None:
                break
            time.sleep(0.2)
        tail = self.log.read_text(errors="replace")[-3000:]
        pytest.fail(f"{complaint} after {seconds} s {last}\n{tail}")

    def idle(self) -> bool:
        """Every stage that the worker runs has read everything."""
        with urllib.request.urlopen(f"http://{self.http}/healthz", timeout=2) as reply:
            return all(stage["lag"] == 0 for stage in json.load(reply)["stages"].values())

    def settled(self) -> bool:
        """Every stage has read and acted on everything, the usual ones among them."""
        lag = Lag(self.bootstrap.split(","), "tocsin", self.api)
        try:
            return self.idle() and lag.worst() == 0
        finally:
            with contextlib.suppress(AttributeError):  # logs a connection it aborts by a socket that is gone, and
                lag.close()  # pytest's handler raises what the real one only prints
