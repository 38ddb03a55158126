"""What probes and Prometheus get: sick before the watchdog bites, ready when every stage owns its partitions."""

import asyncio
import time

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from agents import health
from agents.metrics import Metrics
from agents.watchdog import Watchdog


class Stage:
    """An idle stage."""

    def __init__(self, settled: float) -> None:
        self.settled = settled

    def reached(self) -> int:
        """Progress."""
        return 5

    def lag(self) -> int:
        """Records waiting."""
        return 0


async def get(dog: Watchdog, path: str, metrics: Metrics | None = None, *, started: bool = True) -> tuple[int, str]:
    gate = asyncio.Event()
    if started:
        gate.set()
    async with TestClient(TestServer(health.application(metrics or Metrics(), dog, gate))) as client:
        answer = await client.get(path)
        return answer.status, await answer.text()


def watching(*settled: float, silent_s: float = 0.0) -> Watchdog:
    dog = Watchdog(stuck_s=60.0)
    dog.watch([(f"stage{number}", Stage(when)) for number, when in enumerate(settled)], time.monotonic() - silent_s)
    return dog


async def test_a_worker_that_works_is_healthy_and_says_what_each_stage_does():
    status, body = await get(watching(1.0), "/healthz")

    assert status == 200
    assert '"stage0": {"assigned": true, "lag": 0, "reached": 0, "seconds_since_progress": 0.0}' in body


async def test_a_worker_is_sick_before_the_watchdog_ends_it():
    dog = watching(1.0, silent_s=40.0)
    status, _ = await get(dog, "/healthz")

    assert status == 503
    assert dog.verdict(time.monotonic()) == ""


@pytest.mark.parametrize(
    ("settled", "status", "waiting"),
    [((0.0,), 503, '["stage0"]'), ((1.0, 0.0), 503, '["stage1"]'), ((1.0, 1.0), 200, "[]")],
    ids=["starting", "one waits", "all"],
)
async def test_a_worker_is_ready_when_every_stage_has_its_partitions(
    settled: tuple[float, ...], status: int, waiting: str
):
    answer, body = await get(watching(*settled), "/readyz")

    assert answer == status
    assert f'"waiting_for": {waiting}' in body


async def test_a_worker_that_would_not_drain_yet_is_not_ready():
    status, _ = await get(watching(1.0), "/readyz", started=False)

    assert status == 503


async def test_metrics_are_served_in_the_format_of_prometheus():
    metrics = Metrics()
    metrics.lost("listen", 3)
    status, body = await get(watching(), "/metrics", metrics)

    assert status == 200
    assert '\ntocsin_lost_records_total{stage="listen"} 3.0\n' in body


async def test_an_address_without_a_host_is_this_machine_only_and_a_taken_one_is_refused():
    server = await health.serve(web.Application(), ":0")
    host, port = server.addresses[0]

    with pytest.raises(OSError, match="address already in use"):
        await health.serve(web.Application(), f":{port}")
    assert host == "127.0.0.1"
    await server.cleanup()
