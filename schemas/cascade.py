"""Cascades: how far the reposts of one root have come, how far they are expected to go, and how far they went."""

from typing import Annotated, ClassVar

from msgspec import Meta

from schemas.record import Count, Millis, Name, Offset, Partition, Record, Uid

Rate = Annotated[float, Meta(ge=0)]


class Cascade(Record, frozen=True, kw_only=True, omit_defaults=False):
    """The reposts of one root when the first of them was ``age_s`` ago.

    ``root`` is the post's uid, or the author's key where the source names no post. ``size`` counts the root's reposts
    until then, withdrawn ones too. ``doubling_s`` is how long another ``size`` takes at the present speed, null if
    longer than 30 days. Depth is not told: sources name the root and not the way.

    A forecast (``settled`` false) says how many more to expect until the cascade is twelve hours old, an 80 % interval,
    and ``by_ratio``, what the same factor for every cascade would have expected. While ``growing`` there is no upper
    end: the speed is not below the average so far. ``settled`` is the last word: ``size`` is what forecasts are
    judged by, and nothing is expected.
    """

    VERSION: ClassVar[int] = 1

    root: Uid
    author_key: Uid
    brand: Name
    began: Millis
    age_s: Annotated[int, Meta(ge=0, le=43_200)]
    settled: bool
    size: Count
    speed_per_h: Rate
    doubling_s: Count | None
    growing: bool = False
    expected: Count | None = None
    low: Count | None = None
    high: Count | None = None
    by_ratio: Count | None = None
    partition: Partition = 0
    offset: Offset = -1
