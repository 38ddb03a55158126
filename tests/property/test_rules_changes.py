"""Rules that change in the log: alerts stay a function of it, knowledge survives, and a shadow disturbs nobody."""

from collections.abc import Sequence
from functools import cache
from itertools import zip_longest
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.backtesting import Backtest, Episode, Judged
from pipeline.configuration import rules_digest
from pipeline.replay import LogRecord
from pipeline.ruling import KEYS
from pipeline.shadow import Shadowed
from pipeline.stage import Output
from pipeline.watch import Watch
from pipeline.watchlist import WatchList
from schemas.record import LATEST_MS
from schemas.topics import ALERTS, BRAND_LOG_DLQ, FINDINGS, MINUTES, PAGES, SHADOW_ALERTS
from tests.builders import record, rules_change
from tests.noise import (
    SOURCES,
    WATCHLIST,
    brand_log,
    crashing,
    cut,
    listening,
    posts_log,
    shadowed,
    watching,
    whole,
    with_changes,
)

few = settings(max_examples=10, deadline=None)
seeds = st.integers(0, 2**32)
TIMID = msgspec.structs.replace(WATCHLIST, rules=msgspec.structs.replace(WATCHLIST.rules, min_authors=1_000))


@cache
def plain() -> tuple[LogRecord, ...]:
    rng = Random(9)
    told = [cut(rng, listening(source), posts_log(rng, source)) for source in range(SOURCES.posts)]
    return tuple(brand_log(output for one in zip_longest(*told) for output in one if output))


@cache
def decided() -> tuple[Output, ...]:
    return tuple(whole(watching(), plain()))


def inserted(*places: tuple[int, msgspec.Struct]) -> list[LogRecord]:
    """The log with records before the offsets given, which ascend."""
    log = list(plain())
    for at, value in places[::-1]:
        log.insert(at, record(0, value, log[at].timestamp))
    return [one._replace(offset=offset) for offset, one in enumerate(log)]


def of(outputs: list[Output] | tuple[Output, ...], *topics: str) -> list[Output]:
    return [output for output in outputs if output.topic in topics]


def digests(outputs: list[Output]) -> list[str]:
    return [msgspec.json.decode(output.value or b"")["rules"] for output in of(outputs, ALERTS.name, FINDINGS.name)]


def test_the_log_pages_and_the_timid_rules_would_not():
    assert of(decided(), PAGES.name)
    assert not of(whole(Shadowed(0, TIMID), plain()), PAGES.name)


@given(seeds)
@few
def test_however_it_is_cut_and_wherever_it_crashes_a_log_with_changes_decides_the_same(seed):
    rng = Random(seed)
    log = with_changes(rng, plain())
    once = whole(shadowed(), log)
    topics = (ALERTS.name, SHADOW_ALERTS.name, MINUTES.name, PAGES.name, FINDINGS.name, BRAND_LOG_DLQ.name)

    assert cut(rng, shadowed(), log) == once
    for topic in topics:  # ids are those of their causes, so that repeats are the same bytes
        assert list(dict.fromkeys(of(crashing(rng, shadowed, log), topic))) == list(dict.fromkeys(of(once, topic)))


@given(st.integers(1, 99))
@few
def test_a_change_there_and_back_loses_neither_what_detectors_know_nor_an_open_incident(percent):
    at = len(plain()) * percent // 100
    log = inserted((at, rules_change(TIMID)), (at, rules_change(WATCHLIST)))

    assert whole(shadowed(), log) == list(decided())


@given(st.integers(1, 99))
@few
def test_alerts_carry_the_digest_of_the_rules_before_the_record_and_after_it(percent):
    at = len(plain()) * percent // 100
    log, stage = inserted((at, rules_change(TIMID))), shadowed()
    before, after = stage.apply(log[: at + 1]), stage.apply(log[at + 1 :])

    assert set(digests(before)) <= {rules_digest(WATCHLIST)}
    assert set(digests(after)) <= {rules_digest(TIMID)}
    assert of(before, ALERTS.name) == of(whole(shadowed(), plain()[:at]), ALERTS.name)


@given(seeds)
@few
def test_a_shadow_disturbs_nobody_and_pages_nobody(seed):
    log = with_changes(Random(seed), plain())
    without = [one for one in log if one.key != KEYS["shadow"]]
    topics = (ALERTS.name, MINUTES.name, PAGES.name, FINDINGS.name)

    assert of(whole(shadowed(), log), *topics) == of(whole(shadowed(), without), *topics)


@given(st.integers(0, 99))
@few
def test_a_shadow_of_the_same_rules_says_the_same_from_its_record_on(percent):
    at = len(plain()) * percent // 100
    stage, log = shadowed(), inserted((at, rules_change(WATCHLIST, "shadow")))
    stage.apply(log[: at + 1])
    outputs = stage.apply(log[at + 1 :])

    assert [one.value for one in of(outputs, SHADOW_ALERTS.name)] == [one.value for one in of(outputs, ALERTS.name)]


def test_a_shadow_that_would_page_more_says_so_on_its_own_topic():
    log = [*inserted((0, rules_change(TIMID)), (1, rules_change(WATCHLIST, "shadow")))]
    outputs = whole(shadowed(), log)

    assert not of(outputs, PAGES.name)
    assert any(msgspec.json.decode(one.value)["paged"] for one in of(outputs, SHADOW_ALERTS.name))


def alone(watchlist: WatchList, log: Sequence[LogRecord], since: int = 0) -> dict[str, Episode]:
    side = Judged(watchlist, since, LATEST_MS)
    side.hear(whole(Watch(0, watchlist), log))
    return side.episodes


@given(seeds)
@few
def test_a_backtest_is_both_lists_over_the_log_without_its_changes(seed):
    log, sides = with_changes(Random(seed), plain()), (Judged(WATCHLIST, 0, LATEST_MS), Judged(TIMID, 0, LATEST_MS))
    test = Backtest(0, *sides)
    test.apply(log)

    assert [side.episodes for side in sides] == [alone(WATCHLIST, plain()), alone(TIMID, plain())]


@given(seeds, st.integers(1, 99))
@few
def test_a_backtest_from_a_checkpoint_goes_on_where_its_detectors_stood(seed, percent):
    at = len(plain()) * percent // 100
    log = with_changes(Random(seed), plain()[:at]) if seed % 2 else list(plain()[:at])
    stage = shadowed()
    stage.apply([*log, record(len(log), rules_change(WATCHLIST)), record(len(log) + 1, rules_change(TIMID, "shadow"))])
    stage.mark_all_dirty()
    blocks, head = stage.snapshot()
    old, new = Judged(WATCHLIST, 0, LATEST_MS), Judged(WATCHLIST, 0, LATEST_MS)
    test = Backtest(0, old, new)
    test.restore(dict(blocks), head)
    test.apply(plain()[at:])
    rest = Judged(WATCHLIST, 0, LATEST_MS)
    rest.hear(stage.apply(plain()[at:]))

    assert old.episodes == new.episodes == rest.episodes
