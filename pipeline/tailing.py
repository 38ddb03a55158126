"""What ``tocsin tail`` shows of alerts, pages and dead letters: which of them, and in which words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

import msgspec

from pipeline.dead_letter_queue import Address, letter
from pipeline.languages import Language, said
from pipeline.quoting import clip, safe_json
from pipeline.stage import Input
from schemas.alert import Alert, Page
from schemas.codec import Decoder, Malformed, encode
from schemas.dead_letter import replayed_offset
from schemas.topics import ALERTS, DLQ, PAGES
from schemas.vocabulary import Severity

Kind = Literal["alert", "page", "letter"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SEVERITIES: tuple[Severity, ...] = get_args(Severity)  # the mildest first
TOPIC_OF: Mapping[Kind, str] = MappingProxyType({"alert": ALERTS.name, "page": PAGES.name})
SHOWN = 400  # characters of what a line says

_ALERTS, _PAGES = Decoder[Alert](Alert), Decoder[Page](Page)


class Line(NamedTuple):
    """One record. ``brand`` and ``severity`` are empty where there is none: in dead letters and what cannot be read."""

    kind: Kind
    address: Address
    written: int  # the broker's time, ms
    brand: str
    severity: Severity | Literal[""]
    word: str  # event, action or reason code
    said: str
    record: Alert | Page | Mapping[str, object] | None

    def at(self) -> str:
        """When it was written, to the second; the number that a producer gave if that is no time."""
        try:
            return f"{datetime.fromtimestamp(self.written / 1000, UTC):%Y-%m-%d %H:%M:%S}"
        except (ValueError, OverflowError, OSError):
            return str(self.written)

    def text(self) -> str:
        """The part behind the time, of one line whatever strangers wrote."""
        cells = (self.severity.upper() or "-", self.kind, self.word, self.brand or "-")
        return " ".join(f"{clip(cell, 40):<{width}}" for cell, width in zip(cells, (8, 6, 12, 16), strict=True)) + (
            f" {clip(self.said, SHOWN)} [{self.address}]"
        )

    def json(self) -> str:
        """All of it as one JSON object in one line."""
        topic, partition, offset = self.address
        whole = {
            "kind": self.kind, "topic": topic, "partition": partition, "offset": offset, "written": self.written,
            "brand": self.brand, "severity": self.severity, "word": self.word, "record": self.record,
        }  # fmt: skip
        return safe_json(encode(whole).decode())


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; an empty set asks for all. Who asks for a brand or a severity asks for no dead letters."""

    kinds: frozenset[Kind] = frozenset()
    brands: frozenset[str] = frozenset()
    severity: Severity = "info"  # or graver
    since: int = 0  # written then or later, ms

    def topics(self, dead_letters: tuple[str, ...]) -> list[str]:
        """The topics that hold it."""
        kinds = self.kinds or KINDS
        return [
            *(TOPIC_OF[kind] for kind in KINDS if kind in kinds and kind in TOPIC_OF),
            *(dead_letters if "letter" in kinds and not self._of_incidents() else ()),
        ]

    def includes(self, line: Line) -> bool:
        """Whether the line is among them. What cannot be read is, for nobody knows whose it is."""
        if line.written < self.since:
            return False
        if line.record is None or line.kind == "letter":
            return True
        graver = line.severity != "" and SEVERITIES.index(line.severity) >= SEVERITIES.index(self.severity)
        return graver and (not self.brands or line.brand in self.brands)

    def _of_incidents(self) -> bool:
        return bool(self.brands) or self.severity != "info"


def line_of(address: Address, record: Input, language: Language) -> Line | None:
    """The line of a record; None for a tombstone and for the mark of a replay."""
    if address.topic.endswith(DLQ):
        return None if replayed_offset(record.headers) is not None else _letter(address, record)
    if record.value is None:
        return None
    kind: Kind = "page" if address.topic == PAGES.name else "alert"
    found = (_PAGES if kind == "page" else _ALERTS).decode(record.value)
    line = Line(kind, address, record.timestamp, "", "", "unreadable", "", None)
    if isinstance(found, Malformed):
        return line._replace(said=f"{found.reason}: {found.detail}")
    return _page(line, found, language) if isinstance(found, Page) else _alert(line, found)


def _alert(line: Line, alert: Alert) -> Line:
    rang = "paged" if alert.paged else "no page"
    said = (
        f"{rang}: {alert.reason}; {alert.observed:.3g} {alert.unit}, expected {alert.expected:.3g}; "
        f"{alert.authors} authors; {', '.join(alert.detectors)}; incident {alert.incident_id}"
    )
    return line._replace(brand=alert.brand, severity=alert.severity, word=alert.event, said=said, record=alert)


def _page(line: Line, page: Page, language: Language) -> Line:
    return line._replace(
        brand=page.brand, severity=page.severity, word=page.action, said=said(page.title, language), record=page
    )


def _letter(address: Address, record: Input) -> Line:
    found = letter(address, record)
    unread = Line("letter", address, record.timestamp, "", "", "foreign", "no dead letter of ours", None)
    if found is None:
        return unread
    whole = {**msgspec.structs.asdict(found.rejected), "attempts": found.attempts}
    del whole["payload"]  # of strangers, and long: `tocsin dlq show` has it
    said = f"{found.origin}: {found.rejected.detail}"
    return unread._replace(word=found.rejected.reason, said=said, record=whole)
