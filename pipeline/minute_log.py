"""Closed minutes as ClickHouse keeps them, told again as a brand log of one source: what of it watch can be shown."""

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import groupby
from typing import NamedTuple

from pipeline.replay import LogRecord
from pipeline.sketch import SIZE
from schemas.brand_log import Bundle, Counts, Partial, Progress
from schemas.codec import encode

NOTES = (
    "of authors only their number in each minute is known: who complains in two minutes counts twice",
    "what responders did is not known: a page counts again for each time that it would have asked for an answer",
    "minutes hold no posts: evidence, facets and drivers are unknown",
)


class ClosedMinute(NamedTuple):
    """A row of ``minutes``; times in ms since 1970."""

    brand: str
    minute: int
    counts: Counts
    authors: int


def minute_log(rows: Iterable[ClosedMinute], bucket_ms: int) -> Iterator[LogRecord]:
    """A bundle for each minute that has rows. ``rows`` in the order of their minutes."""
    previous = -1
    for number, (minute, group) in enumerate(groupby(rows, key=lambda row: row.minute)):
        partials = tuple(
            Partial(brand=row.brand, minute=minute, counts=row.counts, authors=tuple(_authors(row))) for row in group
        )
        ended = minute + bucket_ms
        told = Progress(source=0, sources=1, offset=number, watermark=ended)
        bundle = Bundle(bucket_ms=bucket_ms, previous=previous, progress=told, partials=partials)
        yield LogRecord(number, ended, None, encode(bundle))
        previous = number


def _authors(row: ClosedMinute) -> list[int]:
    """As many hashes as the minute had authors, its own and evenly spread, so that an estimate gives it back."""
    start = int.from_bytes(blake2b(f"{row.brand} {row.minute}".encode(), digest_size=8).digest()) >> 1
    count = max(row.authors, 0)
    step = 2**63 // max(count, 1)
    if count <= SIZE:
        return sorted((start + step * number) % 2**63 for number in range(count))
    first = start % step
    return [first + step * number for number in range(SIZE)]
