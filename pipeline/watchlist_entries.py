"""What a watch list holds: brands with their names, and the rules for ringing the bell."""

from hashlib import sha256
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from schemas.record import Millis

Bucket = Annotated[int, Meta(ge=10, le=300)]
Seconds = Annotated[int, Meta(ge=0, le=3_600)]
Span = Annotated[int, Meta(ge=10, le=30 * 86_400)]


class Facet(msgspec.Struct, frozen=True, kw_only=True):
    """A product or region of a brand; any of ``aliases`` in a post means it."""

    id: str
    name: str
    aliases: tuple[str, ...]


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign of a brand. From ``starts`` until before ``ends`` more posts are expected; matching ignores both."""

    id: str
    name: str
    aliases: tuple[str, ...]
    starts: Millis | None = None
    ends: Millis | None = None


class Overrides(msgspec.Struct, frozen=True, kw_only=True):
    """Words of danger for one brand: those of ``add`` count as danger in its posts, those of ``ignore`` do not count.

    A word at whose end there is a "*" takes any ending.
    """

    add: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


class Brand(msgspec.Struct, frozen=True, kw_only=True):
    """A brand. Its aliases and those of its products and campaigns mean it, those of its regions do not."""

    id: str
    name: str
    aliases: tuple[str, ...]
    timezone: str = "UTC"  # IANA name
    products: tuple[Facet, ...] = ()
    regions: tuple[Facet, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    safety: Overrides | UnsetType = UNSET  # unset is not encoded: the digest of a list that says nothing is the same


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """When to ring. Names ending in ``_s`` are seconds of event time, or of append time where it says so."""

    bucket_s: Bucket = 60  # length of a "minute"; divides the five minutes in which detectors learn
    lateness_s: Seconds = 30  # how far behind the newest post one may be and still be on time
    horizon_s: Span = 1_800  # older posts are stored but decide nothing
    patience_s: Seconds = 60  # of append time that minutes wait for a partition overdue with its word
    pages_per_week: Annotated[float, Meta(gt=0, le=10_000)] = 1.0  # false pages accepted, all brands together
    min_authors: Annotated[int, Meta(ge=1, le=1_000_000)] = 8  # fewer distinct authors wake nobody
    quiet_s: Span = 3_600  # calm before an incident resolves
    idle_s: Span = 21_600  # an incident without news this long resolves
    max_life_s: Span = 604_800  # no incident lives longer
    ack_s: Annotated[int, Meta(ge=0, le=86_400)] = 900  # of append time until an unanswered page rings again; 0: never


class WatchList(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an operator configures."""

    brands: tuple[Brand, ...]
    rules: Rules = Rules()

    def overrides(self) -> dict[str, Overrides]:
        """What brands say about words of danger, by their ids; brands that say nothing are left out."""
        return {brand.id: brand.safety for brand in self.brands if isinstance(brand.safety, Overrides)}

    def digest(self) -> str:
        """12 hex digits that change with the meaning of the file: not with comments, layout or spelt-out defaults."""
        return sha256(msgspec.json.encode(self)).hexdigest()[:12]
