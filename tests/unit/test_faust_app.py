"""How a stage is connected to Kafka: who waits for the outside world stays in its group."""

import asyncio
from pathlib import Path

import pytest

from agents.faust_app import create_app
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
