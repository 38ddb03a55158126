"""The life of an incident on ``social.alerts.v1``, and the pages it causes on ``social.pages.v1``."""

from typing import ClassVar

from msgspec import field

from schemas.brand_log import Evidence
from schemas.record import Count, Millis, Name, Record, Score, Uid
from schemas.vocabulary import AlertEvent, DeliveryStatus, Measure, PageAction, Severity


class Driver(Record, frozen=True, kw_only=True, omit_defaults=False):
    """What an excess comes from. ``share`` is the part of the excess that would not be there without it.

    ``facet`` is ``<kind>:<value>``; of kind ``text`` the value is a fingerprint in hexadecimal digits, and copies and
    reposts are counted from below: ``share`` and ``count`` are at least so large. ``usual`` is the part of the total
    that the facet has in quiet times; unknown is null.
    """

    facet: Name
    share: Score
    usual: Score | None = None
    count: int  # of the measure
    reposts: int = 0
    accounts: int = 0
    first: Millis | None = None  # when the text was seen first


class Excess(Record, frozen=True, kw_only=True, omit_defaults=False):
    """What was counted since ``counted_from`` against what was to be expected, and what makes the difference."""

    measure: Measure
    counted: int
    expected: float
    drivers: tuple[Driver, ...] = ()  # the most telling first


class Alert(Record, frozen=True, kw_only=True, omit_defaults=False):
    """One event in the life of an incident. Ids are hashes of their causes: a replayed alert is the same alert.

    ``strength`` is the natural log of the evidence against "nothing is going on". ``suspected_flood``: too few distinct
    authors to wake anybody.
    """

    VERSION: ClassVar[int] = 1

    alert_id: Uid
    incident_id: Uid
    event: AlertEvent
    reason: Name  # why this event: "complaint_volume", "quiet", "idle", "too_long"...
    brand: Uid
    at: Millis  # event time, end of the deciding minute
    started: Millis  # when the incident opened
    since: Millis  # when the evidence began
    severity: Severity
    detectors: tuple[Name, ...]
    observed: float
    expected: float
    unit: Name
    strength: float
    counted_from: Millis  # the counts below begin here: at ``since``, or an hour before opening if that is later
    posts: int
    negatives: int
    complaints: int
    critical: int
    authors: int  # distinct, estimated above the sketch size
    crowd: int = 0  # distinct authors of the last day, where the evidence weighs more than half of one
    suspected_flood: bool
    suspected: float = 0.0  # share of the leading level that comes from accounts that seem to be run in bulk
    severity_without: Severity = "info"  # what it would be without them
    missing: tuple[int, ...] = ()
    paged: bool  # this event rang, or ended what had rung; pagers hear of an acknowledgement without ringing
    evidence: tuple[Evidence, ...] = ()
    drivers: dict[str, float] = field(default_factory=dict)  # facet -> share of the incident's complaints
    rules: Name
    facets: tuple[Name, ...] = ()  # parts of the brand over a threshold of their own, such as "product:charger"
    acknowledged_by: Name = ""
    resolved_by: Name = ""
    silenced_by: Name = ""  # whose silence or maintenance keeps it from paging, until ``silenced_until``
    silenced_until: Millis | None = None
    recovering_since: Millis | None = None  # calm has lasted since then
    once_in_s: int = 0  # by chance this brand would ring once in so many seconds, or more rarely; 0: unknown
    excess: Excess | None = None
    categories: dict[str, float] = field(default_factory=dict)  # category -> share of the incident's complaints
    quoted: Count = 0  # posts that the incident has quoted so far
    withdrawn: Count = 0  # of these, the ones that were withdrawn since: they are not in ``evidence``
    leaders: int = 0  # so many of the ``leaders_of`` most influential voices on this brand speak against it
    leaders_of: int = 0


class Page(Record, frozen=True, kw_only=True, omit_defaults=False):
    """What a responder gets. ``dedup_key`` is the incident: all pages of one episode are one to the pager."""

    VERSION: ClassVar[int] = 1

    page_id: Uid
    dedup_key: Uid
    action: PageAction
    brand: Uid
    at: Millis
    severity: Severity
    title: dict[str, str]  # language -> one line; "en", "zh" (simplified) and, in newer ones, "zh-Hant"
    body: dict[str, str]  # language -> several lines
    alert: Alert


class Delivery(Record, frozen=True, kw_only=True, tag_field="type", tag="delivery", omit_defaults=False):
    """What became of one page at one target; goes back onto the brand log. Times are the sender's clock.

    ``requested_at`` is when the page was due there, ``finished_at`` when the last of the ``attempts`` ended. While it
    is tried again (``retrying``) it is told now and then; ``step`` counts escalations of the ``route`` from 0.
    """

    VERSION: ClassVar[int] = 1

    page_id: Uid
    dedup_key: Uid
    brand: Uid
    target: Name
    status: DeliveryStatus
    attempts: int
    requested_at: Millis
    finished_at: Millis
    detail: Name = ""
    route: Name = ""
    step: int = 0
