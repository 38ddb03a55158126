"""A worker whose file changes tells every partition; one that starts with an old file tells nothing and says so."""

import gc
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from structlog.testing import capture_logs

from agents.metrics import Metrics
from agents.rules_file import RulesFile
from agents.rules_reload import Reload
from pipeline.shadow import Shadowed
from pipeline.stage import Output
from pipeline.watchlist import WatchList, parse
from schemas.rules_change import RulesChange
from schemas.topics import BRAND_LOG
from tests.builders import record, rules_change

TEXT = "brands:\n  - {id: acme, aliases: [%s]}\nrules: {min_authors: %d}\n"
ONE, TWO, THREE = (parse(TEXT % ("acme", number), "w") for number in (1, 22, 333))
PARTITIONS = 3


@dataclass
class World:
    """A worker that owns two of three partitions, and the log, which it reads when it is told."""

    folder: Path
    started: WatchList = ONE
    ends: dict[int, int | None] = field(default_factory=lambda: {0: 0, 2: 0})
    sent: list[Output] = field(default_factory=list)
    broken: bool = False

    def __post_init__(self) -> None:
        self.write(1)
        self.parts = {number: self.part(number) for number in (0, 2)}
        self.metrics = Metrics()
        self.files = {"pages": RulesFile(self.file("pages"), self.started)}
        self.restart()

    def part(self, number: int) -> SimpleNamespace:
        """A partition, just assigned, without a checkpoint."""
        return SimpleNamespace(partition=number, state=Shadowed(number, self.started))

    def restart(self) -> None:
        """A new worker over the states there are."""
        self.runner = SimpleNamespace(parts=self.parts, end=self.ends.get, settled=1.0)
        self.reload = Reload(self.files, PARTITIONS, self.runner, self.send, self.metrics)

    def file(self, scope: str) -> Path:
        """Where the file is."""
        return self.folder / f"{scope}.yaml"

    def write(self, authors: int, scope: str = "pages", alias: str = "acme") -> None:
        """The file with another threshold."""
        self.file(scope).write_text(TEXT % (alias, authors), encoding="utf-8")

    async def send(self, output: Output) -> None:
        """Kafka."""
        if self.broken:
            raise ConnectionError("no broker")
        self.sent.append(output)

    async def look(self, times: int = 3) -> list[RulesChange]:
        """Time passes; what was told to the log."""
        before = len(self.sent)
        for _ in range(times):
            await self.reload.look()
        return [msgspec.json.decode(output.value, type=RulesChange) for output in self.sent[before:]]

    def read(self) -> None:
        """The parts read what was told."""
        for output in self.sent:
            if part := self.parts.get(output.partition):
                part.state.apply([record(part.state.next, output.value)._replace(key=output.key)])
        self.sent.clear()

    def apply(self, watchlist: WatchList) -> None:
        """Somebody tells the log."""
        for part in self.parts.values():
            part.state.apply([record(part.state.next, rules_change(watchlist))])

    def in_force(self, scope: str = "pages") -> set[int | None]:
        """Thresholds by which the parts are judged."""
        rulings = [part.state.rulings[scope] for part in self.parts.values()]
        return {ruling and ruling.watchlist.rules.min_authors for ruling in rulings}

    def shown(self, scope: str = "pages") -> float | None:
        """The gauge."""
        return self.metrics.registry.get_sample_value("tocsin_rules_file", {"scope": scope})


@pytest.fixture
async def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    await made.look()
    made.read()
    return made


async def test_the_first_worker_notes_on_every_partition_by_which_rules_it_began(tmp_path: Path):
    world = World(tmp_path)
    told = await world.look(1)

    assert [(output.topic, output.partition) for output in world.sent] == [
        (BRAND_LOG.name, number) for number in range(PARTITIONS)
    ]
    assert len({change.change_id for change in told}) == 1
    assert await world.look() == []


async def test_a_change_of_the_file_is_told_to_every_partition_once(world: World):
    world.write(22)
    told = await world.look()
    world.read()

    assert [change.reason for change in told] == ["the file changed"] * PARTITIONS
    assert world.in_force() == {22}
    assert (await world.look(), world.shown()) == ([], 1)


async def test_a_file_that_is_broken_is_complained_of_once_and_the_rules_go_on(world: World):
    world.file("pages").write_text("brands: [", encoding="utf-8")
    with capture_logs() as said:
        told = await world.look(5)

    assert told == []
    assert [line["event"] for line in said] == ["rules_file_broken"]
    assert world.shown() == 0

    world.write(1)

    assert await world.look() == []
    assert world.shown() == 1


