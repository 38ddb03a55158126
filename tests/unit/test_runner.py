"""Rules of running a stage: what is folded in, what is restored, and what ends the process."""

import asyncio
import time
from collections.abc import Callable, Sequence

import pytest
from faust.types import TP

from agents import runner as module
from agents.checkpoints import StateLost
from agents.lane import Batch
from agents.metrics import Metrics
from agents.part import Plan
from agents.runner import Runner
from pipeline.stage import Poisoned, Stage
from tests.fakes.faust_world import IN, STATE, App, Ending, GaveUp, Tally, breathe, records

LATER = 1e9  # seconds; everything is due by then
ZERO = TP(IN, 0)


class World:
    """One worker's runner over a log that outlives it."""

    def __init__(self, app: App, **plan: object) -> None:
        self.app, self.ending = app, Ending()
        self.runner = Runner(app, "", Plan("tally", IN, STATE, Tally, **plan), Metrics(), self.ending, lambda _: None)

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


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> App:
    made = App()

    async def read(_bootstrap: str, _topic: str, partitions: Sequence[int]) -> dict[int, dict[str, bytes]]:
        return {partition: made.producer.latest(partition) for partition in partitions}

    monkeypatch.setattr(module, "read_latest", read)
    return made


@pytest.fixture
async def world(app: App) -> World:
    made = World(app)
    await made.runner.restore(app)
    return made


async def test_input_resumes_at_the_manifest_and_not_at_the_commit(world: World, app: App):
    await world.take(range(5))
    await world.tend()
    again = World(app)
    await again.runner.restore(app)

    assert again.runner.position(ZERO, 3) == 5
    assert again.state().counts == {"even": 3, "odd": 2}


async def test_a_partition_without_state_is_read_from_its_beginning_whatever_was_committed(world: World):
    assert world.runner.position(ZERO, 99) is None


async def test_records_that_the_state_holds_already_are_skipped(world: World):
    await world.take(range(5))
    await world.take(range(3, 8))

    assert world.app.producer.values("out") == [b"%d" % offset for offset in range(8)]


@pytest.mark.parametrize(("generation", "tp"), [(0, ZERO), (2, ZERO), (1, TP(IN, 1))], ids=["older", "newer", "other"])
async def test_a_batch_of_another_generation_or_owner_is_ignored(world: World, generation: int, tp: TP):
    await world.take(range(5), generation, tp)

    assert (world.state().calls, world.app.producer.sent) == ([], [])


async def test_what_was_revoked_is_folded_in_no_more(world: World):
    await world.runner.drop(world.app, {ZERO})
    await world.take(range(5))

    assert world.runner.settled == 0
    assert world.app.producer.sent == []


def revoke(world: World) -> None:
    asyncio.ensure_future(world.runner.drop(world.app, {ZERO}))


def rebalance(world: World) -> None:
    world.app.consumer_generation_id += 1


@pytest.mark.parametrize("happening", [revoke, rebalance])
async def test_a_restore_is_discarded_if_ownership_changed_meanwhile(
    app: App, monkeypatch: pytest.MonkeyPatch, happening: Callable[[World], None]
):
    world = World(app)

    async def slow(_bootstrap: str, _topic: str, partitions: Sequence[int]) -> dict[int, dict[str, bytes]]:
        happening(world)
        await breathe()
        return {partition: {} for partition in partitions}

    monkeypatch.setattr(module, "read_latest", slow)
    await world.runner.restore(app)

    assert world.runner.parts == {}
    assert world.runner.settled == 0


async def test_a_worker_without_partitions_is_settled_and_reads_no_state(app: App, monkeypatch: pytest.MonkeyPatch):
    world, app.assigned = World(app), []
    monkeypatch.delattr(module, "read_latest")
    await world.runner.restore(app)

    assert world.runner.settled > 0


async def test_a_restore_that_fails_ends_the_process(app: App, monkeypatch: pytest.MonkeyPatch):
    async def lost(*_: object) -> None:
        raise StateLost("none complete")

    monkeypatch.setattr(module, "read_latest", lost)
    with pytest.raises(GaveUp, match=r"cannot restore \[0\].*none complete"):
        await World(app).runner.restore(app)


@pytest.mark.parametrize(
    ("failure", "reason"), [(Poisoned("9 of 10"), "the brake is on: 9 of 10"), (KeyError("x"), r"cannot fold in/0@0-4")]
)
async def test_a_stage_that_raises_ends_the_process(world: World, failure: Exception, reason: str):
    world.state().failure = failure

    with pytest.raises(GaveUp, match=reason):
        await world.take(range(5))


async def test_a_producer_that_refuses_ends_the_process(world: World):
    world.app.producer.refusal = OSError("down")

    with pytest.raises(GaveUp, match="a send failed"):
        await world.take(range(5))


async def test_a_checkpoint_that_fails_ends_the_process(world: World, monkeypatch: pytest.MonkeyPatch):
    def broken() -> None:
        raise MemoryError

    monkeypatch.setattr(world.state(), "snapshot", broken)
    await world.take(range(5))

    with pytest.raises(GaveUp, match="tally/0: checkpoint failed: MemoryError"):
        await world.tend()


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

    assert world.state().calls == ["apply", "flush", "snapshot", "apply"]
    assert world.app.producer.values("out") == [b"0", b"1", b"2", b"through 3", b"3", b"4"]


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
