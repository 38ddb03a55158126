"""Rules of tending a stage: the order of its outputs, flushes, checkpoints, idleness, and a clean stop."""

import asyncio
import time
from collections.abc import Awaitable
from types import SimpleNamespace

from faust.types import TP

from pipeline.stage import Stage
from tests.fakes.faust_world import IN, App, breathe
from tests.fakes.runner_world import LATER, ZERO, World, app_with_log, restored_world  # noqa: F401  # fixtures


async def test_outputs_of_flush_and_batches_leave_in_the_order_of_the_state_changes(world: World):
    world.app.producer.gate.clear()
    first = asyncio.create_task(world.take(range(3)))
    await breathe()
    checkpoint = asyncio.create_task(world.tend())
    await breathe()
    second = asyncio.create_task(world.take(range(3, 5)))
    await breathe()
    world.app.producer.gate.set()
    await asyncio.gather(first, checkpoint, second)

    assert world.state().calls == ["apply", "flush", "snapshot", "even", "odd", "apply"]
    assert world.app.producer.values("out") == [b"0", b"1", b"2", b"through 3", b"3", b"4"]


def seen(world: World, end: int, position: int, delivered: int) -> Awaitable[None]:
    """A look at a log that ends there, of which so much was fetched and delivered."""

    async def highwaters(*tps: TP) -> dict[TP, int]:
        return dict.fromkeys(tps, end)

    async def fetched(_tp: TP) -> int:
        return position

    world.app.consumer = SimpleNamespace(
        highwaters=highwaters, position=fetched, delivered=lambda _tp: delivered, highwater=lambda _tp: None
    )
    return world.runner._see([ZERO])


async def test_a_stage_that_fetches_nothing_since_its_assignment_has_a_lag_all_the_same(world: World):
    await world.take(range(3))
    before = world.runner.lag()
    await seen(world, end=12, position=3, delivered=3)

    assert (before, world.runner.lag()) == (0, 9)


async def test_the_mark_of_a_transaction_at_the_end_of_a_log_is_not_waited_for_and_records_are(world: World):
    await world.take(range(3))
    await seen(world, end=4, position=4, delivered=3)
    marked = world.runner.lag()
    await seen(world, end=9, position=9, delivered=8)

    assert (marked, world.runner.lag()) == (0, 5)


async def test_a_batch_that_comes_while_a_checkpoint_is_read_waits_for_its_last_block(world: World):
    await world.take(range(3))
    part, calls = world.runner.parts[0], world.state().calls
    await world.runner._tend(part, 0, time.monotonic() + LATER)
    await asyncio.sleep(0)
    taking, read_so_far = asyncio.create_task(world.take(range(3, 5))), list(calls)
    await world.runner._tend(part, 0, time.monotonic() + LATER)
    await asyncio.gather(part.saving, taking)

    assert read_so_far == ["apply", "flush", "snapshot", "even"]
    assert calls == ["apply", "flush", "snapshot", "even", "odd", "apply"]


async def test_a_batch_that_waited_is_left_to_the_next_owner_of_its_partition(world: World, app: App):
    await world.take(range(3))
    part = world.runner.parts[0]
    async with part.still:
        taking = asyncio.create_task(world.take(range(3, 5)))
        await breathe()
        await world.runner.drop(app, ())
    await taking

    assert part.state.next == 3


async def test_nothing_is_flushed_while_the_broker_is_slow(world: World):
    world.app.producer.automatic = False
    await world.take(range(3))
    world.runner.parts[0].saved = 3  # nothing to checkpoint
    await world.tend()
    before = list(world.state().calls)
    await world.app.producer.acknowledge()
    await world.tend()

    assert (before, world.state().calls) == (["apply"], ["apply", "flush"])


async def test_idleness_is_told_once_per_interval_and_only_when_nothing_came(app: App):
    told: list[tuple[int, Stage]] = []

    async def idle(partition: int, state: Stage) -> None:
        told.append((partition, state))

    world = World(app, idle_s=5.0, on_idle=idle, flush_s=LATER, checkpoint_s=LATER)
    await world.runner.restore(app)
    part = world.runner.parts[0]
    start = part.seen
    for seconds, times in ((4.9, 0), (5.1, 1), (10.0, 1), (10.2, 2)):
        await world.runner._tend(part, 0, start + seconds)

        assert told == [(0, part.state)] * times


async def test_lag_and_reach_are_those_of_all_partitions_owned(app: App):
    app.assigned, world = [TP(IN, 0), TP(IN, 1)], World(app)
    await world.runner.restore(app)
    app.highwaters = {TP(IN, 0): 12}
    app.consumer.highwater = app.highwaters.get
    await world.take(range(5))

    assert (world.runner.reached(), world.runner.lag()) == (5, 7)


async def test_a_drained_runner_takes_nothing_more_and_has_checkpointed_everything(world: World, app: App):
    await world.take(range(5))
    await world.runner.drain()
    await world.take(range(5, 9))
    again = World(app)
    await again.runner.restore(app)

    assert world.state().next == again.state().next == 5
    assert app.commits == [(ZERO, 5)]


async def test_draining_writes_no_checkpoint_that_would_say_nothing_new(world: World, app: App):
    await world.take(range(5))
    await world.tend()
    written = len(app.producer.sent)
    await world.runner.drain()

    assert len(app.producer.sent) == written


async def test_draining_never_runs_beside_another_checkpoint_of_the_partition(world: World, app: App):
    app.producer.automatic = False
    await world.take(range(5))
    tending = asyncio.create_task(world.tend())
    await breathe()
    draining = asyncio.create_task(world.runner.drain())
    await breathe()
    await world.runner._tend(world.runner.parts[0], 0, time.monotonic() + LATER)
    while not draining.done():
        await app.producer.acknowledge()
    await tending

    assert world.state().calls.count("snapshot") == 1


async def test_draining_ends_when_the_partition_is_taken_away(world: World, app: App):
    app.producer.automatic = False
    await world.take(range(5))
    draining = asyncio.create_task(world.runner.drain())
    await breathe()
    await world.runner.drop(app, {ZERO})
    await app.producer.acknowledge()
    await app.producer.acknowledge()

    assert draining.done()
    assert app.commits == []


async def test_tending_ends_with_the_app(world: World):
    world.app.should_stop = True
    await asyncio.wait_for(world.runner.tend(), 1)

    assert world.state().calls == []
