"""The state of the watch stage as blocks of a checkpoint."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec

from pipeline.feed import partition_of
from pipeline.series import Series, Stored
from pipeline.sources import Sources
from schemas.codec import encode

BLOCKS = 16  # series are spread over so many blocks


class Head(msgspec.Struct):
    """What belongs to all blocks of a checkpoint."""

    next: int
    closed: int
    lit: int
    waiting: dict[int, tuple[int, ...]]
    sources: Sources
    now: int = 0


def series_blocks(series: Mapping[str, Series]) -> dict[str, Callable[[], bytes]]:
    """Encoders by the name of the block."""
    spread: defaultdict[int, list[str]] = defaultdict(list)
    for brand in series:
        spread[partition_of(brand.encode(), BLOCKS)].append(brand)
    return {f"series-{number}": partial(_encoded, series, brands) for number, brands in sorted(spread.items())}


def _encoded(series: Mapping[str, Series], brands: Sequence[str]) -> bytes:
    return encode({brand: series[brand].stored() for brand in brands})


def restored(block: bytes) -> dict[str, Series]:
    """The series of a block."""
    held = msgspec.json.decode(block, type=dict[str, Stored])
    return {brand: Series.restored(series) for brand, series in held.items()}
