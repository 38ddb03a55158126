"""What people do to posts and accounts (``social.interactions.v1``), and what must be forgotten (tombstones)."""

from typing import Annotated, Any, ClassVar

from msgspec import Meta, field

from schemas.author import Author
from schemas.post_parts import Source
from schemas.record import Count, Millis, Name, Record, Uid
from schemas.vocabulary import (
    Channel,
    InteractionBasis,
    InteractionOp,
    InteractionType,
    Platform,
    TargetKind,
    TimeBasis,
    TombstoneOp,
    TombstoneReason,
)
from schemas.withdrawal import Subject


class Interaction(Record, frozen=True, kw_only=True):
    """One like, repost, follow, view or call; ``count`` > 1 in aggregates.

    Keyed by the actor's author_key, else target_author_key. ``op=delete`` takes one back.
    ``basis=snapshot_delta`` is the difference of two metrics snapshots.
    """

    VERSION: ClassVar[int] = 1

    schema_version: Annotated[int, Meta(ge=1, le=1)] = 1
    op: InteractionOp = "create"
    interaction_uid: Uid
    type: InteractionType
    reaction: Name | None = None
    value: float | None = None
    count: Annotated[int, Meta(ge=1, le=2**63 - 1)] = 1
    basis: InteractionBasis = "event"
    actor: Author | None = None  # null when only counts are known
    target_uid: Uid | None = None
    target_author_key: Uid | None = None
    target_kind: TargetKind = "post"
    result_uid: Uid | None = None  # the reply or quote that was made
    campaign_id: Name | None = None
    brand: Name | None = None
    order_ref: Name | None = None  # hashed
    platform: Platform
    channel: Channel
    source: Source | None = None
    event_time: Millis
    event_time_basis: TimeBasis = "source"
    collected_at: Millis | None = None
    revision: Count = 0
    raw_sha256: Name | None = None
    extra: dict[str, Any] = field(default_factory=dict)


class Tombstone(Record, frozen=True, kw_only=True):
    """Forget a post or an author. Keyed by ``subject``: ``post:<uid>`` or ``author:<author_key>``.

    ``extra`` may name the account natively, as in the other records.
    """

    VERSION: ClassVar[int] = 1

    schema_version: Annotated[int, Meta(ge=1, le=1)] = 1
    subject: Subject
    op: TombstoneOp
    countries: Annotated[tuple[Name, ...], Meta(max_length=256)] = ()
    effective_at: Millis
    until: Millis | None = None  # end of the undo window, where the platform has one
    reason: TombstoneReason
    request_id: Name | None = None
    platform: Platform | None = None
    collected_at: Millis | None = None
    extra: dict[str, Any] = field(default_factory=dict)
