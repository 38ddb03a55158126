"""An outbox without Kafka: what was written, in order, and a ledger that can be read again from it."""

from pathlib import Path

from msgspec import structs

from pipeline.dispatch.ledger import Ledger, Parcel, letter_key, mark_key
from pipeline.dispatch.planning import plan
from pipeline.dispatch.settling import Said, settled
from pipeline.page_text import page
from pipeline.routing.entries import Routing
from schemas.alert import Alert, Page
from schemas.codec import Decoder
from schemas.dispatch import Letter, Mark
from schemas.vocabulary import PageAction, Severity

CHARGER = Path(__file__).parents[1] / "golden" / "alerts" / "charger.json"
START = 1_795_312_500_000  # Sunday, 2026-11-22, 01:55 UTC
MINUTE = 60_000
DELIVERED, BUSY, REFUSED = Said("delivered", "HTTP 200"), Said("busy", "HTTP 503", 30.0), Said("refused", "HTTP 400")


def made(
    number: int, action: PageAction = "trigger", incident: str = "i", severity: Severity = "critical",
    brand: str = "acme",
) -> Page:  # fmt: skip
    """The ``number``-th page of an incident."""
    alert = Decoder[Alert](Alert).decode(CHARGER.read_bytes())

    assert isinstance(alert, Alert)
    return structs.replace(
        page(alert, 1), dedup_key=incident, page_id=f"{incident}-{number}", action=action, severity=severity,
        brand=brand,
    )  # fmt: skip


class Outbox:
    """A ledger, its topic and a clock."""

    def __init__(self, routing: Routing) -> None:
        self.routing, self.ledger, self.now = routing, Ledger(), START
        self.topic: dict[bytes, Letter | Mark] = {}  # the last record of each key
        self.offset = 0

    def keep(self, record: Letter | Mark) -> None:
        """Write a record and take it in."""
        letter = isinstance(record, Letter)
        self.topic[letter_key(record.page.page_id) if letter else mark_key(record.page_id, record.target)] = record
        self.ledger.take(record)

    def bring(self, brought: Page, offset: int | None = None) -> list[Letter | Mark]:
        """A page arrives; the next one of its topic unless ``offset`` says."""
        self.offset += 1
        records = plan(self.ledger, self.routing, brought, self.offset if offset is None else offset, self.now)
        for record in records:
            self.keep(record)
        return records

    def crash(self) -> None:
        """What was written is all that is left."""
        self.ledger = Ledger()
        for record in self.topic.values():
            self.ledger.take(record)

    def due(self) -> list[Parcel]:
        """What can be handed over now."""
        return self.ledger.due(self.now, ())

    def told(self) -> list[tuple[str, str]]:
        """Target and page of what can be handed over now."""
        return sorted((parcel.target, parcel.page.page_id) for parcel in self.due())

    def settle(self, said: Said, target: str = "") -> list[str]:
        """All that is due (at ``target``) ends so; the pages of it."""
        parcels = [parcel for parcel in self.due() if target in ("", parcel.target)]
        for parcel in parcels:
            for way in parcel.ways:
                self.keep(settled(way, said, self.now))
        return [parcel.page.page_id for parcel in parcels]
