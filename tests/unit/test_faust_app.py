"""How a stage is connected to Kafka: who waits for the outside world stays in its group."""

from pathlib import Path

from agents.faust_app import create_app
from agents.metrics import Metrics
from agents.settings import Settings
from tests.fakes.faust_world import Ending

DAY_S = 86_400


def test_a_stage_that_waits_for_a_day_is_not_thrown_out_of_its_group() -> None:
    app = create_app(Settings(watchlist=Path("none.yaml")), "store", Metrics(), Ending())

    assert app.conf.broker_max_poll_interval > DAY_S
    assert app.conf.broker_rebalance_timeout < DAY_S  # how long others wait for it when they come or go
