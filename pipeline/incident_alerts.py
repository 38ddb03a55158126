"""An event in the life of an incident as a record."""

from pipeline.account import measure_of
from pipeline.drivers import categories, excess, once_in
from pipeline.evidence import quoted
from pipeline.incidents import Context, Incident, distinct, identity, leading
from schemas.alert import Alert
from schemas.vocabulary import AlertEvent

DRIVERS = 6


def alert_of(incident: Incident, context: Context, event: AlertEvent, reason: str, *, paged: bool) -> Alert:
    """The incident as it is now."""
    (_, lead), counts = leading(incident, context.harmful), incident.counts
    authors, hushed = distinct(incident.authors), incident.silence
    complaints = max(counts.complaints, 1)
    drivers = sorted(incident.complaints_by.items(), key=lambda item: (-item[1], item[0]))[:DRIVERS]
    calm = incident.active if reason == "quiet" else incident.recovering
    return Alert(
        alert_id=identity(incident.incident_id, event, context.at),
        incident_id=incident.incident_id,
        event=event,
        reason=reason,
        brand=context.brand,
        at=context.at,
        started=incident.started, since=incident.since,
        severity=incident.severity,
        detectors=tuple(sorted(incident.fired.keys() or {alarm.detector for alarm in incident.facets.values()})),
        observed=lead.observed,
        expected=lead.expected,
        unit=lead.unit,
        strength=lead.strength,
        counted_from=incident.counted_from,
        posts=counts.posts,
        negatives=counts.negatives,
        complaints=counts.complaints,
        critical=counts.critical,
        authors=authors,
        suspected_flood=authors < context.rules.min_authors and incident.severity != "info",
        missing=incident.missing,
        paged=paged,
        evidence=quoted(incident.account.posts, incident.account.clusters, measure_of(lead.unit)),
        drivers={facet: round(count / complaints, 4) for facet, count in drivers},
        rules=context.digest,
        facets=tuple(sorted(incident.facets)),
        acknowledged_by=incident.acknowledged.by if incident.acknowledged else "",
        resolved_by=incident.closing.by if incident.closing else "",
        silenced_by=hushed.by if hushed else "",
        silenced_until=hushed.until if hushed else None,
        recovering_since=calm or None,
        once_in_s=once_in(lead.strength, context.rules.bucket_s),
        excess=excess(incident.account, counts, lead),
        categories=categories(incident.account),
        leaders=incident.leaders[0], leaders_of=incident.leaders[1],
    )  # fmt: skip
