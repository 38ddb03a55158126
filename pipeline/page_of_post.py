"""A page about a single post that does not wait for an incident, for those whose routing asks for it."""

from hashlib import blake2b

from pipeline.page_text import page
from schemas.alert import Alert, Page
from schemas.finding import AT_ONCE, Finding

CRITICAL_POST = AT_ONCE[0]
STALE_MS = 600_000  # what is older is no news: the incident, if there is one, has rung


def page_of_post(finding: Finding) -> Page | None:
    """The page of a finding about a single post, the same each time; None if the finding is none."""
    if finding.detector not in AT_ONCE:
        return None
    critical = finding.detector == CRITICAL_POST
    alert = Alert(
        alert_id=finding.finding_id,
        incident_id=blake2b(f"post\x1f{finding.finding_id}".encode(), digest_size=12).hexdigest(),
        event="opened",
        reason=finding.detector,
        brand=finding.brand,
        at=finding.at,
        started=finding.at,
        since=finding.since,
        severity="critical" if critical else "error",
        detectors=(finding.detector,),
        observed=finding.observed,
        expected=finding.expected,
        unit=finding.unit,
        strength=0.0,
        counted_from=finding.since,
        posts=1,
        negatives=1,
        complaints=1,
        critical=int(critical),
        authors=1,
        suspected_flood=False,
        paged=True,
        evidence=finding.evidence,
        rules=finding.rules,
    )
    return page(alert, 1)