async def test_other_words_are_not_told_but_a_restart_is_asked_for(world: World):
    world.write(22, alias="other")
    with capture_logs() as said:
        told = await world.look(5)

    assert told == []
    assert [(line["event"], line["why"]) for line in said] == [("rules_file_not_applied", "needs_restart")]
    assert world.shown() == 0


async def test_a_restart_with_an_older_file_does_not_go_back_and_says_so(world: World):
    world.apply(TWO)
    world.restart()
    with capture_logs() as said:
        told = await world.look(5)

    assert told == []
    assert [(line["event"], line["why"]) for line in said] == [("rules_file_not_applied", "older_than_log")]
    assert (world.in_force(), world.shown()) == ({22}, 0)


async def test_a_restart_with_a_new_file_applies_it(world: World):
    world.apply(TWO)
    world.write(333)
    world.files = {"pages": RulesFile(world.file("pages"), THREE)}
    world.restart()
    told = await world.look()
    world.read()

    assert [change.reason for change in told] == ["a worker started with it"] * PARTITIONS
    assert world.in_force() == {333}


async def test_a_part_that_has_not_read_its_log_yet_is_not_asked_what_is_in_force(tmp_path: Path):
    world = World(tmp_path, ends={0: 5, 2: None})

    assert await world.look() == []


async def test_a_change_while_a_part_catches_up_waits_for_it(world: World):
    world.parts[0] = world.part(0)
    world.ends[0] = 1
    world.write(22)
    waiting = await world.look()
    world.parts[0].state.apply([record(0, rules_change(ONE))])
    told = await world.look()

    assert waiting == []
    assert [change.reason for change in told] == ["the file changed"] * PARTITIONS


async def test_the_state_of_a_partition_that_went_away_is_not_held(world: World):
    gone = weakref.ref(world.parts[2].state)
    del world.parts[2]
    await world.look(1)
    gc.collect()

    assert gone() is None
    assert await world.look() == []


async def test_going_back_to_older_rules_in_the_middle_of_a_rebalance_is_told_after_it(world: World):
    world.write(22)
    await world.look()
    world.read()
    owned, world.runner.parts, world.runner.settled = world.parts, {}, 0.0
    world.write(1)
    meanwhile = await world.look()
    world.runner.parts, world.runner.settled = owned, 2.0
    told = await world.look()

    assert meanwhile == []
    assert [change.reason for change in told] == ["the file changed"] * PARTITIONS


async def test_what_kafka_does_not_take_is_told_at_the_next_look(world: World):
    world.write(22)
    world.broken = True
    with capture_logs() as said:
        await world.look()
    world.broken = False

    assert {line["event"] for line in said} == {"rules_not_told"}
    assert len(await world.look(1)) == PARTITIONS


async def test_a_shadow_file_begins_a_shadow_and_its_change_changes_it(world: World):
    world.write(22, "shadow")
    world.files["shadow"] = RulesFile(world.file("shadow"), None)
    await world.look()
    world.read()
    first = world.in_force("shadow")
    world.write(333, "shadow")
    await world.look()
    world.read()

    assert (first, world.in_force("shadow"), world.in_force()) == ({22}, {333}, {1})
    assert await world.look() == []


async def test_a_shadow_that_listens_for_other_words_does_not_begin(world: World):
    world.write(22, "shadow", alias="other")
    world.files["shadow"] = RulesFile(world.file("shadow"), None)
    with capture_logs() as said:
        told = await world.look(5)

    assert told == []
    assert [line["why"] for line in said] == ["needs_restart"]


async def test_a_shadow_file_that_is_missing_holds_nobody_up(world: World):
    world.files["shadow"] = RulesFile(world.file("shadow"), None)
    world.write(22)
    told = await world.look()

    assert {change.scope for change in told} == {"pages"}
    assert world.shown("shadow") == 0


async def test_a_worker_that_died_between_two_partitions_is_mended_at_the_next_start(world: World):
    world.parts[0].state.apply([record(1, rules_change(TWO))])
    world.write(22)
    world.files = {"pages": RulesFile(world.file("pages"), TWO)}
    world.restart()
    before = world.in_force()
    await world.look()
    world.read()

    assert (before, world.in_force()) == ({1, 22}, {22})
    assert await world.look() == []
