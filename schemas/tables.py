"""The table catalogue: every ClickHouse table, the record its rows are, and what makes two rows the same."""

from dataclasses import dataclass

import msgspec

from schemas.alert import Alert, Delivery, Page
from schemas.brand_log import Progress
from schemas.finding import Finding
from schemas.minute import Minute
from schemas.record import Millis, Offset, Partition, Record, Uid
from schemas.rejected import Rejected
from schemas.signal import Signal


class PartialRow(Record, frozen=True, kw_only=True, omit_defaults=False):
    """One row of ``minute_partials``: a partial's counts, total or of one facet, flattened with where they come from.

    ``facet`` is "" for the total. ``late`` is of the total alone; facets do not split it.
    """

    brand: Uid
    facet: str
    minute: Millis
    source: Partition
    offset: Offset
    posts: int
    negatives: int
    complaints: int
    critical: int
    severity: int
    polarity_milli: int
    reach: int
    late: int


@dataclass(frozen=True, slots=True)
class Table:
    """One table. Rows with equal ``key`` are one row: that with the highest ``version``, or any where there is none.

    Fields in ``nested`` hold records and are stored as JSON text. Columns in ``extra`` are no fields of the record.
    """

    name: str
    record: type[msgspec.Struct]
    key: tuple[str, ...]
    version: str | None = None
    deleted: str | None = None  # column that hides the row when 1
    nested: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns, the record's fields first."""
        return (*self.record.__struct_fields__, *self.extra)


SIGNALS = Table("signals", Signal, ("post_uid",), "revision", "deleted", extra=("ingested_at",))
MINUTE_PARTIALS = Table("minute_partials", PartialRow, ("brand", "facet", "minute", "source"), "offset")
MINUTES = Table("minutes", Minute, ("brand", "minute"), "revision")
SOURCE_PROGRESS = Table("source_progress", Progress, ("source",), "offset")
FINDINGS = Table("findings", Finding, ("brand", "at", "finding_id"))
ALERTS = Table("alerts", Alert, ("brand", "at", "alert_id"), nested=("evidence",), extra=("document",))
PAGES = Table("pages", Page, ("brand", "at", "page_id"), nested=("alert",), extra=("document",))
DELIVERIES = Table("deliveries", Delivery, ("page_id", "target"), "finished_at")
REJECTED = Table("rejected", Rejected, ("topic", "partition", "offset"))

TABLES: tuple[Table, ...] = (
    SIGNALS, MINUTE_PARTIALS, MINUTES, SOURCE_PROGRESS, FINDINGS, ALERTS, PAGES, DELIVERIES, REJECTED,
)  # fmt: skip
