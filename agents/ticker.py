"""Ticks of idle posts partitions: without them a silent source would stop every brand's minutes from closing."""

import time
from collections.abc import Callable

from agents.lane import LaneApp
from pipeline.listen import Listen
from pipeline.stage import Stage
from schemas.codec import encode
from schemas.post import Tick
from schemas.topics import POSTS


class Ticker:
    """Appends a Tick to an idle partition, if its feed is live.

    A tick trails the clock by what posts of the partition take to arrive, or the next ones would be late. A partition
    whose last post was old when it arrived is being fed from a file, or its collector catches up: the clock says
    nothing about it, its feeder ticks. A partition that never had a record follows the others of this worker.
    """

    def __init__(self, app: LaneApp, states: Callable[[], list[Stage]]) -> None:
        self._app, self._states = app, states

    async def __call__(self, partition: int, state: Stage) -> None:
        """The partition had no record for a while."""
        if isinstance(state, Listen) and (state.time.live or (state.vacant and self._any_live())):
            at = int(time.time() * 1000) - state.time.delay
            await self._app.producer.send(POSTS.name, b"tick", encode(Tick(at=at)), partition, None, None)

    def _any_live(self) -> bool:
        return any(isinstance(state, Listen) and state.time.live for state in self._states())
