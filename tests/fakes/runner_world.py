"""A runner over a log that outlives it, and fixtures of it."""

import time
from collections.abc import Sequence

import pytest
from faust.types import TP

from agents import runner as module
from agents.checkpoints import Latest
from agents.lane import Batch
from agents.metrics import Metrics
from agents.part import Plan
from agents.runner import Runner
from tests.fakes.faust_world import IN, STATE, App, Ending, Tally, records

LATER = 1e9  # seconds; everything is due by then
ZERO = TP(IN, 0)


class World:
    """One worker's runner over a log that outlives it."""

    def __init__(self, app: App, **given: object) -> None:
        self.app, self.ending, self.points = app, Ending(), list[str]()
        plan = Plan("tally", IN, STATE, Tally, **given)
        self.runner = Runner(app, "", plan, Metrics(), self.ending, self.points.append)

    def state(self) -> Tally:
        """The stage of partition 0."""
        return self.runner.parts[0].state

    async def take(self, offsets: Sequence[int], generation: int = 1, tp: TP = ZERO) -> None:
        """A batch arrives."""
        await self.runner._take(Batch(tp, generation, records(offsets)))

    async def tend(self) -> None:
        """Time passes until everything is due, and what it starts ends."""
        part = self.runner.parts[0]
        await self.runner._tend(part, 0, time.monotonic() + LATER)
        if part.saving:
            await part.saving


@pytest.fixture(name="app")
def app_with_log(monkeypatch: pytest.MonkeyPatch) -> App:
    made = App()

    async def read(_bootstrap: str, _topic: str, partitions: Sequence[int]) -> dict[int, Latest]:
        found = {partition: made.producer.latest(partition) for partition in partitions}
        return {partition: Latest(values, dict.fromkeys(values, 0)) for partition, values in found.items()}

    monkeypatch.setattr(module, "read_latest", read)
    return made


@pytest.fixture(name="world")
async def restored_world(app: App) -> World:
    made = World(app)
    await made.runner.restore(app)
    return made
