"""Endorsements on their way from the actor's partition to the author's, and what comes back: standings and voices."""

from typing import Annotated, ClassVar

from msgspec import Meta

from schemas.record import Count, Millis, Name, Offset, Partition, Record, Uid

Pseudonym = Annotated[int, Meta(ge=0, description="64 bits of an account's pseudonym")]
Seconds = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Share = Annotated[float, Meta(ge=0, le=1)]


class Endorsements(Record, frozen=True, kw_only=True):
    """A block of endorsements from one partition of interactions, as columns of equal length.

    ``offsets`` grow within a source, over blocks too: whoever reads skips what is not above the last it has applied, so
    that a block sent again counts once. ``gaps`` are the seconds since the same actor last endorsed the same author in
    the same kind (2^32 - 1: never), ``weights`` those of the kind after the discount for much activity, ``trusts`` how
    far the actor is trusted. ``posts`` tell the last posts of one author apart; ``brands`` are "" where none is known.
    ``roots`` are what was reposted: the post's uid, or the author's key where it is not named; "" for other kinds.
    ``kinds`` are places in ``ENDORSING`` of the vocabulary, from 1 on; none at all in blocks of an older endorse.
    """

    VERSION: ClassVar[int] = 1

    source: Partition
    offsets: tuple[Offset, ...]
    at: tuple[Seconds, ...]
    actors: tuple[Pseudonym, ...]
    authors: tuple[Uid, ...]
    brands: tuple[Name, ...]
    posts: tuple[Annotated[int, Meta(ge=0, le=65_535)], ...]
    gaps: tuple[Seconds, ...]
    weights: tuple[Share, ...]
    trusts: tuple[Share, ...]
    roots: tuple[Annotated[str, Meta(max_length=256)], ...] = ()
    kinds: tuple[Annotated[int, Meta(ge=0, le=255)], ...] = ()


class Subjects(Record, frozen=True, kw_only=True, tag_field="type", tag="subjects"):
    """A block of what posts are about, as columns of equal length: their brands, and the category of a complaint.

    Listen appends it to the partition of ``social.endorsements.v1`` that has its authors, so that an endorsement of a
    post counts for the brands that the post names. ``posts`` are as in ``Endorsements``. Said twice, it means the same.
    """

    at: tuple[Seconds, ...]
    authors: tuple[Uid, ...]
    posts: tuple[Annotated[int, Meta(ge=0, le=65_535)], ...]
    brands: tuple[tuple[Name, ...], ...]
    topics: tuple[Name, ...]  # "" for a post that is no complaint


class Voice(Record, frozen=True, kw_only=True, tag_field="type", tag="voice"):
    """What an author's endorsements amount to at ``at``, of all that it says or of what it says about a brand.

    The influence stage appends it to the author's own partition of ``social.posts.v1``, so that the influence which a
    post is read with is a function of that log alone. ``every`` and ``trusted`` are those of ``InfluenceScore``.
    """

    author_key: Uid
    brand: Name = ""
    at: Millis
    every: tuple[float, float, float]
    trusted: tuple[float, float, float]


class Standing(Record, frozen=True, kw_only=True, tag_field="type", tag="standing"):
    """How far known accounts endorse this one: the trusted part of its sum of a day at ``at``.

    The influence stage appends it to the account's own partition of ``social.interactions.v1``, so that what an actor
    is trusted with is a function of that log alone.
    """

    author_key: Uid
    at: Millis
    trusted: Annotated[float, Meta(ge=0)]


class Reason(Record, frozen=True, kw_only=True):
    """One of the last endorsements that added to a score, and by how much it raised the sum of a day.

    ``kind`` is the type of the interaction, "" where it is not known.
    """

    actor: Annotated[str, Meta(pattern="^[0-9a-f]{16}$", description="first half of the account's pseudonym")]
    at: Millis
    added: float
    kind: Name = ""


class InfluenceScore(Record, frozen=True, kw_only=True):
    """What an author's endorsements amount to at ``at``; told when it rises, it fades on its own.

    ``brand`` is "" for all that the author says, ``topic``, the category of a complaint, "" for all about a brand.
    ``every`` and ``trusted`` are the sums with half-lives of 24 hours, 6 hours and 1 hour, of all endorsements and of
    those by trusted accounts, from which the score follows at any later time. ``partition`` and ``offset`` are those of
    the endorsements it was made of.
    """

    VERSION: ClassVar[int] = 1

    author_key: Uid
    brand: Name = ""
    topic: Name = ""
    at: Millis
    lasting: float
    spreading: float
    h: Count
    every: tuple[float, float, float]
    trusted: tuple[float, float, float]
    reasons: Annotated[tuple[Reason, ...], Meta(max_length=3)] = ()
    partition: Partition
    offset: Offset
