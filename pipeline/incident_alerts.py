"""An event in the life of an incident as a record."""

from typing import Any

from pipeline.account import measure_of
from pipeline.discount import discount
from pipeline.drivers import categories, excess, once_in
from pipeline.evidence import quoted
from pipeline.incidents import Context, Incident, distinct, facts, identity, leading, people
from schemas.alert import Alert
from schemas.brand_log import Evidence
from schemas.vocabulary import AlertEvent

DRIVERS = 6


def alert_of(incident: Incident, context: Context, event: AlertEvent, reason: str, *, paged: bool) -> Alert:
    """The incident as it is now; it remembers what it quotes."""
    (_, lead), counts = leading(incident, context.harmful), incident.counts
    less = discount(incident, lead, facts(incident, context.harmful))
    calm = incident.active if reason == "quiet" else incident.recovering
    return Alert(
        alert_id=identity(incident.incident_id, event, context.at),
        incident_id=incident.incident_id,
        event=event,
        reason=reason,
        brand=context.brand,
        at=context.at,
        started=incident.started,
        since=incident.since,
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
        authors=distinct(incident.authors),
        crowd=incident.crowd,
        suspected_flood=people(incident) < context.rules.min_authors and incident.severity != "info",
        suspected=less.share,
        severity_without=less.severity,
        missing=incident.missing,
        paged=paged,
        evidence=_quotes(incident, lead.unit),
        drivers=_drivers(incident),
        rules=context.digest,
        facets=tuple(sorted(incident.facets)),
        **_answers(incident),
        recovering_since=calm or None,
        once_in_s=once_in(lead.strength, context.rules.bucket_s),
        excess=excess(incident.account, counts, lead),
        categories=categories(incident.account),
        quoted=incident.shown.total,
        withdrawn=incident.shown.withdrawn,
    )


def _answers(incident: Incident) -> dict[str, Any]:
    """Who took it, ended it, or keeps it silent."""
    hushed = incident.silence
    return {
        "acknowledged_by": incident.acknowledged.by if incident.acknowledged else "",
        "resolved_by": incident.closing.by if incident.closing else "",
        "silenced_by": hushed.by if hushed else "",
        "silenced_until": hushed.until if hushed else None,
    }


def _drivers(incident: Incident) -> dict[str, float]:
    complaints = max(incident.counts.complaints, 1)
    drivers = sorted(incident.complaints_by.items(), key=lambda item: (-item[1], item[0]))[:DRIVERS]
    return {facet: round(count / complaints, 4) for facet, count in drivers}


def _quotes(incident: Incident, unit: str) -> tuple[Evidence, ...]:
    """What it quotes now, and remembers to have quoted."""
    quotes = quoted(incident.account.posts, incident.account.clusters, measure_of(unit))
    incident.shown.add(quotes)
    return quotes
