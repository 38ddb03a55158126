"""Batches that come soon after each other are acted on together, in order, and each hears how it went."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

import pytest
from faust.types import TP

from agents.gathering import BYTES, Gathering
from tests.fakes.faust_world import Record, breathe

FIRST, SECOND = TP("in", 0), TP("in", 1)
APART = 1.0


class World:
    """A gathering whose clock, waits and actions are the test's."""

    def __init__(self) -> None:
        self.now, self.failure = 0.0, list[Exception]()
        self.begun: list[tuple[TP, list[int]]] = []
        self.waits: list[float] = []
        self.due, self.gate = asyncio.Event(), asyncio.Event()
        self.gate.set()
        self.gathering = Gathering(self._act, APART, clock=lambda: self.now, wait=self._wait)

    async def _act(self, tp: TP, batch: Sequence[Any]) -> None:
        self.begun.append((tp, [record.offset for record in batch]))
        await self.gate.wait()
        if self.failure:
            raise self.failure.pop()

    async def _wait(self, awaited: Awaitable[object], seconds: float) -> object:
        self.waits.append(seconds)
        either = [asyncio.ensure_future(awaited), asyncio.ensure_future(self.due.wait())]
        done, pending = await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        for one in pending:
            one.cancel()
        if either[0] not in done:
            raise TimeoutError
        return None

    async def take(self, *offsets: int, tp: TP = FIRST, size: int = 1) -> asyncio.Task[None]:
        """A batch arrives."""
        batch: Any = [Record(offset, value=b"x" * size) for offset in offsets]
        taken = asyncio.create_task(self.gathering(tp, batch))
        await breathe()
        return taken

    async def passes(self, seconds: float) -> None:
        """Time passes, and what waited for it wakes up."""
        self.now += seconds
        self.due.set()
        await breathe()
        self.due.clear()


async def test_what_comes_after_a_silence_is_acted_on_at_once():
    world = World()
    taken = [await world.take(1), await world.take(2, tp=SECOND)]
    await world.passes(APART)
    taken.append(await world.take(3))

    assert world.begun == [(FIRST, [1]), (SECOND, [2]), (FIRST, [3])]
    assert (world.waits, [one.done() for one in taken]) == ([], [True, True, True])


async def test_what_comes_soon_after_waits_for_its_turn_and_is_acted_on_together():
    world = World()
    await world.take(1)
    world.now = 0.25
    taken = [await world.take(2, 3), await world.take(4)]
    before = list(world.begun), [one.done() for one in taken]
    await world.passes(0.75)

    assert before == ([(FIRST, [1])], [False, False])
    assert world.waits == [0.75]
    assert (world.begun[1:], [one.done() for one in taken]) == ([(FIRST, [2, 3, 4])], [True, True])


async def test_a_group_with_enough_in_it_does_not_wait():
    world = World()
    await world.take(1)
    await world.take(2, size=BYTES // 2)
    assert len(world.begun) == 1
    await world.take(3, size=BYTES // 2)

    assert world.begun[1:] == [(FIRST, [2, 3])]


async def test_there_is_one_action_at_a_time_and_what_comes_meanwhile_is_one_group():
    world = World()
    world.gate.clear()
    taken = [await world.take(1)]
    await world.passes(2 * APART)
    taken += [await world.take(2), await world.take(4, tp=SECOND), await world.take(3)]
    before = list(world.begun)
    world.gate.set()
    await breathe()

    assert before == [(FIRST, [1])]
    assert world.begun[1:] == [(FIRST, [2, 3]), (SECOND, [4])]
    assert all(one.done() for one in taken)


async def test_a_failure_reaches_every_batch_of_its_group_and_no_other():
    world = World()
    world.failure = [ValueError("refused")]
    world.gate.clear()
    failing = await world.take(1)
    following = [await world.take(2), await world.take(3)]
    world.gate.set()
    await world.passes(APART)

    with pytest.raises(ValueError, match="refused"):
        await failing
    assert [await one for one in following] == [None, None]
    assert world.begun == [(FIRST, [1]), (FIRST, [2, 3])]


async def test_a_batch_that_is_given_up_leaves_its_group_alone():
    world = World()
    await world.take(1)
    given_up, kept = await world.take(2), await world.take(3)
    given_up.cancel()
    await world.passes(APART)

    assert (world.begun[1:], kept.done()) == ([(FIRST, [2, 3])], True)
