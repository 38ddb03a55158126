"""What watch puts on its output topics: findings and closed minutes as records."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import msgspec

from pipeline.closing import Moment, OpenMinutes
from pipeline.detectors._base import Verdict
from pipeline.incidents import Context, identity
from pipeline.page_text import page
from pipeline.series import HARMFUL, Closed
from pipeline.watchlist import Rules
from schemas.alert import Alert, Page
from schemas.decision import Decision
from schemas.finding import Finding
from schemas.minute import Minute
from schemas.topics import ALERTS, DECISIONS, FINDINGS, MINUTES, PAGES, Topic

Decided = Finding | Minute | Alert | Page | Decision
TOPIC_OF: Mapping[type[msgspec.Struct], Topic] = MappingProxyType(
    {Finding: FINDINGS, Minute: MINUTES, Alert: ALERTS, Page: PAGES, Decision: DECISIONS}
)


def decided(context: Context, moment: Moment, closed: Closed, bucket_ms: int) -> Iterator[Decided]:
    """All that a closed minute of a brand puts on the topics.

    A minute in which nothing was posted is a record only while an incident is open or has just ended.
    """
    yield from findings(context, closed)
    if moment.counts.posts or closed.incident or closed.alert:
        yield minute_record(context, moment, closed.verdicts, bucket_ms)
    if closed.alert is not None:
        yield closed.alert
        if closed.alert.paged or closed.alert.event == "acknowledged":
            yield page(closed.alert, number=closed.incident.pages if closed.incident else 0)
    yield from closed.decisions


def findings(context: Context, closed: Closed) -> Iterator[Finding]:
    """A finding for every detector that alarms, of the brand and of its parts."""
    alarms = [("", name, verdict) for name, verdict in closed.verdicts.items() if verdict.score >= 1]
    alarms += [(facet, alarm.detector, alarm.verdict) for facet, alarm in closed.facets.items()]
    for facet, name, verdict in alarms:
        yield Finding(
            finding_id=identity("finding", name, context.brand, facet, context.at, context.digest),
            detector=name,
            brand=context.brand,
            at=context.at,
            score=verdict.score,
            threshold=1.0,
            observed=verdict.observed,
            expected=verdict.expected,
            unit=verdict.unit,
            since=verdict.since,
            rules=context.digest,
            facet=facet,
        )


def corrected(minutes: Iterable[int], held: OpenMinutes, rules: Rules, digest: str) -> Iterator[Minute]:
    """Closed minutes told again, now that all their sources are back."""
    bucket_ms = rules.bucket_s * 1000
    for minute in minutes:
        for brand in sorted(held.brands(minute)):
            context = Context(brand, minute + bucket_ms, rules, digest, HARMFUL, ())
            yield minute_record(context, held.moment(minute, brand), {}, bucket_ms, revision=2)


def minute_record(
    context: Context, moment: Moment, verdicts: Mapping[str, Verdict], bucket_ms: int, *, revision: int = 1
) -> Minute:
    """The closed minute. Revision 2 corrects the totals only: detectors saw the minute once."""
    counts = moment.counts
    return Minute(
        brand=context.brand,
        minute=moment.minute,
        bucket_ms=bucket_ms,
        revision=revision,
        missing=context.missing,
        posts=counts.posts,
        negatives=counts.negatives,
        complaints=counts.complaints,
        critical=counts.critical,
        severity=counts.severity,
        polarity_milli=counts.polarity_milli,
        reach=counts.reach,
        authors=moment.distinct,
        scores={name: round(verdict.score, 6) for name, verdict in verdicts.items()},
        observed={name: round(verdict.observed, 6) for name, verdict in verdicts.items()},
        expected={name: round(verdict.expected, 6) for name, verdict in verdicts.items()},
    )
