"""A sink commits behind what it has done, and only that."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from faust.types import TP

from agents.lane import Batch
from agents.metrics import Metrics
from agents.sink import Sink
from tests.fakes.faust_world import App, Ending, GaveUp, breathe, records

FIRST, SECOND = TP("in", 0), TP("in", 1)


class Acting:
    """An action that ends when the test says so."""

    def __init__(self) -> None:
        self.app, self.ending = App(), Ending()
        self.done: list[tuple[TP, int]] = []
        self.gates: dict[TP, asyncio.Event] = {}
        self.failure: Exception | None = None
        self.sink = Sink(self.app, "store", self, Metrics(), self.ending)

    async def __call__(self, tp: TP, batch: Sequence[Any]) -> None:
        """The action."""
        if tp in self.gates:
            await self.gates[tp].wait()
        if self.failure:
            raise self.failure
        self.done.append((tp, len(batch)))

    async def take(self, tp: TP, offsets: Sequence[int], generation: int = 1) -> None:
        """A batch arrives."""
        await self.sink._take(Batch(tp, generation, records(offsets)))


async def test_it_commits_behind_the_batch_after_the_action_returned():
    acting = Acting()
    acting.gates[FIRST] = asyncio.Event()
    taking = asyncio.create_task(acting.take(FIRST, [3, 4, 7]))
    await breathe()
    before = list(acting.app.commits)
    acting.gates[FIRST].set()
    await taking

    assert (before, acting.app.commits) == ([], [(FIRST, 8)])


async def test_an_action_that_raises_ends_the_process_and_nothing_is_committed():
    acting = Acting()
    acting.failure = ValueError("broken")

    with pytest.raises(GaveUp, match="store: in/0: .*broken"):
        await acting.take(FIRST, [3])
    assert (acting.app.commits, acting.sink.acting) == ([], 0)


async def test_an_action_that_is_cancelled_commits_nothing():
    acting = Acting()
    acting.gates[FIRST] = asyncio.Event()
    taking = asyncio.create_task(acting.take(FIRST, [3]))
    await breathe()
    taking.cancel()
    await breathe()

    assert (acting.app.commits, acting.ending.reasons) == ([], [])


async def test_a_batch_of_an_older_generation_is_left_to_its_new_owner():
    acting = Acting()
    await acting.take(FIRST, [3], generation=0)

    assert (acting.done, acting.app.commits) == ([], [])


async def test_what_was_done_while_the_partition_moved_away_is_not_committed():
    acting = Acting()
    acting.gates[FIRST] = asyncio.Event()
    taking = asyncio.create_task(acting.take(FIRST, [3]))
    await breathe()
    acting.app.consumer_generation_id += 1
    acting.gates[FIRST].set()
    await taking

    assert (acting.done, acting.app.commits) == ([(FIRST, 1)], [])


async def test_it_is_acting_until_the_last_of_its_partitions_has_ended():
    acting = Acting()
    acting.gates[FIRST] = asyncio.Event()
    taking = asyncio.create_task(acting.take(FIRST, [3]))
    await breathe()
    await acting.take(SECOND, [5])
    meanwhile = acting.sink.acting
    acting.gates[FIRST].set()
    await taking

    assert (meanwhile, acting.sink.acting) == (1, 0)


async def test_lag_and_reach_count_the_partitions_heard_from_since_the_assignment():
    acting = Acting()
    acting.app.highwaters |= {FIRST: 10, SECOND: 10}
    await acting.take(FIRST, [3])
    heard = acting.sink.reached(), acting.sink.lag()
    await acting.sink.revoked(acting.app, {FIRST})

    assert (heard, acting.sink.reached(), acting.sink.lag()) == ((4, 6), 0, 0)


async def test_it_is_settled_between_assignment_and_revocation():
    acting = Acting()
    before = acting.sink.settled
    await acting.sink.assigned(acting.app)
    between = acting.sink.settled
    await acting.sink.revoked(acting.app, {FIRST})

    assert between > before == acting.sink.settled == 0


def test_it_resumes_at_the_commit():
    assert (Sink.position(FIRST, 5), Sink.position(FIRST, None)) == (5, None)
