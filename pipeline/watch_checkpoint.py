"""What watch keeps in a checkpoint: its head, and the series in blocks of about equal size."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import NamedTuple

import msgspec

from pipeline.feed import partition_of
from pipeline.leaders import Rising
from pipeline.orders import State as OrdersState
from pipeline.ruling import Ruling
from pipeline.series import Series, Stored
from pipeline.sources import Sources
from schemas.brand_log import Partial

BLOCKS = 16  # series are spread over so many
SERIES = "series-"  # how their names begin


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
    return {f"{SERIES}{number}": partial(_encoded, series, brands) for number, brands in sorted(spread.items())}


class Held(NamedTuple):
    """What the blocks hold: open partials with their source and offset, orders, rules, series, leaders to be."""

    open: list[tuple[int, int, Partial]]
    orders: OrdersState | None
    ruling: Ruling | None
    series: dict[str, Series]
    rising: Rising


def read(blocks: Mapping[str, bytes]) -> Held:
    """The blocks of a checkpoint, decoded; those of no interest are left out."""
    decode = msgspec.json.decode
    series: dict[str, Series] = {}
    for name, block in blocks.items():
        if name.startswith(SERIES):
            series |= _restored(block)
    return Held(
        decode(blocks["open"], type=list[tuple[int, int, Partial]]) if "open" in blocks else [],
        decode(blocks["orders"], type=OrdersState) if "orders" in blocks else None,
        decode(blocks["rules"], type=Ruling) if "rules" in blocks else None,
        series,
        decode(blocks["rising"], type=Rising) if "rising" in blocks else Rising(),
    )


def _restored(block: bytes) -> dict[str, Series]:
    held = msgspec.msgpack.decode(block, type=dict[str, Stored])
    return {brand: Series.restored(stored) for brand, stored in held.items()}


def _encoded(series: Mapping[str, Series], brands: Iterable[str]) -> bytes:
    return msgspec.msgpack.encode({brand: series[brand].stored() for brand in brands})
