"""How a stage is connected to Kafka: who waits for the outside world stays in its group."""

import asyncio
from pathlib import Path

import pytest
from faust.tables.recovery import ServiceStopped

from agents.faust_app import create_app
from agents.lane import SEEK_S
from agents.metrics import Metrics
from agents.settings import Settings
from tests.fakes.faust_world import Ending

DAY_S = 86_400


def test_a_stage_that_waits_for_a_day_is_not_thrown_out_of_its_group() -> None:
    app = create_app(Settings(watchlist=Path("none.yaml")), "store", Metrics(), Ending())

    assert app.conf.broker_max_poll_interval > DAY_S
    assert app.conf.broker_rebalance_timeout < DAY_S  # how long others wait for it when they come or go


def test_a_start_leaves_nothing_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    app = create_app(Settings(watchlist=Path("none.yaml")), "watch", Metrics(), Ending())

    asyncio.run(app.on_first_start())

    assert list(tmp_path.iterdir()) == []


async def test_a_seek_is_given_up_before_faust_takes_it_for_its_end() -> None:
    app = create_app(Settings(watchlist=Path("none.yaml"), session_s=6), "watch", Metrics(), Ending())
    with pytest.raises(ServiceStopped):
        await app.tables.recovery._wait(asyncio.Event(), timeout=0.01)

    assert app.conf.broker_request_timeout > SEEK_S
