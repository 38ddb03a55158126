"""What one record of a topic becomes in ClickHouse: lines of JSONEachRow per table, or the reason why not."""

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
from msgspec import structs

from schemas import dead_letter, tables, topics
from schemas.alert import Alert, Delivery, Page
from schemas.brand_log import Bundle, Counts, Partial
from schemas.codec import Decoder, Malformed, encode
from schemas.command import Command
from schemas.dead_letter import Headers
from schemas.drill import of_drill
from schemas.record import MAX_INT64
from schemas.rules_change import RulesChange
from schemas.signal import Signal
from schemas.tables import PartialRow, Table
from schemas.vocabulary import RejectReason
from schemas.withdrawal import Withdrawal


class Unusable(NamedTuple):
    """A line, or a whole value, that is no row of ours."""

    payload: bytes
    reason: RejectReason
    detail: str


class Rows(NamedTuple):
    """Lines by table name, each one JSON object without a newline; and what could not become one."""

    lines: dict[str, list[bytes]]
    unusable: list[Unusable]


class _Record(NamedTuple):
    value: bytes
    headers: Headers
    appended_at: int


class _Line(NamedTuple):
    table: str
    line: bytes


_Reader = Callable[[_Record], Iterator[_Line | Unusable]]


def rows(topic: str, value: bytes | None, headers: Headers = (), appended_at: int = 0) -> Rows:
    """Translate one record; ``appended_at`` is the broker's timestamp, ms since 1970.

    ClickHouse wraps and clamps silently, so every value is checked against its record type first. The same record
    always gives the same lines: they can carry a deduplication token made of its address.

    Raises:
        KeyError: the topic has no tables.
    """
    found = Rows({}, [])
    if value is None and topic in _COMPACTED:
        return found  # somebody has removed a key
    reader = _dead_letter if topic.endswith(topics.DLQ) else _READERS[topic]
    for item in reader(_Record(value or b"", headers, appended_at)):
        if isinstance(item, Unusable):
            found.unusable.append(item)
        else:
            found.lines.setdefault(item.table, []).append(item.line)
    return found


_signal = Decoder[Signal](Signal)
_LogRecord = Bundle | Delivery | Command | RulesChange | Withdrawal
_brand_log = Decoder[_LogRecord](_LogRecord)
_COMPACTED = frozenset(topic.name for topic in topics.TOPICS if topic.compacted)


def _signals(record: _Record) -> Iterator[_Line | Unusable]:
    for line in record.value.split(b"\n"):
        if not line:
            continue
        signal = _signal.decode(line)
        if isinstance(signal, Malformed):
            yield Unusable(line, signal.reason, signal.detail)
        else:
            yield _Line(tables.SIGNALS.name, line)


def _of_brand_log(record: _Record) -> Iterator[_Line | Unusable]:
    match _brand_log.decode(record.value):
        case Malformed(reason=reason, detail=detail):
            yield Unusable(record.value, reason, detail)
        case Command() | Withdrawal():
            return  # what it made watch decide is a row of its own; the tombstone is one, too
        case Delivery(dedup_key=incident) if of_drill(incident):
            return
        case Delivery() as delivery:
            yield _line(tables.DELIVERIES, structs.asdict(delivery))
        case RulesChange() as change:
            yield _line(tables.RULES, _columns(tables.RULES, change, record.value))
        case Bundle() as bundle:
            yield _line(tables.SOURCE_PROGRESS, structs.asdict(bundle.progress))
            for row in _partial_rows(bundle):
                yield _line(tables.MINUTE_PARTIALS, structs.asdict(row))


def _partial_rows(bundle: Bundle) -> Iterator[PartialRow]:
    for one in bundle.partials:
        yield _partial_row(bundle, one, "", one.counts, one.late)
        for facet, counts in one.facets.items():
            yield _partial_row(bundle, one, facet, counts, 0)


def _partial_row(bundle: Bundle, one: Partial, facet: str, counts: Counts, late: int) -> PartialRow:
    return PartialRow(
        brand=one.brand,
        facet=facet,
        minute=one.minute,
        source=bundle.progress.source,
        offset=bundle.progress.offset,
        posts=counts.posts,
        negatives=counts.negatives,
        complaints=counts.complaints,
        critical=counts.critical,
        severity=counts.severity,
        polarity_milli=counts.polarity_milli,
        reach=counts.reach,
        late=late,
    )


def _reader(table: Table) -> _Reader:
    """Reader of a topic whose every value is one record of ``table``."""
    decoder = Decoder[msgspec.Struct](table.record)

    def read(record: _Record) -> Iterator[_Line | Unusable]:
        decoded = decoder.decode(record.value)
        if isinstance(decoded, Malformed):
            yield Unusable(record.value, decoded.reason, decoded.detail)
        elif not (isinstance(decoded, Alert | Page) and of_drill(_incident(decoded))):
            yield _line(table, _columns(table, decoded, record.value))

    return read


def _incident(decided: Alert | Page) -> str:
    return decided.incident_id if isinstance(decided, Alert) else decided.dedup_key


def _columns(table: Table, decoded: msgspec.Struct, value: bytes) -> dict[str, Any]:
    columns = structs.asdict(decoded)
    for name in table.nested:
        columns[name] = encode(columns[name]).decode()
    if "document" in table.extra:
        columns["document"] = value.decode()
    return columns


def _line(table: Table, columns: dict[str, Any]) -> _Line | Unusable:
    """One row; refused if an integer needs more than 64 bits, which JSON carries and ClickHouse wraps."""
    line = encode(columns)
    for name, value in columns.items():
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, int) and abs(number) > MAX_INT64:
                return Unusable(line, "out_of_range", f"{name} does not fit 64 bits")
    return _Line(table.name, line)


def _dead_letter(record: _Record) -> Iterator[_Line | Unusable]:
    if dead_letter.replayed_offset(record.headers) is not None:
        return  # the mark of a replay is no letter
    try:
        rejected = dead_letter.read(record.headers, record.value, record.appended_at)
    except (KeyError, ValueError) as error:
        yield Unusable(record.value, "missing_field", f"not a dead letter: {error!r}")
    else:
        yield _line(tables.REJECTED, structs.asdict(rejected))


_READERS: MappingProxyType[str, _Reader] = MappingProxyType({
    topics.SIGNALS.name: _signals,
    topics.BRAND_LOG.name: _of_brand_log,
    topics.MINUTES.name: _reader(tables.MINUTES),
    topics.FINDINGS.name: _reader(tables.FINDINGS),
    topics.ALERTS.name: _reader(tables.ALERTS),
    topics.SHADOW_ALERTS.name: _reader(tables.SHADOW_ALERTS),
    topics.PAGES.name: _reader(tables.PAGES),
    topics.DECISIONS.name: _reader(tables.DECISIONS),
    topics.TOMBSTONES.name: _reader(tables.TOMBSTONES),
    topics.IDENTITIES.name: _reader(tables.IDENTITIES),
    topics.INFLUENCE.name: _reader(tables.INFLUENCE),
    topics.CASCADES.name: _reader(tables.CASCADES),
})  # fmt: skip
