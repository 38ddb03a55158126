"""Partition counts: what differs from the settings is named with both numbers, and nothing is read before that."""

import pytest

from agents import partition_counts
from agents.partition_counts import PartitionsChanged, check
from tests.fakes.faust_world import App, GaveUp
from tests.fakes.runner_world import World, app_with_log  # noqa: F401  # a fixture

THERE = {"posts": 4, "log": 3}


@pytest.fixture(autouse=True)
def broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker with two topics."""

    async def counted(_bootstrap: str, topics: dict[str, int]) -> dict[str, int]:
        return {name: count for name, count in THERE.items() if name in topics}

    monkeypatch.setattr(partition_counts, "counted", counted)


async def test_a_runner_whose_topics_have_the_right_counts_goes_on(app: App):
    world = World(app, partitions=THERE)
    await world.runner.restore(app)

    assert (list(world.runner.parts), world.points) == ([0], ["restoring", "restored"])


@pytest.mark.parametrize("count", [2, 8])
async def test_fewer_and_more_partitions_are_refused_with_both_numbers(count: int):
    with pytest.raises(PartitionsChanged, match=f"posts has 4, not {count}.*TOCSIN_POSTS_PARTITIONS"):
        await check("", {"posts": count, "log": 3})


async def test_a_missing_topic_is_named_with_what_to_do():
    with pytest.raises(PartitionsChanged, match="missing: state; run `tocsin topics create`"):
        await check("", {"posts": 4, "state": 4})


async def test_a_runner_ends_the_process_before_it_reads_any_state(app: App):
    world = World(app, partitions={"posts": 8})
    with pytest.raises(GaveUp, match="tally: partitions of topics differ"):
        await world.runner.restore(app)

    assert (world.runner.parts, world.points) == ({}, ["restoring"])
