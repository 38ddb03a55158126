"""The order of a checkpoint: outputs acknowledged, block versions, manifest, commit, tombstones of the replaced."""

import asyncio

import msgspec
import pytest
from faust.types import TP

from agents.checkpoints import MANIFEST, Mark, choose
from agents.keeping import Keep, Kept
from agents.metrics import Metrics
from agents.outbox import Outbox
from agents.part import Part, Plan
from agents.saving import Saver
from schemas.topics import DAY_MS
from tests.fakes.faust_world import IN, OUT, STATE, App, Ending, GaveUp, Tally, breathe, records

POINTS = ["outputs queued", "outputs acknowledged", "blocks acknowledged", "manifest acknowledged", "tombstones sent"]


class Crash(BaseException):
    """The process ends at a fault point."""


class World:
    """One owned partition and its saver."""

    def __init__(self, crash_at: str = "", rewrite_bytes: int | None = None, keep: Keep | None = None) -> None:
        self.app, self.ending, self.crash_at = App(), Ending(), crash_at
        self.points: list[str] = []
        self.owned = True
        plan = Plan("tally", IN, STATE, Tally, rewrite_bytes=rewrite_bytes, keep=keep)
        self.saver = Saver(plan, Metrics(), lambda _: self.owned, self.app.done, self._fault)
        outbox = Outbox(lambda out: self.app.producer.send(*out[:1], out.key, out.value, 0, None, None), self.ending)
        self.part = Part(0, Tally(), 1, {}, outbox, seen=0.0, flushed=0.0, checkpointed=0.0)

    def _fault(self, point: str) -> None:
        self.points.append(point)
        if point == self.crash_at:
            raise Crash

    def fold(self, *offsets: int) -> None:
        """Apply records at these offsets."""
        self.part.outbox.put(self.part.state.apply(records(offsets)))

    async def save(self, *offsets: int) -> None:
        """Fold records in and write a checkpoint."""
        self.fold(*offsets)
        await self.saver.save(self.part)

    def written(self) -> list[str]:
        """Keys sent to the state topic, without their versions; tombstones begin with a minus."""
        rows = [output for output in self.app.producer.sent if output.topic == STATE and output.key]
        return [("-" if row.value is None else "") + (row.key or b"").decode().partition("/")[0] for row in rows]


async def test_each_step_begins_when_the_one_before_is_acknowledged():
    world = World()
    world.app.producer.automatic = False
    saving = asyncio.create_task(world.save(0, 1))
    await breathe()
    steps = [(len(world.app.producer.values(OUT)), world.written(), list(world.app.commits))]
    for count in (2, 1, 1, 1, 1):
        await world.app.producer.acknowledge(count)
        steps.append((len(world.app.producer.values(OUT)), world.written(), list(world.app.commits)))

    assert steps == [
        (3, [], []),  # both outputs and the flushed total are on their way
        (3, [], []),  # one of them is not acknowledged yet
        (3, ["even", "odd"], []),
        (3, ["even", "odd"], []),
        (3, ["even", "odd", "manifest"], []),
        (3, ["even", "odd", "manifest"], [(TP(IN, 0), 2)]),
    ]
    await saving


async def test_only_the_versions_that_were_replaced_are_tombstoned_and_that_after_the_commit():
    world = World()
    await world.save(0, 1)
    first = dict(world.part.versions)
    world.app.producer.automatic = False
    saving = asyncio.create_task(world.save(2))
    for count in (2, 1, 1):
        await breathe()
        await world.app.producer.acknowledge(count)
    (tombstone,) = world.app.producer.sent[-1:]

    assert world.app.commits[-1] == (TP(IN, 0), 3)
    assert (tombstone.key, tombstone.value) == (first["even"].encode(), None)
    assert world.part.versions["odd"] == first["odd"]
    await world.app.producer.acknowledge()
    await saving


async def test_a_version_of_a_block_is_written_once():
    world = World()
    for offset in range(6):
        await world.save(offset)
    keys = [row.key for row in world.app.producer.sent if row.topic == STATE and row.value is not None]
    blocks = [key for key in keys if key and not key.startswith(MANIFEST.encode())]

    assert len(blocks) == len(set(blocks)) == 6


async def test_the_snapshot_follows_the_flush_with_no_record_between():
    world = World()
    world.app.producer.automatic = False
    saving = asyncio.create_task(world.save(0))
    await breathe()
    world.fold(1)
    while not saving.done():
        await world.app.producer.acknowledge()
    manifest = choose(world.app.producer.latest(0))

    assert world.part.state.calls == ["apply", "flush", "snapshot", "even", "apply"]
    assert manifest is not None
    assert manifest.offset == 1


async def test_fault_points_are_passed_in_their_order():
    world = World()
    await world.save(0)

    assert world.points == POINTS


