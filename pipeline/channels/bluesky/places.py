"""Where a record of Bluesky lives: at://did/collection/rkey, and when the platform saw it."""

from typing import NamedTuple

from pipeline.channels._base import named, named_or_hashed
from pipeline.channels._fields import NATIVE_ID, Fields
from schemas.vocabulary import TimeBasis

_AHEAD_MS = 300_000  # a client's clock further ahead of the platform's is wrong
_PARTS = 3


class Place(NamedTuple):
    """The address of a record; without a rkey it is not known."""

    did: str
    collection: str
    rkey: str
    seen_at: int | None  # ms UTC, by the platform's clock

    def native_id(self) -> str | None:
        """``did/collection/rkey``, as in the uri."""
        return f"{self.did}/{self.collection}/{self.rkey}" if self.rkey else None

    def uid(self, record: Fields) -> str:
        """The uid; that of a ``record`` without an address is a hash of what it says."""
        return named_or_hashed("bsky", self.native_id(), record)

    def moment(self, claimed: int | None, received_at: int) -> tuple[int, TimeBasis]:
        """When the record was made: as the client claims unless that is ahead of what the platform saw."""
        if claimed is not None and (self.seen_at is None or claimed <= self.seen_at + _AHEAD_MS):
            return claimed, "source"
        return (self.seen_at, "platform_receive") if self.seen_at is not None else (received_at, "collected")


def uid_of(uri: str) -> str:
    """The uid of a record elsewhere, by its at:// uri."""
    return named("bsky", uri.removeprefix("at://"))


def from_uri(uri: str | None, collection: str, seen_at: int | None) -> Place:
    """The place that an at:// uri names; one without an address if it names none."""
    parts = (uri or "").removeprefix("at://").split("/")
    if len(parts) == _PARTS and all(0 < len(part) <= NATIVE_ID for part in parts) and (uri or "").startswith("at://"):
        return Place(parts[0], parts[1], parts[2], seen_at)
    return Place("", collection, "", seen_at)
