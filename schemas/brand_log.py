"""What decides alerts for a brand, on ``social.brand-log.v1``: cumulative partials and progress in bundles."""

from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta, field

from schemas.drill import DrillId
from schemas.record import Millis, Offset, Partition, Record, Uid
from schemas.vocabulary import EvidenceReason, Language, Platform


class Counts(msgspec.Struct, array_like=True, gc=False):
    """Totals of on-time posts. All integers, so any order of addition gives the same sum."""

    posts: int = 0
    negatives: int = 0
    complaints: int = 0
    critical: int = 0  # complaints of severity 3
    severity: int = 0  # sum of severities 0..3
    polarity_milli: int = 0  # sum of polarity in thousandths
    reach: int = 0  # sum of the authors' followers

    def add(self, other: "Counts") -> None:
        """Add ``other`` field by field."""
        self.posts += other.posts
        self.negatives += other.negatives
        self.complaints += other.complaints
        self.critical += other.critical
        self.severity += other.severity
        self.polarity_milli += other.polarity_milli
        self.reach += other.reach


class Evidence(Record, frozen=True, kw_only=True):
    """A post quoted as it was written, addressed in the log, and why this one.

    ``fingerprint`` and ``repost_of`` are those of its ``Signal``. ``copies`` and ``accounts`` are filled in when an
    alert quotes it: other posts of the same text, at least, and the accounts behind all of them, estimated from 16 on.
    """

    post_uid: Uid
    partition: Partition
    offset: Offset
    at: Millis
    platform: Platform
    author_key: str
    lang: Language
    text: Annotated[str, Meta(max_length=500)]
    url: str = ""
    polarity: float
    severity: int
    reach: int
    why: EvidenceReason
    complaint: bool = True  # or otherwise negative
    fingerprint: int = 0
    repost_of: str = ""
    copies: int = 0
    accounts: int = 0
    influence: float = 0.0  # of the author when it was read


class Spoken(msgspec.Struct, array_like=True, gc=False):
    """What somebody influential said about a brand: a hash of the author, its lasting score there, and its posts."""

    author: int  # as ``pipeline.sketch.author_hash`` makes it
    score: float
    positives: int = 0
    negatives: int = 0
    complaints: int = 0


class Leader(Record, frozen=True, array_like=True):
    """Endorsements of an author for what it says about a brand, as ``Voice`` has them: those the lasting score needs.

    The sums are of a day and of an hour. ``author`` is a hash as in ``Spoken``.
    """

    brand: Uid
    author: int
    at: Millis
    every: tuple[float, float]
    trusted: tuple[float, float]


class Cluster(msgspec.Struct, array_like=True, gc=False):
    """Posts of one text: copies, near copies and reposts, counted from below.

    ``counts`` are posts, negatives, complaints and critical complaints, in the order of ``Measure``: those that were
    certainly of this text. Up to ``unseen`` more may have been forgotten before the text was followed. ``post`` shows
    the text: the earliest that is no repost, if there is one.
    """

    fingerprint: int
    first: int  # ms
    counts: list[int]
    reposts: int = 0
    unseen: int = 0
    authors: list[int] = []  # smallest hashes, at most ``pipeline.clusters.AUTHORS``
    post: Evidence | None = None


class Partial(Record, frozen=True, kw_only=True, array_like=True, omit_defaults=False):
    """Totals so far of one (brand, minute) in one posts partition: that with the highest offset counts, never a sum.

    ``counts`` are the on-time posts, ``late`` those which came after the partition's own watermark had passed the
    minute. ``facets`` split ``counts`` by ``<kind>:<value>``. ``authors`` (the smallest hashes of the authors of
    negative posts and complaints, at most ``pipeline.sketch.SIZE``), ``evidence`` and ``clusters`` (the texts that were
    posted most, at most ``pipeline.clusters.FOLLOWED``) are there once the minute ended. ``reporters``, always there,
    are such hashes of the authors of critical complaints, ``voices`` the most influential authors, at most
    ``pipeline.running.VOICES``. A post without an author is one person's.
    """

    brand: Uid
    minute: Millis  # start of the bucket
    counts: Counts
    late: int = 0
    facets: dict[str, Counts] = field(default_factory=dict)
    authors: tuple[int, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    reporters: tuple[int, ...] = ()
    voices: tuple[Spoken, ...] = ()


class Rehearsal(Record, frozen=True, kw_only=True):
    """What a drill's posts come to in one (brand, minute) of one posts partition. No real total holds them.

    ``pages`` says whether the drill rings people.
    """

    drill: DrillId
    pages: bool = True
    partial: Partial


class Progress(Record, frozen=True, kw_only=True):
    """How far one posts partition is: counters since it began, watermark, and how many partitions there are."""

    source: Partition
    sources: Annotated[int, Meta(ge=1)]
    offset: Offset  # last offset included
    watermark: int  # ms of event time: no on-time post before it will come; 0 before the first
    read: int = 0  # records but for voices
    ticks: int = 0
    rejected: int = 0
    unmatched: int = 0  # posts that name no watched brand
    duplicates: int = 0
    expired: int = 0  # posts older than the horizon: stored, in no partial
    withdrawn: int = 0  # deletes and the like


class Bundle(Record, frozen=True, kw_only=True, tag_field="type", tag="bundle"):
    """What one posts partition tells one brand-log partition, atomically.

    ``previous`` is the offset of the bundle this source sent before to the same partition (-1 for the first), so that a
    reader sees a hole. ``ended`` is that of the partition's newest tick, if nothing came after it: the feed is over.
    """

    VERSION: ClassVar[int] = 1

    bucket_ms: int
    previous: Offset
    progress: Progress
    ended: Millis | None = None
    partials: tuple[Partial, ...] = ()
    leaders: tuple[Leader, ...] = ()  # who has risen since the bundle before
    rehearsals: tuple[Rehearsal, ...] = ()  # of drills, likewise cumulative