@pytest.mark.parametrize("point", POINTS)
async def test_a_crash_at_any_point_leaves_a_checkpoint_whose_outputs_are_all_on_the_log(point: str):
    world = World()
    await world.save(0, 1)
    world.crash_at = point
    with pytest.raises(Crash):
        await world.save(2, 3, 4)
    latest = world.app.producer.latest(0)
    manifest = choose(latest)

    assert manifest is not None
    assert manifest.offset == (2 if POINTS.index(point) < POINTS.index("manifest acknowledged") else 5)
    counts = {block: int(latest[version]) for block, version in manifest.blocks.items()}
    assert counts["even"] + counts["odd"] == manifest.offset
    assert {b"%d" % offset for offset in range(manifest.offset)} <= set(world.app.producer.values(OUT))


@pytest.mark.parametrize(("lost_at", "left"), [(2, []), (3, ["manifest"])], ids=["before manifest", "after manifest"])
async def test_a_partition_lost_meanwhile_is_neither_committed_nor_cleaned(lost_at: int, left: list[str]):
    world = World()
    await world.save(0)
    commits, before = list(world.app.commits), world.written()
    world.app.producer.automatic = False
    saving = asyncio.create_task(world.save(2))
    await breathe()
    for step in range(1, 4):
        if step == lost_at:
            world.owned = False
        await world.app.producer.acknowledge()
    await saving

    assert world.written() == [*before, "even", *left]
    assert world.app.commits == commits


@pytest.mark.parametrize(("limit", "rewritten"), [(None, ["even"]), (1, ["even", "odd"])])
async def test_all_blocks_are_written_again_before_a_broker_evicts_them(limit: int | None, rewritten: list[str]):
    world = World(rewrite_bytes=limit)
    await world.save(0, 1)
    before = len(world.written())
    await world.save(2)

    assert world.written()[before : before + len(rewritten) + 1] == [*rewritten, "manifest"]


async def test_a_send_that_fails_ends_the_process_before_the_next_step():
    world = World()
    world.app.producer.refusal = OSError("down")

    with pytest.raises(GaveUp):
        await world.save(0)
    assert (world.app.producer.sent, world.points) == ([], ["outputs queued"])


def kept(world: World) -> list[tuple[str, bytes | None]]:
    """Key without the writer, and value, of everything on the topic of kept checkpoints."""
    rows = [((row.key or b"").decode(), row.value) for row in world.app.producer.sent if row.topic == "kept"]
    return [(key.partition(".")[0] + key[key.find("/") :] * ("/" in key), value) for key, value in rows]


async def test_a_kept_checkpoint_is_whole_and_its_manifest_comes_last():
    world = World(keep=Keep("kept", "rules"))
    world.part.appended_at = 77
    await world.save(0, 1, 2)
    rows = kept(world)

    assert rows[:2] == [("3/even", b"2"), ("3/odd", b"1")]
    assert [key for key, _ in rows[2:]] == ["3"]
    assert msgspec.json.decode(rows[2][1], type=Kept) == Kept(Mark(3, 77, "rules"), ("even", "odd"), b"3")


async def test_outputs_are_acknowledged_before_a_checkpoint_of_them_is_kept_and_that_before_the_manifest():
    world = World(keep=Keep("kept", "rules"))
    world.app.producer.automatic = False
    saving = asyncio.create_task(world.save(0))
    await breathe()
    steps = []
    for count in (2, 2, 3, 1):
        steps.append((len(kept(world)), world.written()))
        await world.app.producer.acknowledge(count)
    await saving

    blocks = ["even", "odd"]

    assert steps == [(0, []), (0, blocks), (3, blocks), (3, [*blocks, "manifest"])]


async def test_a_crash_after_a_copy_was_kept_leaves_the_checkpoint_before_it():
    world = World(keep=Keep("kept", "rules"), crash_at="checkpoint kept")
    with pytest.raises(Crash):
        await world.save(0)

    assert choose(world.app.producer.latest(0)) is None
    assert [key for key, _ in kept(world)] == ["1/even", "1/odd", "1"]


async def test_later_checkpoints_are_kept_when_a_day_has_passed_in_the_log_also_after_a_restart():
    world = World(keep=Keep("kept", "rules"))
    for offset, day in enumerate((1.0, 1.9, 2.0)):
        world.part.appended_at = int(day * DAY_MS)
        await world.save(offset)
    manifest = choose(world.app.producer.latest(0))

    assert [key for key, _ in kept(world)] == ["1/even", "1/odd", "1", "3/even", "3/odd", "3"]
    assert manifest is not None
    assert manifest.kept == world.part.kept == Mark(3, 2 * DAY_MS, "rules")


async def test_the_choice_of_a_checkpoint_does_not_see_kept_ones():
    one, other = World(), World(keep=Keep("kept", "rules"))
    await one.save(0, 1)
    await other.save(0, 1)
    found = [choose(world.app.producer.latest(0)) for world in (one, other)]

    assert [manifest and (manifest.offset, sorted(manifest.blocks)) for manifest in found] == [(2, ["even", "odd"])] * 2


async def test_a_stage_without_a_place_to_keep_keeps_nothing():
    world = World()
    await world.save(0)

    assert {row.topic for row in world.app.producer.sent} == {OUT, STATE}
