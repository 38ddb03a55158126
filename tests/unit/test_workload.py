"""Workload W of the bench: Tocsin's stages make what a recount makes, and whoever drops something is found out."""

from random import Random

import pytest

from pipeline.replay import LogRecord
from pipeline.stage import Output, Stage
from tests.bench.throughput import ratios
from tests.bench.workload.data import END_MS, INTERACTION_BYTES, POST_BYTES, Record, Workload, workload
from tests.bench.workload.stages import Scores, Windows
from tests.bench.workload.subjects import Result, difference

EVENTS = 4_000


@pytest.fixture(scope="module")
def work() -> Workload:
    return workload(EVENTS, 1, brands=40, authors=300)


def log(records: list[Record]) -> list[LogRecord]:
    return [LogRecord(offset, at, key, value) for offset, (_, key, value, at) in enumerate(records)]


def folded(stage: Stage, records: list[LogRecord], cuts: list[int]) -> list[Output]:
    return [one for start, end in zip([0, *cuts], [*cuts, len(records)], strict=True) if start < end
            for one in stage.apply(records[start:end])]  # fmt: skip


def result(scores: Scores, events: int) -> Result:
    return Result(0, 1, 1, 1, events, scores.authors, scores.total(END_MS), 1)


def made(work: Workload, seed: int) -> tuple[list[bytes], Result]:
    """Windows and result of both stages, which are restored from a checkpoint midway."""
    rng, posts, interactions = Random(seed), log(work.posts), log(work.interactions)
    outputs = list[Output]()
    states: list[Stage] = [Windows("windows", 0), Scores(0)]
    fresh: list[Stage] = [Windows("windows", 0), Scores(0)]
    for state, restored, records in zip(states, fresh, (posts, interactions), strict=True):
        half = len(records) // 2
        outputs += folded(state, records[:half], sorted(rng.choices(range(half), k=9)))
        blocks, head = state.snapshot()
        restored.restore(dict(blocks), head)
        outputs += folded(restored, records[restored.next :], [rng.randrange(half)])
    events = sum(state.next for state in fresh)
    return [one.value or b"" for one in outputs], result(fresh[1], events)


@pytest.mark.parametrize("seed", range(3))
def test_stages_make_what_a_recount_makes_also_after_a_restore(work: Workload, seed: int):
    written, said = made(work, seed)

    assert difference(len(work.posts) + len(work.interactions), [said], written, work) == ""


def test_a_window_that_is_missing_is_noticed(work: Workload):
    written, said = made(work, 0)

    assert "windows" in difference(said.events, [said], written[1:], work)


def test_a_post_that_was_dropped_is_noticed(work: Workload):
    written, said = made(work._replace(posts=work.posts[1:]), 0)

    assert "events" in difference(said.events + 1, [said], written, work)
    assert "windows" in difference(said.events, [said], written, work)


def test_an_interaction_that_was_counted_twice_is_noticed(work: Workload):
    written, said = made(work, 0)

    assert "scores" in difference(said.events, [said._replace(total=said.total + 1.5)], written, work)


def test_records_have_the_sizes_that_the_workload_says(work: Workload):
    assert {len(record[2]) for record in work.posts} == {POST_BYTES}
    assert {len(record[2]) for record in work.interactions} == {INTERACTION_BYTES}


def test_rounds_are_compared_with_themselves_where_a_subject_was_wrong_in_one():
    ours, theirs = [None, fast(4), fast(6)], [fast(9), fast(2), None]

    assert ratios(ours, theirs) == [2.0]


def fast(events: int) -> Result:
    return Result(0, 1, 1, 1, events, 0, 0, 1)
