"""The life of one brand's incident: opened, updated, escalated, resolved; a pure step per closed minute."""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from pipeline.account import Account, measure_of
from pipeline.closing import Moment
from pipeline.detectors._base import Verdict
from pipeline.drivers import categories, excess, once_in
from pipeline.evidence import quoted
from pipeline.policy import PAGES, RANK, Facts, severity, why_page
from pipeline.sketch import Distinct
from pipeline.watchlist import Rules
from schemas.alert import Alert
from schemas.brand_log import Counts
from schemas.vocabulary import AlertEvent, Severity

GROWTH = 2.0  # an update goes out each time the complaints have grown by this factor
DRIVERS = 6


class Incident(msgspec.Struct):
    """An open incident. Counts, authors and evidence are since ``counted_from``."""

    incident_id: str
    started: int
    since: int
    counted_from: int
    active: int  # end of the last minute that was not calm
    heard: int  # end of the last minute with a post
    severity: Severity = "info"
    fired: dict[str, Verdict] = {}  # detector -> its strongest alarm
    counts: Counts = msgspec.field(default_factory=Counts)
    authors: tuple[int, ...] = ()
    complaints_by: dict[str, int] = {}
    missing: tuple[int, ...] = ()
    announced: bool = False
    told: int = 0  # complaints at the last event
    paged: Severity | None = None
    pages: int = 0
    account: Account = msgspec.field(default_factory=Account)


class Context(NamedTuple):
    """What a step may look at besides the incident."""

    brand: str
    at: int  # end of the closed minute, ms
    rules: Rules
    digest: str  # of the rules
    harmful: frozenset[str]  # detectors that measure harm
    missing: tuple[int, ...]


def identity(*parts: object) -> str:
    """A stable id from its causes."""
    return blake2b("\x1f".join(map(str, parts)).encode(), digest_size=12).hexdigest()


def distinct(hashes: Iterable[int]) -> int:
    """Estimated distinct authors behind the smallest hashes."""
    sketch = Distinct()
    sketch.merge(hashes)
    return sketch.estimate()


def open_incident(context: Context, alarms: Mapping[str, Verdict], history: Iterable[Moment]) -> Incident:
    """A new incident; ``history`` are the recent minutes, of which those of the evidence count."""
    since = min(verdict.since for verdict in alarms.values())
    incident = Incident(
        incident_id=identity("incident", context.brand, context.at, context.digest),
        started=context.at, since=since, counted_from=context.at, active=context.at, heard=context.at,
    )  # fmt: skip
    for moment in history:
        if moment.minute >= since:
            incident.counted_from = min(incident.counted_from, moment.minute)
            absorb(incident, moment)
    return incident


def absorb(incident: Incident, moment: Moment) -> None:
    """Add a minute to the incident's totals."""
    incident.counts.add(moment.counts)
    sketch = Distinct()
    sketch.merge(incident.authors)
    sketch.merge(moment.authors)
    incident.authors = sketch.smallest()
    for facet, complaints in moment.complaints_by.items():
        incident.complaints_by[facet] = incident.complaints_by.get(facet, 0) + complaints
    incident.account.add(moment)


def step(incident: Incident, context: Context, moment: Moment, verdicts: Mapping[str, Verdict]) -> Alert | None:
    """Let one closed minute act on an open incident whose totals hold it already; the event it makes, if any."""
    alarms = {name: verdict for name, verdict in verdicts.items() if verdict.score >= 1}
    restless = not all(verdicts[name].calm for name in context.harmful & verdicts.keys())
    if alarms or (restless and moment.counts.posts):  # silence is calm
        incident.active = context.at
    if moment.counts.posts:
        incident.heard = context.at
    incident.missing = context.missing
    ended = _ended(incident, context)
    if ended:
        return _alert(incident, context, "resolved", ended, paged=incident.pages > 0)
    joined = _fire(incident, alarms)
    before, facts = incident.severity, _facts(incident, context)
    incident.severity = max(before, severity(facts), key=RANK.__getitem__)
    why = why_page(incident.severity, incident.paged, facts, context.rules.min_authors)
    event = _event(incident, joined=joined, worse=RANK[incident.severity] > RANK[before] or why in PAGES)
    if event is None:
        return None
    if why in PAGES:
        incident.paged, incident.pages = incident.severity, incident.pages + 1
    incident.announced, incident.told = True, incident.counts.complaints
    return _alert(incident, context, event, why, paged=why in PAGES)


def _fire(incident: Incident, alarms: Mapping[str, Verdict]) -> bool:
    """Take the alarms in; whether one of them is of a detector that had not fired before."""
    joined = any(name not in incident.fired for name in alarms)
    for name, verdict in alarms.items():
        held = incident.fired.get(name)
        if held is None or verdict.strength > held.strength:
            incident.fired[name] = verdict
    return joined


def _event(incident: Incident, *, joined: bool, worse: bool) -> AlertEvent | None:
    if not incident.announced:
        return "opened"
    if worse:
        return "escalated"
    grown = incident.counts.complaints >= max(GROWTH * incident.told, incident.told + 1)
    return "updated" if joined or grown else None


def leading(incident: Incident, harmful: frozenset[str]) -> Verdict:
    """The alarm that tells the story: the strongest of harm, or the strongest of all where none measures harm."""
    names = sorted(harmful & incident.fired.keys()) or sorted(incident.fired)
    return max((incident.fired[name] for name in names), key=lambda verdict: verdict.strength)


def _facts(incident: Incident, context: Context) -> Facts:
    lead = leading(incident, context.harmful)
    return Facts(
        harmful=len(context.harmful & incident.fired.keys()),
        ratio=lead.observed / max(lead.expected, 1e-9),
        complaints=incident.counts.complaints,
        critical=incident.counts.critical,
        authors=distinct(incident.authors),
    )


def _ended(incident: Incident, context: Context) -> str:
    """Why the incident is over, or an empty string. Calm must last: hysteresis against flapping."""
    rules = context.rules
    if context.at - incident.active >= rules.quiet_s * 1000:
        return "quiet"
    if context.at - incident.heard >= rules.idle_s * 1000:
        return "idle"
    return "too_long" if context.at - incident.started >= rules.max_life_s * 1000 else ""


def _alert(incident: Incident, context: Context, event: AlertEvent, reason: str, *, paged: bool) -> Alert:
    lead, counts = leading(incident, context.harmful), incident.counts
    authors = distinct(incident.authors)
    complaints = max(counts.complaints, 1)
    drivers = sorted(incident.complaints_by.items(), key=lambda item: (-item[1], item[0]))[:DRIVERS]
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
        detectors=tuple(sorted(incident.fired)),
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
        once_in_s=once_in(lead.strength, context.rules.bucket_s),
        excess=excess(incident.account, counts, lead),
        categories=categories(incident.account),
    )
