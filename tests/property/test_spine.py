"""From posts to pages: whatever is cut, repeated, delayed or restarted on the way, the same is decided."""

import json
from collections import Counter
from collections.abc import Sequence
from functools import cache
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.feed import Send
from pipeline.replay import LogRecord, Topology
from pipeline.stage import Output
from schemas.brand_log import Bundle
from schemas.withdrawal import KEY
from tests.builders import ear
from tests.noise import (
    HOUR,
    SOURCES,
    WATCHLIST,
    brand_log,
    crashing,
    cut,
    kept,
    listening,
    posts_log,
    watching,
    whole,
)

BUCKET, LATENESS = 300_000, 60_000
DECIDED = ("social.minutes.v1/0", "social.findings.v1/0", "social.alerts.v1/0", "social.decisions.v1/0",
           "social.pages.v1/0")  # fmt: skip
few = settings(max_examples=6, deadline=None)
seeds = st.integers(0, 2**32)


@cache
def logs() -> tuple[list[LogRecord], ...]:
    return tuple(posts_log(Random(source), source) for source in range(SOURCES.posts))


def merged(rng: Random, told: Sequence[Sequence[Output]]) -> list[Output]:
    """What several sources say, one after the other or all at once, each in its own order."""
    left = [list(outputs) for outputs in told]
    outputs: list[Output] = []
    while any(left):
        source = rng.choice([source for source in left if source])
        size = rng.choice([1, 5, 500])
        outputs += source[:size]
        del source[:size]
    return outputs


@cache
def decided() -> list[Output]:
    """What watch makes of both logs read in one piece."""
    outputs = [output for source, log in enumerate(logs()) for output in whole(listening(source), log)]
    return whole(watching(), brand_log(outputs))


@given(seeds)
@few
def test_the_same_posts_decide_the_same_byte_for_byte_through_crashes_of_listen(seed):
    rng = Random(seed)
    told = [crashing(rng, lambda source=source: listening(source), log) for source, log in enumerate(logs())]
    again = whole(watching(), brand_log(merged(rng, told)))

    assert again == decided()


@given(seeds)
@few
def test_the_same_posts_decide_the_same_in_the_same_order_through_crashes_of_watch(seed):
    rng = Random(seed)
    told = [cut(rng, listening(source), log) for source, log in enumerate(logs())]
    again = crashing(rng, watching, brand_log(merged(rng, told)))

    assert list(dict.fromkeys(again)) == decided()


@given(seeds)
@few
def test_bundles_told_again_change_nothing(seed):
    rng = Random(seed)
    outputs = [output for source, log in enumerate(logs()) for output in cut(rng, listening(source), log)]
    once = brand_log(outputs)
    twice = list(once)
    for _ in range(20):
        at = rng.randrange(1, len(twice))
        since = rng.randrange(max(0, at - 40), at)
        twice[at:at] = twice[since:at]
    renumbered = [one._replace(offset=offset) for offset, one in enumerate(twice)]

    assert whole(watching(), renumbered) == whole(watching(), once)


@given(st.integers(1, 400))
@few
def test_how_much_the_topology_reads_at_once_does_not_show(batch):
    sends = [
        (one.timestamp, Send(source, one.key or b"", one.value or b"", one.timestamp))
        for source, log in enumerate(logs()) for one in log
    ]  # fmt: skip
    in_order = [send for _, send in sorted(sends, key=lambda item: item[0])]
    at = max(one.timestamp for log in logs() for one in log)
    read = [kept(Topology(SOURCES, WATCHLIST, ear(), at).run(in_order, size)) for size in (batch, 10_000)]

    assert read[0] == read[1]
    assert read[0][DECIDED[-1]]


def test_there_is_something_to_decide():
    topics = Counter(output.topic for output in decided())

    assert set(topics) == {topic.partition("/")[0] for topic in DECIDED}


@given(seeds)
@few
def test_a_total_never_shrinks_and_its_on_time_part_stands_still_once_the_minute_ended(seed):
    held: dict[tuple[str, int], tuple[int, int, int | None]] = {}
    for output in crashing(Random(seed), lambda: listening(0), posts_log(Random(seed), 0)):
        if output.topic != "social.brand-log.v1" or output.key == KEY:
            continue
        told = msgspec.json.decode(output.value or b"", type=Bundle)
        for one in told.partials:
            offset, late, ended = held.get((one.brand, one.minute), (-1, 0, None))
            if told.progress.offset < offset:
                continue
            assert one.late >= late
            assert ended in (None, one.counts.posts)
            over = one.minute + BUCKET <= told.progress.watermark
            held[one.brand, one.minute] = (told.progress.offset, one.late, one.counts.posts if over else None)

    assert any(ended for _, _, ended in held.values())


@given(st.lists(st.tuples(st.integers(-HOUR, HOUR), st.integers(0, HOUR)), max_size=40))
@few
def test_the_watermark_never_goes_back_and_is_never_ahead_of_the_broker(steps):
    stage, log, arrived, before = listening(0), list[LogRecord](), 1_700_000_000_000, 0
    for drift, wait in steps:
        arrived += wait
        said = json.dumps({"type": "tick", "at": arrived + drift}).encode()
        log.append(LogRecord(len(log), arrived, b"k", said))
        stage.apply(log[-1:])

        assert before <= stage.watermark <= arrived - LATENESS

        before = stage.watermark
