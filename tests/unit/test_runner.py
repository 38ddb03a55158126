"""Rules of running a stage: what is folded in, what is restored, and what ends the process."""

from collections.abc import Awaitable, Callable, Sequence

import pytest
from faust.types import TP

from agents import runner as module
from agents.checkpoints import Latest, StateLost
from pipeline.stage import Poisoned
from tests.fakes.faust_world import IN, App, GaveUp
from tests.fakes.runner_world import ZERO, World, app_with_log, restored_world  # noqa: F401  # fixtures


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


async def revoke(world: World) -> None:
    await world.runner.drop(world.app, {ZERO})


async def rebalance(world: World) -> None:
    world.app.consumer_generation_id += 1


@pytest.mark.parametrize("happening", [revoke, rebalance])
async def test_a_restore_is_discarded_if_ownership_changed_meanwhile(
    app: App, monkeypatch: pytest.MonkeyPatch, happening: Callable[[World], Awaitable[None]]
):
    world = World(app)

    async def slow(_bootstrap: str, _topic: str, partitions: Sequence[int]) -> dict[int, Latest]:
        await happening(world)
        return {partition: Latest({}, {}) for partition in partitions}

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

    with pytest.raises(GaveUp, match=r"a send .* failed"):
        await world.take(range(5))


async def test_a_checkpoint_that_fails_ends_the_process(world: World, monkeypatch: pytest.MonkeyPatch):
    def broken() -> None:
        raise MemoryError

    monkeypatch.setattr(world.state(), "snapshot", broken)
    await world.take(range(5))

    with pytest.raises(GaveUp, match="tally/0: checkpoint failed: MemoryError"):
        await world.tend()
