"""How bad an incident is, and whether it pages: pure decisions with a named reason."""

from typing import Literal, NamedTuple

from schemas.vocabulary import Severity

RANK: dict[Severity, int] = {"info": 0, "warning": 1, "error": 2, "critical": 3}

CRITICAL_POSTS = 3  # injuries, dangers, frauds that make an incident critical...
CRITICAL_SHARE = 0.05  # ...if they are at least this share of its complaints
CRITICAL_RATIO = 20.0  # observed against expected
ERROR_RATIO = 5.0

PageReason = Literal["first", "escalated", "attention_only", "too_few_authors", "already_paged"]
PAGES: frozenset[PageReason] = frozenset({"first", "escalated"})


class Facts(NamedTuple):
    """What severity and paging depend on."""

    harmful: int  # detectors of harm that fired in this incident
    ratio: float  # observed / expected of the strongest of them
    complaints: int
    critical: int  # complaints of severity 3
    authors: int  # distinct authors of negative posts and complaints


def severity(facts: Facts) -> Severity:
    """Much talk alone is information; harm starts at warning."""
    if not facts.harmful:
        return "info"
    if facts.critical >= max(CRITICAL_POSTS, CRITICAL_SHARE * facts.complaints) or facts.ratio >= CRITICAL_RATIO:
        return "critical"
    return "error" if facts.ratio >= ERROR_RATIO or facts.harmful > 1 else "warning"


def why_page(now: Severity, paged: Severity | None, facts: Facts, min_authors: int) -> PageReason:
    """Why this incident pages now, or why it does not. One page per episode, and one more when it gets worse."""
    if now == "info":
        return "attention_only"
    if facts.authors < min_authors:
        return "too_few_authors"
    if paged is None:
        return "first"
    return "escalated" if RANK[now] > RANK[paged] else "already_paged"
