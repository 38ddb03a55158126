"""What the runner relies on in every stage: where batches are cut and when it restarts never shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

import pytest

from pipeline.replay import LogRecord
from pipeline.stage import Output, Stage
from schemas.codec import encode
from tests.builders import MINUTE, START, bundle
from tests.noise import (
    HOUR,
    adapting,
    batches,
    checkpoint,
    crashing,
    cut,
    forgetting,
    kept,
    listening,
    posts_log,
    raw_log,
    shadowed,
    tombstones_log,
    watching,
    whole,
    with_changes,
    with_drills,
    with_withdrawals,
)
from tests.social_noise import endorsements_log, endorsing, influencing, interactions_log, spreading

SEEDS = range(4)


@dataclass(frozen=True)
class Case:
    """A stage and a log that it reads."""

    new: Callable[[], Stage]
    log: tuple[LogRecord, ...]


@cache
def cases() -> dict[str, Case]:
    posts, troubled = posts_log(Random(1), 0), troubled_brand_log()
    return {
        "adapt": Case(adapting, tuple(raw_log(Random(3)))),
        "forget": Case(forgetting, tuple(tombstones_log(Random(3)))),
        "listen": Case(lambda: listening(0), tuple(posts)),
        "listen, withdrawing": Case(lambda: listening(0), tuple(with_withdrawals(Random(5), posts))),
        "listen, drilled": Case(lambda: listening(0), tuple(with_drills(posts, 0))),
        "endorse": Case(endorsing, tuple(interactions_log(Random(3)))),
        "influence": Case(influencing, tuple(endorsements_log(Random(4)))),
        "spread": Case(spreading, tuple(endorsements_log(Random(4)))),
        "watch": Case(watching, tuple(troubled)),
        "watch, withdrawing": Case(watching, tuple(with_withdrawals(Random(14), troubled))),
        "watch, drilled": Case(watching, tuple(troubled_brand_log(with_drills))),
        "shadowed": Case(shadowed, tuple(with_changes(Random(2), with_withdrawals(Random(7), troubled)))),
    }


def troubled_brand_log(
    changed: Callable[[Sequence[LogRecord], int], Sequence[LogRecord]] = lambda log, _source: log,
) -> list[LogRecord]:
    """Two sources, of which the second is away for an hour and a half; rubbish, and a source that is new and silent."""
    told: list[tuple[int, Output]] = []
    for source in (0, 1):
        stage = listening(source)
        for one in changed(posts_log(Random(source), source), source):
            held_up = source == 1 and 3 * HOUR < one.timestamp - START < 4.5 * HOUR
            at = START + 4.5 * HOUR if held_up else one.timestamp
            told += ((int(at), output) for output in whole(stage, [one]) if output.topic == "social.brand-log.v1")
    told.append((START + 2 * HOUR, Output("social.brand-log.v1", 0, b"k", b"{")))
    grown = encode(bundle(0, 10**6, 8 * HOUR + 7 * MINUTE, sources=3))
    told.append((START + 8 * HOUR, Output("social.brand-log.v1", 0, b"k", grown)))
    here = sorted((item for item in told if item[1].partition == 0), key=lambda item: item[0])
    return [LogRecord(offset, at, output.key, output.value) for offset, (at, output) in enumerate(here)]


@pytest.fixture(
    params=[
        "adapt",
        "forget",
        "listen",
        "listen, withdrawing",
        "listen, drilled",
        "endorse",
        "influence",
        "spread",
        "watch",
        "watch, withdrawing",
        "watch, drilled",
        "shadowed",
    ],
)
def case(request: pytest.FixtureRequest) -> Case:
    return cases()[request.param]


def advanced(case: Case, rng: Random) -> tuple[Stage, dict[str, bytes], bytes]:
    """A stage somewhere in its log, all the blocks that it wrote on the way, and its last head."""
    stage, blocks = case.new(), dict[str, bytes]()
    for batch in batches(rng, case.log[: rng.randrange(len(case.log))]):
        stage.apply(batch)
        if rng.random() < 0.3:
            checkpoint(stage, blocks, [])
    return stage, blocks, checkpoint(stage, blocks, [])


def test_the_logs_have_in_them_what_the_rules_are_about():
    listened = kept(whole(cases()["listen"].new(), cases()["listen"].log))
    watched = kept(whole(cases()["watch"].new(), cases()["watch"].log))
    revised = [output for output in watched["social.minutes.v1/0"] if b'"revision":2' in output.value]

    assert any(partial.late for partial in listened["partials"].values())
    assert any(partial.evidence for partial in listened["partials"].values())
    assert listened["social.posts.v1.dlq/0"]
    withdrawing = kept(whole(cases()["watch, withdrawing"].new(), cases()["watch, withdrawing"].log))

    assert watched["social.pages.v1/0"]
    assert [output for output in withdrawing["social.alerts.v1/0"] if b'"reason":"withdrawn"' in output.value]
    assert revised
    drilled = kept(whole(cases()["watch, drilled"].new(), cases()["watch, drilled"].log))

    assert len(kept(whole(cases()["listen, drilled"].new(), cases()["listen, drilled"].log))["drills"]) > 2
    assert [b'"title":{"en":"DRILL [' in one.value for one in drilled["social.pages.v1/0"]].count(True) > 1


@pytest.mark.parametrize("seed", SEEDS)
def test_where_batches_are_cut_and_flushed_does_not_show(case, seed):
    assert kept(cut(Random(seed), case.new(), case.log)) == kept(whole(case.new(), case.log))


@pytest.mark.parametrize("seed", SEEDS)
def test_crashes_change_nothing_that_readers_keep(case, seed):
    assert kept(crashing(Random(seed), case.new, case.log)) == kept(whole(case.new(), case.log))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_restored_stage_says_exactly_what_the_other_would_have_said(case, seed):
    rng = Random(seed)
    stage, blocks, head = advanced(case, rng)
    again = case.new()
    again.restore(blocks, head)
    rest = list(batches(rng, case.log[stage.next :]))

    assert again.next == stage.next
    assert [whole(again, batch) for batch in rest] == [whole(stage, batch) for batch in rest]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_blocks_written_over_time_are_those_of_a_full_checkpoint(case, seed):
    stage, blocks, head = advanced(case, Random(seed))
    again = case.new()
    again.restore(blocks, head)
    for one in (stage, again):
        one.mark_all_dirty()
    full = stage.snapshot()

    assert full == again.snapshot()
    assert blocks.items() <= full.blocks.items()


@pytest.mark.parametrize("seed", SEEDS)
def test_right_after_a_checkpoint_there_is_nothing_to_write(case, seed):
    stage, _, head = advanced(case, Random(seed))

    assert stage.flush() == []
    assert stage.snapshot() == ({}, head)


def test_a_stage_that_has_read_nothing_can_be_checkpointed(case):
    stage, again = case.new(), case.new()
    again.restore(*stage.snapshot())

    assert again.next == 0
    assert whole(again, case.log[:50]) == whole(stage, case.log[:50])
