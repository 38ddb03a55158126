"""Embedded mode: broker, one worker and chDB on free ports of this machine, in processes that end with this one."""

import contextlib
import os
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, NamedTuple
from urllib.error import URLError

from agents import embedded_broker

PORTS = range(20_000, 32_000)  # below those of outgoing connections, one of which may take a port before it is used
POSTS_PARTITIONS = 4
BRAND_PARTITIONS = 3
READY_S = 60.0
STOP_S = 30.0


class NotReady(RuntimeError):  # noqa: N818  # named as what it is
    """The worker did not become ready; the text says where its log is."""


class Embedded(NamedTuple):
    """Where everything of a running embedded mode is."""

    bootstrap: str
    http: str  # host:port of /healthz, /readyz, /metrics
    clickhouse: str  # host:port of the read endpoint
    folder: Path
    worker: "subprocess.Popen[str]"

    @property
    def output(self) -> IO[str]:
        """What the worker prints: pages."""
        if self.worker.stdout is None:
            raise RuntimeError("the worker's output is not piped")
        return self.worker.stdout


def free_address() -> str:
    """A port of the loopback address that nobody listens on now.

    Raises:
        OSError: a hundred ports are taken.
    """
    *others, last = random.sample(PORTS, 100)
    for port in others:
        with contextlib.suppress(OSError):
            return _bound(port)
    return _bound(last)


def _bound(port: int) -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", port))
    return f"127.0.0.1:{port}"


@contextlib.contextmanager
def running(folder: Path, watchlist: Path, extra: Mapping[str, str]) -> Iterator[Embedded]:
    """Start broker and worker, wait until every stage owns its partitions, and stop them in the end.

    Raises:
        NotReady: the worker ended or was not ready within a minute.
    """
    with embedded_broker.running(POSTS_PARTITIONS, BRAND_PARTITIONS) as bootstrap:
        http, clickhouse = free_address(), free_address()
        given = {
            "KAFKA": bootstrap, "EMBEDDED_BROKER": "true", "WATCHLIST": str(watchlist), "HTTP": http,
            "CLICKHOUSE": f"chdb://{folder / 'chdb'}?database=tocsin", "CLICKHOUSE_HTTP": clickhouse,
            "POSTS_PARTITIONS": str(POSTS_PARTITIONS), "BRAND_PARTITIONS": str(BRAND_PARTITIONS),
            "CHECKPOINT_S": "1", "WATCH_CHECKPOINT_S": "1",
        }  # fmt: skip
        environment = {key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")}
        environment |= {f"TOCSIN_{key}": value for key, value in {**given, **extra}.items()}
        command = [sys.executable, "-m", "agents", "worker"]
        with (folder / "worker.log").open("w", encoding="utf-8") as log:
            worker = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)  # noqa: S603
            try:
                embedded = Embedded(bootstrap, http, clickhouse, folder, worker)
                _wait_ready(embedded)
                yield embedded
            finally:
                _stop(worker)


def _wait_ready(embedded: Embedded) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and embedded.worker.poll() is None:
        with contextlib.suppress(URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(f"http://{embedded.http}/readyz", timeout=2).close()  # our own loopback
            return
        time.sleep(0.1)
    raise NotReady(f"the worker is not ready; its log is {embedded.folder / 'worker.log'}")


def _stop(worker: "subprocess.Popen[str]") -> None:
    worker.terminate()
    try:
        worker.wait(STOP_S)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
