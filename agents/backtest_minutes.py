"""Backtests without a brand log: over a file of posts, and over the closed minutes in ClickHouse."""

from collections.abc import Callable, Iterator, Sequence

from clickhouse_connect.driver.client import Client

from agents.backtesting import NothingThere, Span
from pipeline.backtest_text import time_of
from pipeline.backtesting import Backtest, Comparison, Judged, compare
from pipeline.feed import Dated, Send, plan
from pipeline.hearing import Ear
from pipeline.listen import Partitions
from pipeline.minute_log import NOTES, ClosedMinute, minute_log
from pipeline.replay import Topology
from pipeline.text.understanding import Reader
from pipeline.watchlist_entries import WatchList
from schemas.brand_log import Counts

WARM_MS = 28 * 86_400_000  # what detectors are shown before the span: their baselines have a half-life of a week
SETTLE_MS = 7_200_000

_ROWS = """
SELECT brand, toUnixTimestamp64Milli(minute), posts, negatives, complaints, critical, severity, polarity_milli, reach,
  authors
FROM minutes FINAL
WHERE minute >= fromUnixTimestamp64Milli({since:Int64}) AND minute < fromUnixTimestamp64Milli({until:Int64})
  AND bucket_ms = {bucket:UInt64} AND posts > 0
ORDER BY minute, brand
"""
_EXTENT = "SELECT count(), toUnixTimestamp64Milli(min(minute)), toUnixTimestamp64Milli(max(minute)) FROM minutes"

OnRead = Callable[[int, int], None]  # ms of event time read so far, ms there are


def over_posts(
    posts: Sequence[Dated],
    lists: tuple[WatchList, WatchList],
    reader: Reader,
    partitions: Partitions,
    span: Span,
    appended_at: int,
    on_send: Callable[[Send], None],
) -> Comparison:
    """Both lists hear and judge a file of posts anew, so that brands and words may differ, too.

    Raises:
        NothingThere: no post in the span.
        pipeline.stage.Poisoned: most of the file is unreadable.
    """
    times = [post.event_ms for post in posts if span.since <= post.event_ms < span.until]
    if not times:
        raise NothingThere("no post lies in that span")
    span = Span(max(span.since, min(times)), min(span.until, max(times) + SETTLE_MS))
    sides = Judged(lists[0], *span), Judged(lists[1], *span)
    for side in sides:
        topology = Topology(partitions, side.watchlist, Ear(side.watchlist, reader), appended_at)
        sends = plan(posts, partitions.posts, side.watchlist.rules.bucket_s * 1000, SETTLE_MS)
        side.hear(topology.run(_told(sends, on_send)))
    return compare(*sides, *span, ["detectors knew nothing at the beginning of the file"])


def _told(sends: Iterator[Send], on_send: Callable[[Send], None]) -> Iterator[Send]:
    for send in sends:
        on_send(send)
        yield send


def over_minutes(client: Client, old: WatchList, new: WatchList, span: Span, on_read: OnRead) -> Comparison:
    """Judge closed minutes; four weeks before the span warm the detectors.

    Raises:
        NothingThere: no minute in the span.
        clickhouse_connect.driver.exceptions.Error: ClickHouse is not there, or refuses.
    """
    bucket = old.rules.bucket_s * 1000
    ((count, first, last),) = client.query(_EXTENT).result_rows
    if not count or last + bucket <= span.since or first >= span.until:
        known = f"has {time_of(first)} to {time_of(last)} UTC" if count else "is empty"
        raise NothingThere(f"nothing lies in that span: the table minutes {known}")
    span = Span(max(span.since, first), min(span.until, last + bucket))
    sides = Judged(old, *span), Judged(new, *span)
    test = Backtest(0, *sides)
    began = max(span.since - WARM_MS, first)
    for record in minute_log(_rows(client, Span(began, span.until), bucket), bucket):
        test.apply([record])
        on_read(record.timestamp - began, span.until - began)
    warm = [] if began == span.since - WARM_MS else [f"detectors were shown minutes from {time_of(first)} UTC on"]
    return compare(*sides, *span, [*NOTES, *warm])


def _rows(client: Client, span: Span, bucket: int) -> Iterator[ClosedMinute]:
    parameters = {"since": span.since, "until": span.until, "bucket": bucket}
    with client.query_rows_stream(_ROWS, parameters=parameters) as rows:
        for brand, minute, *counts, authors in rows:
            yield ClosedMinute(brand, minute, Counts(*counts), authors)
