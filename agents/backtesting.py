"""Backtests over the brand log on Kafka, from the nearest kept checkpoint before the span. Changes nothing."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.keeping import read_kept, read_shelf
from agents.log_reader import extents, log_reader, read
from agents.partition_counts import counted
from pipeline.backtest_text import time_of
from pipeline.backtesting import Backtest, Comparison, Judged, compare
from pipeline.stage import Snapshot
from pipeline.verification import Since
from pipeline.watchlist_entries import WatchList
from schemas.topics import BRAND_LOG, WATCH_KEPT

COLD = "the log is read from its beginning, where detectors knew nothing: a brand is silent until it is known"

OnRead = Callable[[int, int], None]  # records read so far, records there are


class NothingThere(Exception):  # noqa: N818  # named as what it is
    """The span cannot be judged; the text says which can."""


class Span(NamedTuple):
    """From and until, ms since 1970; 0 from: as early as can be."""

    since: int
    until: int


class _Begin(NamedTuple):
    """Where a partition is read from, and the event time there, ms; 0: nothing is known yet."""

    offset: int
    at: int
    state: Snapshot | None


async def backtest(bootstrap: str, old: WatchList, new: WatchList, span: Span, on_read: OnRead) -> Comparison:
    """Judge the brand log between two event times by two watch lists that match the same posts.

    Raises:
        NothingThere: no topic, or no checkpoint and no beginning of the log before the span, or no minute in it.
        aiokafka.errors.KafkaError: the broker is not there.
    """
    there = await counted(bootstrap, (BRAND_LOG.name, WATCH_KEPT.name))
    if len(there) < 2:  # noqa: PLR2004  # both topics
        raise NothingThere("the brand log is missing; run `tocsin topics create`")
    sides = Judged(old, *span), Judged(new, *span)
    async with log_reader(bootstrap) as consumer:
        tps = [TopicPartition(BRAND_LOG.name, number) for number in range(there[BRAND_LOG.name])]
        logs = await extents(consumer, tps)
        begins = {tp.partition: await _begin(consumer, tp.partition, logs[tp][0], span) for tp in tps}
        tests = {number: _started(Backtest(number, *sides), begin) for number, begin in begins.items()}
        ranges = {tp: (begins[tp.partition].offset, end) for tp, (_, end) in logs.items()}
        first = await _run(consumer, tests, ranges, span, on_read)
    return _compared(sides, tests, span, first, cold=any(begin.at == 0 for begin in begins.values()))


def _compared(
    sides: tuple[Judged, Judged], tests: Mapping[int, Backtest], span: Span, first: int, *, cold: bool
) -> Comparison:
    ended = max(test.closed for test in tests.values())
    if not first or ended <= span.since or first >= span.until:
        known = f"minutes from {time_of(first)} to {time_of(ended)} UTC" if first else "no minute"
        raise NothingThere(f"nothing lies in that span: the log has {known}")
    return compare(*sides, max(span.since, first), min(span.until, ended), [COLD] if cold else [])


async def _begin(consumer: AIOKafkaConsumer, partition: int, begin: int, span: Span) -> _Begin:
    """The latest kept checkpoint that the span comes after; else the log's beginning if it is there."""
    tp = TopicPartition(WATCH_KEPT.name, partition)
    shelf = await read_shelf(consumer, tp)
    usable = [(key, kept, Since.of(kept.head).closed) for key, kept in shelf.complete() if kept.mark.offset >= begin]
    before = [one for one in usable if one[2] <= span.since]
    if not before and begin == 0:
        return _Begin(0, 0, None)
    if not before and not span.since:
        before = usable[:1]
    if not before:
        write = f"write --from {time_of(usable[0][2])} or later" if usable else "no checkpoint is kept: use --minutes"
        raise NothingThere(f"partition {partition}: the log and its checkpoints begin after --from; {write}")
    key, kept, closed = before[-1]
    return _Begin(kept.mark.offset, closed, await read_kept(consumer, tp, shelf, key))


def _started(test: Backtest, begin: _Begin) -> Backtest:
    if begin.state is not None:
        test.restore(*begin.state)
    return test


async def _run(
    consumer: AIOKafkaConsumer,
    tests: Mapping[int, Backtest],
    ranges: Mapping[TopicPartition, tuple[int, int]],
    span: Span,
    on_read: OnRead,
) -> int:
    """Read each partition until its minutes are past the span; the first minute that was closed by then, ms."""
    total, done, first = sum(end - begin for begin, end in ranges.values()), 0, 0
    for tp, extent in ranges.items():
        test, left = tests[tp.partition], extent[1] - extent[0]
        async for _, records in read(consumer, {tp: extent}):
            for record in records:
                test.apply([record])
                first = min(first or test.closed, test.closed or first)
            left -= len(records)
            done += len(records)
            on_read(done, total)
            if test.closed >= span.until:
                break
        done += left
        on_read(done, total)
    return first
