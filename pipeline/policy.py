"""How bad an incident is, and whether it pages: pure decisions with a named reason."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, get_args

from schemas.vocabulary import PageReason, QuietReason, Severity

RANK: dict[Severity, int] = {"info": 0, "warning": 1, "error": 2, "critical": 3}

CRITICAL_POSTS = 3  # injuries, dangers, frauds that make an incident critical...
CRITICAL_SHARE = 0.05  # ...if they are at least this share of its complaints
CRITICAL_RATIO = 20.0  # observed against expected
ERROR_RATIO = 5.0
REMINDERS: Mapping[Severity, int] = MappingProxyType({"info": 0, "warning": 1, "error": 2, "critical": 3})

Why = PageReason | QuietReason
PAGES = frozenset(get_args(PageReason))


class Facts(NamedTuple):
    """What severity and paging depend on."""

    harmful: int  # detectors of harm that fired in this incident
    ratio: float  # observed / expected of the strongest of them
    complaints: int
    critical: int  # complaints of severity 3
    authors: int  # distinct authors of negative posts and complaints
    part_only: bool = False  # only parts of the brand alarmed


class Standing(NamedTuple):
    """What responders have been told of an incident, and what they answered."""

    paged: Severity | None = None  # severity of the last page
    acknowledged: Severity | None = None  # severity that somebody has acknowledged
    reminders: int = 0  # pages since then for want of an answer
    unanswered_ms: int = 0  # append time since the last page
    owed: bool = False  # a silence has kept a page back
    calm: bool = False  # back to baseline for long enough to say so


def severity(facts: Facts) -> Severity:
    """Much talk alone is information; harm starts at warning."""
    if not facts.harmful:
        return "info"
    if facts.critical >= max(CRITICAL_POSTS, CRITICAL_SHARE * facts.complaints) or facts.ratio >= CRITICAL_RATIO:
        return "critical"
    return "error" if facts.ratio >= ERROR_RATIO or facts.harmful > 1 else "warning"


def why_page(now: Severity, facts: Facts, standing: Standing, min_authors: int, ack_s: int) -> Why:
    """Why this incident would page now, or why not, silences apart.

    One page per episode, one more each time it gets worse, and ``REMINDERS`` while nobody answers. Who acknowledged is
    not asked again before it gets worse.
    """
    if now == "info":
        return "facet_only" if facts.part_only else "attention_only"
    if facts.authors < min_authors:
        return "too_few_authors"
    if standing.acknowledged and RANK[now] <= RANK[standing.acknowledged]:
        return "acknowledged"
    if standing.paged and RANK[now] <= RANK[standing.paged]:
        return "unacknowledged" if _overdue(standing.paged, standing, ack_s) else "already_paged"
    if standing.owed:
        return "recovering" if standing.calm else "silence_ended"
    return "escalated" if standing.paged else "first"


def _overdue(paged: Severity, standing: Standing, ack_s: int) -> bool:
    """Whether an answer should have come by now, and asking again is still worth it."""
    late = bool(ack_s) and standing.unanswered_ms >= ack_s * 1000
    return late and not standing.calm and standing.reminders < REMINDERS[paged]
