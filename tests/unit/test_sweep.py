"""What crashed checkpoints and dead writers left behind is removed after a day, and nothing that a restore may need."""

import time

import msgspec
import pytest

from agents import runner as module
from agents.checkpoints import MANIFEST, Latest, Manifest, choose, unreferenced
from schemas.topics import DAY_MS
from tests.fakes.faust_world import STATE, App
from tests.fakes.runner_world import World, app_with_log  # noqa: F401  # a fixture

NOW, OLD = 10 * DAY_MS, 9 * DAY_MS - 1


def manifest(offset: int, *versions: str) -> bytes:
    return msgspec.json.encode(
        Manifest(offset, {version.split("/")[0]: version for version in versions}, b"%d" % offset)
    )


def latest(**rows: tuple[int, bytes]) -> Latest:
    """Rows by key, of which each ``__`` is a slash and the first ``_`` a dot: when written, value."""
    named = {key.replace("__", "/").replace("_", "."): row for key, row in rows.items()}
    return Latest({key: row[1] for key, row in named.items()}, {key: row[0] for key, row in named.items()})


LEFT = latest(
    even__now_1=(NOW, b"2"),
    odd__now_1=(OLD, b"1"),  # unchanged since, and in use
    manifest__now=(NOW, manifest(3, "even/now.1", "odd/now.1")),
    even__crashed_1=(OLD, b"2"),
    even__crashed_2=(OLD + 1, b"2"),
    manifest__dead=(OLD, manifest(1, "even/dead.1")),
    even__dead_1=(OLD, b"1"),
    manifest__paused=(OLD + 1, manifest(2, "even/paused.1", "odd/now.1")),
    even__paused_1=(OLD, b"1"),
)  # fmt: skip
GARBAGE = {"even/crashed.1", "manifest/dead", "even/dead.1"}


def test_only_what_is_a_day_old_and_named_by_no_living_manifest_is_garbage():
    assert set(unreferenced(LEFT, choose(LEFT.values))) == GARBAGE


def test_the_checkpoint_that_was_chosen_stays_however_old_it_is():
    held = latest(
        even__now_1=(OLD, b"2"), manifest__now=(OLD, manifest(3, "even/now.1")), even__zombie_1=(NOW, b"1"),
        manifest__zombie=(NOW, manifest(2, "even/zombie.1")),
    )  # fmt: skip

    assert unreferenced(held, choose(held.values)) == []


def test_age_is_counted_from_the_newest_record_and_not_from_a_clock():
    alone = latest(even__crashed_1=(0, b"2"))

    assert unreferenced(alone, None) == []
    assert unreferenced(latest(even__crashed_1=(0, b"2"), even__crashed_2=(DAY_MS + 1, b"3")), None) == [
        "even/crashed.1"
    ]


def test_a_partition_without_state_has_nothing_to_sweep():
    assert unreferenced(Latest({}, {}), None) == []


@pytest.fixture
async def world(app: App, monkeypatch: pytest.MonkeyPatch) -> World:
    async def read(*_: object) -> dict[int, Latest]:
        return {0: LEFT}

    monkeypatch.setattr(module, "read_latest", read)
    made = World(app)
    await made.runner.restore(app)
    return made


def removed(app: App) -> set[str]:
    return {(row.key or b"").decode() for row in app.producer.sent if row.topic == STATE and row.value is None}


async def test_garbage_is_removed_once_and_only_after_a_checkpoint_is_complete(world: World, app: App):
    await world.take([3])
    before = removed(app)
    await world.tend()
    after = removed(app)
    keys = [(row.key or b"").decode() for row in app.producer.sent if row.topic == STATE]
    app.producer.sent.clear()
    await world.take([4])
    await world.tend()

    assert before == set()
    assert after == GARBAGE | {"odd/now.1"}  # the version that this checkpoint replaced
    assert [key.startswith(MANIFEST) for key in keys[:2]] == [False, True]  # its block and its manifest come first
    assert removed(app) == {"even/now.1"}


async def test_a_partition_lost_meanwhile_is_not_swept(world: World, app: App):
    part = world.runner.parts[0]
    app.producer.automatic = False
    await world.take([3])
    await world.runner._tend(part, 0, time.monotonic() + 1e9)
    await world.runner.drop(app, set())
    while part.saving and not part.saving.done():
        await app.producer.acknowledge()

    assert removed(app) == set()
