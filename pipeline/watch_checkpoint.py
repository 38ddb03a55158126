"""What watch keeps in a checkpoint: its head, and the series in blocks of about equal size."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial

import msgspec

from pipeline.feed import partition_of
from pipeline.series import Series, Stored
from pipeline.sources import Sources

BLOCKS = 16  # series are spread over so many


class Head(msgspec.Struct):
    """What belongs to all blocks of a checkpoint."""

    next: int
    closed: int
    lit: int
    waiting: dict[int, tuple[int, ...]]
    sources: Sources
    now: int = 0  # append time of the log, ms


def series_blocks(series: Mapping[str, Series]) -> dict[str, Callable[[], bytes]]:
    """Encoders of the blocks by their names."""
    spread: defaultdict[int, list[str]] = defaultdict(list)
    for brand in series:
        spread[partition_of(brand.encode(), BLOCKS)].append(brand)
    return {f"series-{number}": partial(_encoded, series, brands) for number, brands in sorted(spread.items())}


def restored_series(block: bytes) -> dict[str, Series]:
    """The series of one block."""
    held = msgspec.msgpack.decode(block, type=dict[str, Stored])
    return {brand: Series.restored(stored) for brand, stored in held.items()}


def _encoded(series: Mapping[str, Series], brands: Iterable[str]) -> bytes:
    return msgspec.msgpack.encode({brand: series[brand].stored() for brand in brands})
