"""A worker whose Faust has crashed ends, whatever the stage: a sink would sit there, healthy, and act on nothing."""

import asyncio
from pathlib import Path

import pytest

from agents import worker
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
