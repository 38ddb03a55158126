"""A CSV file of counts becomes rows in the order of time, and rows become buckets of equal length."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from itertools import pairwise
from math import isfinite
from typing import NamedTuple

from pipeline.post_times import event_ms
from schemas.record import EARLIEST_MS, LATEST_MS

LARGEST = 10**12  # posts in a row; more is no count
SHORTEST_S, LONGEST_S = 10, 3_600  # of a bucket: detectors learn in five minutes and tell hours apart
USUAL_S = 300  # of a bucket where one row tells nothing
DARK_S = 86_400  # a longer gap is an outage of the counting, not a time of zeros

VALUE, SENTIMENT = ("value",), ("posts", "negatives")
AUTHORS = "authors"
SECONDS_DIGITS = 11  # a number since 1970 with more is in ms
_ZONE = re.compile(r"(Z|UTC|GMT|[+-]\d\d:?\d\d)\s*$")


class Row(NamedTuple):
    """One row: ``time`` as written, ``at`` in ms since 1970, whole counts in the order of ``Table.columns``."""

    time: str
    at: int
    counts: tuple[int, ...]
    shown: str  # first count as written


class Table(NamedTuple):
    """A file: rows as they stand in it; ``repeated`` of them name a time that another names, ``astray`` go back."""

    columns: tuple[str, ...]
    rows: Sequence[Row]
    repeated: int
    astray: int


class Bucket(NamedTuple):
    """The sum of the rows between ``at`` (ms) and its end. ``rows`` are their places in the table."""

    at: int
    counts: tuple[int, ...]
    rows: tuple[int, ...]


def read_counts(lines: Iterable[str], zone: tzinfo) -> Table:
    """Rows of a CSV file with a header: ``timestamp,value`` or ``timestamp,posts,negatives[,authors]``.

    Other columns do not matter. ``zone`` applies to times that name none; the hour that clocks repeat is told by the
    order of its rows. Raises ValueError that names the line and what to write instead.
    """
    reader = csv.reader(lines, strict=True)
    places, columns = _header(reader)
    rows: list[Row] = []
    before, astray = EARLIEST_MS, 0
    while (cells := _next(reader)) is not None:
        if not any(cell.strip() for cell in cells):
            continue
        try:
            row = _row(cells, places, columns, zone, before)
        except (ValueError, OverflowError) as error:
            raise ValueError(f"line {reader.line_num}: {error}") from None
        astray += row.at < before
        before = max(before, row.at)
        rows.append(row)
    return Table(columns, rows, len(rows) - len({row.at for row in rows}), astray)


def _header(reader: "csv._reader") -> tuple[dict[str, int], tuple[str, ...]]:  # type: ignore[name-defined]  # typeshed has no public name for it
    found = [cell.strip().lower() for cell in _next(reader) or ()]
    if not found:
        raise ValueError("line 1: the file is empty; begin it with timestamp,value or timestamp,posts,negatives")
    places = {name: place for place, name in reversed(list(enumerate(found)))}
    for wanted in (SENTIMENT, VALUE):
        if {"timestamp", *wanted} <= places.keys():
            return places, (*wanted, AUTHORS) if wanted == SENTIMENT and AUTHORS in places else wanted
    raise ValueError(
        f"line 1: the columns are {', '.join(found)}; there must be timestamp and value, or timestamp, posts, negatives"
    )


def _next(reader: "csv._reader") -> list[str] | None:  # type: ignore[name-defined]  # as above
    try:
        return next(reader, None)
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num}: not CSV: {error}") from None


def _row(cells: Sequence[str], places: dict[str, int], columns: Sequence[str], zone: tzinfo, before: int) -> Row:
    wanted = [places["timestamp"], *(places[name] for name in columns)]
    if len(cells) <= max(wanted):
        raise ValueError(f"{len(cells)} cells; the header has more")
    time, *texts = (cells[place].strip() for place in wanted)
    counts = tuple(_count(text, name) for text, name in zip(texts, columns, strict=True))
    named = dict(zip(columns, counts, strict=True))
    for part in ("negatives", AUTHORS):
        if named.get(part, 0) > named.get("posts", LARGEST):
            raise ValueError(f"{named[part]} {part} of {named['posts']} posts; there cannot be more than posts")
    return Row(time, _at(time, zone, before), counts, texts[0])


def _count(text: str, name: str) -> int:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not isfinite(number) or not 0 <= number <= LARGEST or "_" in text:
        raise ValueError(f"{name} is {text[:40]!r}; write a number from 0 to {LARGEST:,}, or leave the row out")
    return round(number)


def _at(text: str, zone: tzinfo, before: int) -> int:
    at = event_ms(text, zone)
    if zone is not UTC and at <= before:  # clocks that went back tell an hour twice
        again = round(datetime.fromtimestamp(at / 1000, zone).replace(fold=1).timestamp() * 1000)
        at = again if again > before else at
    if not EARLIEST_MS <= at <= LATEST_MS:
        raise ValueError(f"{text[:40]!r} is no time between 2000 and 2100")
    return at


def spacing(rows: Sequence[Row]) -> int:
    """Seconds between neighbours, the most frequent; ``USUAL_S`` where there are none. ValueError if out of range."""
    times = sorted({row.at for row in rows})
    steps = Counter(later - at for at, later in pairwise(times))
    if not steps:
        return USUAL_S
    step = round(max(steps, key=lambda step: (steps[step], -step)) / 1000)
    if not SHORTEST_S <= step <= LONGEST_S:
        raise ValueError(f"rows are {step:,} s apart; between {SHORTEST_S} and {LONGEST_S:,} s can be judged")
    return step


def buckets(rows: Sequence[Row], bucket_s: int, apart_s: int) -> Iterator[Bucket | None]:
    """Buckets in order, empty ones too; None in place of a gap longer than a day. They begin at the first row's time.

    ``apart_s`` is how far apart rows are: a row may be late by half of that and still belong to its bucket.
    """
    length, jitter = bucket_s * 1000, min(bucket_s, apart_s) * 500
    first = min((row.at for row in rows), default=0)
    held: dict[int, list[int]] = {}
    for place, row in enumerate(rows):
        held.setdefault((row.at - first + jitter) // length, []).append(place)
    before = -1
    for number in sorted(held):
        if (number - before) * bucket_s > DARK_S:
            yield None
        else:
            empty = (0,) * len(rows[0].counts)
            for silent in range(before + 1, number):
                yield Bucket(first + silent * length, empty, ())
        before, places = number, tuple(held[number])
        sums = tuple(map(sum, zip(*(rows[place].counts for place in places), strict=True)))
        yield Bucket(first + number * length, sums, places)


def written_like(sample: str, at: int, zone: tzinfo) -> str | int:
    """``at`` (ms) in the form of a time of the file: a number since 1970, or ISO 8601 with its separator and zone."""
    if sample.replace(".", "", 1).isdigit():
        return at if len(sample.partition(".")[0]) > SECONDS_DIGITS else round(at / 1000)
    shown = datetime.fromtimestamp(at / 1000, zone)
    if not _ZONE.search(sample):
        shown = shown.replace(tzinfo=None)
    text = shown.isoformat("T" if "T" in sample else " ")
    return text.replace("+00:00", "Z") if sample.rstrip().endswith("Z") else text
