"""Crash points: the armed one ends the process at its nth passage, and nothing else does."""

from typing import get_args

import pytest
import structlog

from agents.crash_points import POINTS, Armed, CrashPoint, CrashPoints, armed
from agents.settings import STAGES
from tests.fakes.faust_world import App
from tests.fakes.runner_world import World, app_with_log, restored_world  # noqa: F401  # fixtures


def deaths(text: str, *passed: tuple[str, CrashPoint]) -> list[int]:
    """How many points were passed when the process was ended, for each time that it was."""
    died: list[int] = []
    points, number = CrashPoints(text, lambda status: died.append(number) if status == 137 else None), 0
    for stage, point in passed:
        number += 1
        points.of(stage)(point)
    return died


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("after insert", Armed("", "after insert", 1)),
        ("listen: manifest acknowledged", Armed("listen", "manifest acknowledged", 1)),
        ("page:after page:3", Armed("page", "after page", 3)),
        ("restored:12", Armed("", "restored", 12)),
        ("", None),
    ],
)
def test_a_point_may_name_its_stage_and_how_often_it_is_passed(text: str, means: Armed | None):
    assert armed(text) == means


@pytest.mark.parametrize("text", ["nowhere", "store: draining", "cook: restored", "restored:0", "restored:", ":", " "])
def test_an_unknown_point_is_refused_with_those_there_are(text: str):
    with pytest.raises(ValueError, match="known are adapt: restoring"):
        armed(text)


def test_every_point_belongs_to_a_stage_and_every_stage_has_points():
    assert {point for points in POINTS.values() for point in points} == set(get_args(CrashPoint))
    assert set(POINTS) == set(STAGES)


def test_only_the_nth_passage_ends_the_process():
    assert deaths("restored:2", *[("listen", "restored")] * 4) == [2]


def test_a_point_without_a_stage_counts_the_passages_of_all():
    assert deaths("restored:2", ("listen", "restored"), ("watch", "restored")) == [2]


def test_another_stage_or_point_is_not_counted():
    passed = [("watch", "restored"), ("listen", "restoring"), ("listen", "restored")]

    assert deaths("listen: restored", *passed) == [3]


def test_without_a_point_nothing_happens():
    assert deaths("", *[(stage, point) for stage, points in POINTS.items() for point in points]) == []


def test_the_log_says_where_it_ended():
    with structlog.testing.capture_logs() as logged:
        deaths("watch: outputs queued", ("watch", "outputs queued"))

    assert logged == [
        {"event": "crash_point", "stage": "watch", "point": "outputs queued", "nth": 1, "log_level": "critical"}
    ]


async def test_a_runner_passes_all_its_points_in_the_order_of_its_work(world: World, app: App):
    await world.take(range(5))
    await world.tend()
    await world.take(range(5, 6))
    await world.runner.drain()
    saving = list(POINTS["listen"][4:9])

    assert world.points == [
        *("restoring", "restored", "batch fetched", "batch folded"), *saving,
        *("batch fetched", "batch folded", "draining"), *saving,
    ]  # fmt: skip
    assert app.consumer_generation_id == 1
