"""When a worker must end itself: without assignment, or without progress although there is lag."""

from dataclasses import dataclass

import pytest

from agents.watchdog import UNASSIGNED_S, Watchdog

STUCK_S = 60.0


@dataclass
class Stage:
    """A stage as the watchdog sees it."""

    settled: float = 1.0
    offset: int = 0
    waiting: int = 0
    acting: int = 0

    def reached(self) -> int:
        """Progress."""
        return self.offset

    def lag(self) -> int:
        """Records waiting."""
        return self.waiting


def watching(*stages: Stage) -> Watchdog:
    dog = Watchdog(STUCK_S)
    dog.watch([(f"stage{number}", stage) for number, stage in enumerate(stages)], now=0.0)
    return dog


def last(dog: Watchdog, until: int) -> str:
    """The verdict at each second, the last one."""
    return [dog.verdict(float(now)) for now in range(1, until + 1)][-1]


def test_a_stage_with_lag_and_no_progress_is_stuck():
    dog = watching(Stage(), Stage(waiting=7))

    assert last(dog, 60) == ""
    assert dog.verdict(61.0) == "stage1: no progress for 60 s although 7 records wait"


def test_a_stage_that_has_nothing_to_do_is_well():
    assert last(watching(Stage(offset=5)), 600) == ""


def test_progress_however_slow_is_life():
    stage = Stage(waiting=1_000)
    dog = watching(stage)
    for now in range(0, 600, 50):
        stage.offset += 1

        assert dog.verdict(float(now)) == ""


def test_patience_begins_when_lag_begins():
    stage = Stage()
    dog = watching(stage)
    last(dog, 300)
    stage.waiting = 1

    assert dog.verdict(301.0) == ""
    assert dog.verdict(361.0) != ""


def test_a_sink_that_waits_for_the_outside_world_is_excused_and_one_that_does_not_is_not():
    stage = Stage(waiting=1_000, acting=1)
    dog = watching(stage)

    assert last(dog, 600) == ""
    stage.acting = 0
    assert dog.verdict(661.0) != ""


@pytest.mark.parametrize("waiting", [0, 5])
def test_a_stage_without_assignment_for_a_minute_has_failed(waiting: int):
    stage = Stage(settled=0.0, waiting=waiting)
    dog = watching(stage)

    assert last(dog, int(UNASSIGNED_S)) == ""
    assert dog.verdict(UNASSIGNED_S + 0.5) == "stage0: no assignment for 60 s"


def test_an_assignment_that_comes_in_time_forgives_the_wait():
    stage = Stage(settled=0.0)
    dog = watching(stage)
    last(dog, 50)
    stage.settled = 51.0
    last(dog, 52)
    stage.settled = 0.0

    assert dog.verdict(100.0) == ""
