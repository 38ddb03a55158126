"""``tocsin collect`` as a process over a broker: killed and started again, told to stop, and what it refuses."""

import asyncio
import contextlib
import signal
import sys
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import orjson
import pytest

from agents import embedded_broker
from agents.embedded import free_address
from schemas.topics import COLLECT_STATE, raw
from tests.fakes.raw_log import eventually
from tests.fakes.sources import bluesky
from tests.integration.stack import BRAND, POSTS, Stack

COUNT, RATE = 1_600, 200
PRIVATE = ("--allow-private", "127.0.0.0/8")
WATCHLIST = Path("deploy/watchlist.example.yaml")


class Collector:
    """A collector process; ``log`` is what it said."""

    def __init__(self, stack: Stack, *arguments: str, **settings: str) -> None:
        self.http, self.log = free_address(), stack.folder / "collect.log"
        self._command = (sys.executable, "-m", "agents", "collect", *arguments, "--http", self.http)
        more = {f"TOCSIN_{name.upper()}": value for name, value in settings.items()}
        self._environment = {**stack.environment, **more}
        self.process: asyncio.subprocess.Process

    async def start(self) -> None:
        """Start it."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self._command, env=self._environment, stdout=log, stderr=log
            )

    async def end(self, number: signal.Signals) -> int:
        """Send it a signal; how it ended."""
        self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), 40)

    def get(self, path: str) -> str:
        """What its endpoint says."""
        with urllib.request.urlopen(f"http://{self.http}{path}", timeout=5) as reply:
            return str(reply.read().decode())


@contextlib.asynccontextmanager
async def running(stack: Stack, *arguments: str, **settings: str) -> AsyncIterator[Collector]:
    """A collector that is ready, and that does not outlive the test."""
    collector = Collector(stack, *arguments, **settings)
    await collector.start()
    try:
        yield collector
    finally:
        with contextlib.suppress(ProcessLookupError):
            await collector.end(signal.SIGKILL)


def rkeys(stack: Stack, topic: str = raw("bluesky").name) -> Counter[str]:
    return Counter(orjson.loads(value)["commit"]["rkey"] for _, _, value, _ in stack.topic(topic) if value)


async def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Ask a broker until ``condition``, in a thread, so that the local source may answer meanwhile."""
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110  # the broker tells no event
            await asyncio.sleep(0.1)


async def test_one_that_is_killed_again_and_again_loses_nothing(stack) -> None:
    there = stack(WATCHLIST)
    async with bluesky.open_source(COUNT) as source:
        server = ("bluesky", "--server", str(source.url), "--since", "1d", "--rate", str(RATE), *PRIVATE)
        for _ in range(2):
            before = len(await asyncio.to_thread(there.topic, COLLECT_STATE.name))
            async with running(there, *server):
                await until(lambda before=before: len(there.topic(COLLECT_STATE.name)) > before)
        async with running(there, *server) as collector:
            await until(lambda: len(rkeys(there)) == COUNT)

            assert await collector.end(signal.SIGTERM) == 0
        found = await asyncio.to_thread(rkeys, there)

    assert set(found) == set(source.ids)
    assert len(source.asked) == 3
    assert int(source.asked[0]["cursor"]) < int(source.asked[1]["cursor"]) < int(source.asked[2]["cursor"])
    assert max(found.values()) <= 3
    assert sum(found.values()) < 2 * COUNT


async def test_an_ordered_end_leaves_nothing_to_repeat_but_the_last(stack) -> None:
    there = stack(WATCHLIST)
    async with bluesky.open_source(50) as source:
        server = ("bluesky", "--server", str(source.url), "--since", "1d", *PRIVATE)
        for _ in range(2):
            async with running(there, *server) as collector:
                visits = source.visits
                await eventually(lambda visits=visits: source.visits > visits, 60)
                await until(lambda: len(rkeys(there)) == 50)
                metrics = await asyncio.to_thread(collector.get, "/metrics")

                assert await collector.end(signal.SIGTERM) == 0
        found = await asyncio.to_thread(rkeys, there)

    assert 'tocsin_collect_lag_seconds{source="bluesky"}' in metrics
    assert sum(found.values()) <= 51
    assert source.user_agents[0].startswith("tocsin")


@pytest.mark.embedded
async def test_without_its_topics_it_says_what_to_do(tmp_path: Path) -> None:
    with embedded_broker.running(POSTS, BRAND) as bootstrap:
        there = Stack(bootstrap, tmp_path, WATCHLIST, embedded=True)
        async with running(there, "bluesky") as collector:
            status = await asyncio.wait_for(collector.process.wait(), 60)

    assert status == 70
    assert "TOCSIN_SOURCES=bluesky" in collector.log.read_text()


@pytest.mark.embedded
async def test_without_a_broker_it_ends_for_its_supervisor(tmp_path: Path) -> None:
    there = Stack(free_address(), tmp_path, WATCHLIST, embedded=True)
    async with running(there, "bluesky") as collector:
        status = await asyncio.wait_for(collector.process.wait(), 90)

    assert status == 70
    assert "collector_gives_up" in collector.log.read_text()
