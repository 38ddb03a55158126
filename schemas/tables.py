"""The table catalogue: every ClickHouse table, the record its rows are, and what makes two rows the same."""

from dataclasses import dataclass, replace

import msgspec

from schemas.alert import Alert, Delivery, Page
from schemas.brand_log import Progress
from schemas.cascade import Cascade
from schemas.decision import Decision
from schemas.endorsement import InfluenceScore
from schemas.finding import Finding
from schemas.identity import Identity
from schemas.interaction import Tombstone
from schemas.minute import Minute
from schemas.record import Millis, Offset, Partition, Record, Uid
from schemas.rejected import Rejected
from schemas.rules_change import RulesChange
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
    ``kept_days`` count from the insert (column ``ingested_at``), not from the event: an archive that is fed today is
    kept as long as today's posts. None: for ever.
    """

    name: str
    record: type[msgspec.Struct]
    key: tuple[str, ...]
    version: str | None = None
    deleted: str | None = None  # column that hides the row when 1
    nested: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    kept_days: int | None = 400

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns, the record's fields first."""
        stamp = () if self.kept_days is None else ("ingested_at",)
        return (*self.record.__struct_fields__, *self.extra, *stamp)


SIGNALS = Table("signals", Signal, ("post_uid",), "revision", "deleted")
MINUTE_PARTIALS = Table("minute_partials", PartialRow, ("brand", "facet", "minute", "source"), "offset")
MINUTES = Table("minutes", Minute, ("brand", "minute"), "revision", kept_days=1_100)
SOURCE_PROGRESS = Table("source_progress", Progress, ("source",), "offset", kept_days=None)
FINDINGS = Table("findings", Finding, ("brand", "at", "finding_id"), nested=("evidence",), kept_days=1_100)
ALERTS = Table("alerts", Alert, ("brand", "at", "alert_id"), nested=("evidence", "excess"), extra=("document",))
SHADOW_ALERTS = replace(ALERTS, name="shadow_alerts")
PAGES = Table("pages", Page, ("brand", "at", "page_id"), nested=("alert",), extra=("document",))
DECISIONS = Table("decisions", Decision, ("brand", "at", "decision_id"), kept_days=1_100)
DELIVERIES = Table("deliveries", Delivery, ("page_id", "target"), "finished_at", kept_days=1_100)
RULES = Table("rules", RulesChange, ("digest", "scope", "change_id"), nested=("watchlist",), kept_days=1_100)
TOMBSTONES = Table("tombstones", Tombstone, ("subject",), "effective_at", nested=("extra",), kept_days=1_100)
IDENTITIES = Table("identities", Identity, ("author_key",), "seen_at", kept_days=90)
INFLUENCE = Table("influence", InfluenceScore, ("brand", "author_key"), "offset", nested=("reasons",), kept_days=30)
CASCADES = Table("cascades", Cascade, ("root", "began", "age_s"), "offset")
REJECTED = Table("rejected", Rejected, ("topic", "partition", "offset", "sha256"), kept_days=14)

TABLES: tuple[Table, ...] = (
    SIGNALS, MINUTE_PARTIALS, MINUTES, SOURCE_PROGRESS, FINDINGS, ALERTS, SHADOW_ALERTS, PAGES, DECISIONS, DELIVERIES,
    RULES, TOMBSTONES, IDENTITIES, INFLUENCE, CASCADES, REJECTED,
)  # fmt: skip
