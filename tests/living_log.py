"""A brand log whose broker's clock follows the minutes: calm hours, then given trouble, with commands in between."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from pipeline.replay import LogRecord
from pipeline.sketch import SIZE, author_hash
from pipeline.watch import Watch
from pipeline.watchlist import Facet
from schemas.brand_log import Bundle, Counts, Partial, Progress
from schemas.codec import encode
from schemas.command import Command
from tests.builders import START, watchlist

BUCKET = 300_000
CALM = 80  # buckets before the trouble
PART = "product:charger"
_CHARGER = Facet(id="charger", name="Charger", aliases=("charger",))
_PLAIN = watchlist(
    bucket_s=300, lateness_s=60, quiet_s=1_800, idle_s=3_600, max_life_s=14_400, ack_s=600, min_authors=3
)
WATCHLIST = replace(_PLAIN, brands=(replace(_PLAIN.brands[0], products=(_CHARGER,)), _PLAIN.brands[1]))


def watching() -> Watch:
    """A fresh watch stage."""
    return Watch(0, WATCHLIST)


def ends(bucket: int) -> int:
    """End of a bucket of the trouble, from 0 on: ms since 1970."""
    return START + (CALM + bucket + 1) * BUCKET


def appended(bucket: int) -> int:
    """When the broker has the word that closes a bucket of the trouble."""
    return ends(bucket) + 60_000


def living_log(
    trouble: Sequence[int], commands: Mapping[int, Iterable[Command]] | None = None, brand: str = "acme"
) -> list[LogRecord]:
    """In bucket n of the trouble ``trouble[n]`` people more than usual complain, about the brand's charger.

    ``commands[n]`` come 30 s after that bucket has closed.
    """
    told: list[tuple[int, Bundle | Command]] = []
    for bucket in range(CALM + len(trouble)):
        number = bucket - CALM
        bad = trouble[number] if number >= 0 else 0
        told.append((appended(number), _bundle(bucket, bad, brand)))
        told += ((appended(number) + 30_000, one) for one in (commands or {}).get(number, ()))
    return [LogRecord(offset, at, b"key", encode(value)) for offset, (at, value) in enumerate(told)]


def _bundle(bucket: int, bad: int, brand: str) -> Bundle:
    minute = START + bucket * BUCKET
    people = tuple(sorted(author_hash(f"{bucket} {number}") for number in range(bad + 2)))[:SIZE]
    counts = Counts(posts=12 + bad, negatives=2 + bad, complaints=2 + bad)
    part = {PART: Counts(posts=1 + bad, negatives=bad, complaints=bad)}
    partials = (
        Partial(brand=brand, minute=minute, counts=counts, facets=part, authors=people),
        Partial(brand="bolt" if brand == "acme" else "acme", minute=minute, counts=Counts(posts=4)),
    )
    progress = Progress(source=0, sources=1, offset=bucket, watermark=minute + BUCKET)
    return Bundle(bucket_ms=BUCKET, previous=bucket - 1, progress=progress, partials=partials)
