"""A worker ends when Faust has crashed, whatever the stage, and its stages do not wait for one another."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents import sweeping, warehouse, worker
from agents.redacting import Redacted
from agents.settings import Settings
from agents.worker import Worker
from pipeline.watchlist import WatchList
from tests.fakes.faust_world import Ending, GaveUp


@pytest.mark.parametrize("stage", ["store", "page", "forget"])
async def test_a_crash_of_faust_ends_the_worker_with_its_reason(stage: str, monkeypatch: pytest.MonkeyPatch):
    ending = Ending()
    monkeypatch.setattr(worker, "give_up", ending)
    monkeypatch.setattr(worker, "LOOK_S", 0.0)
    working = Worker(Settings(watchlist=Path("none.yaml"), stages=(stage,)), WatchList(brands=()))
    await working.stages.apps[stage]._fetcher.crash(PermissionError("not authorised to read the topic"))
    async with asyncio.timeout(10):
        with pytest.raises(GaveUp):
            await working._guard()

    assert ending.reasons == [f"{stage}: Faust crashed: PermissionError('not authorised to read the topic')"]


async def test_rows_are_stored_while_clickhouse_forgets(monkeypatch: pytest.MonkeyPatch):
    begun, end, in_time = threading.Event(), threading.Event(), list[bool]()

    def mutation(_client: object, _seconds: int) -> Iterator[Redacted]:
        begun.set()
        in_time.append(end.wait(10))
        yield Redacted("signals", 1)

    monkeypatch.setattr(warehouse, "connect", lambda _url: object())
    monkeypatch.setattr(warehouse, "migrate", lambda _client: [])
    monkeypatch.setattr(sweeping, "redact", mutation)
    stages = Worker(Settings(watchlist=Path("none.yaml"), stages=("store",)), WatchList(brands=())).stages
    forgetting = asyncio.ensure_future(stages.sweep.once(0.0))
    await asyncio.to_thread(begun.wait, 10)
    await asyncio.get_running_loop().run_in_executor(stages.warehouse.executor, stages.warehouse.open)
    end.set()
    await forgetting

    assert in_time == [True]
