"""A closed minute of a brand: all posts partitions added up, with what was expected."""

from typing import ClassVar

from msgspec import field

from schemas.record import Millis, Record, Uid


class Minute(Record, frozen=True, kw_only=True, omit_defaults=False):
    """One row of ``minutes``. The highest ``revision`` of (brand, minute) counts.

    Revision 1 closed without the sources in ``missing``, or with all of them where that is empty; revision 2 adds a
    source that came back. Late posts are in ``minute_partials`` only.
    """

    VERSION: ClassVar[int] = 1

    brand: Uid
    minute: Millis  # start of the bucket
    bucket_ms: int  # its length
    revision: int = 1  # 2: a source that was missing came back
    missing: tuple[int, ...] = ()  # posts partitions without which it closed
    posts: int = 0
    negatives: int = 0
    complaints: int = 0
    critical: int = 0  # complaints of severity 3
    severity: int = 0  # sum of severities 0..3
    polarity_milli: int = 0  # sum of polarity in thousandths
    reach: int = 0  # sum of the authors' followers
    authors: int = 0  # distinct authors of negative posts and complaints; each author lives in one partition
    scores: dict[str, float] = field(default_factory=dict)  # detector -> fraction of its threshold; 1 alarms
    observed: dict[str, float] = field(default_factory=dict)  # detector -> what it saw, in its own unit
    expected: dict[str, float] = field(default_factory=dict)  # detector -> what it expected, in its own unit
