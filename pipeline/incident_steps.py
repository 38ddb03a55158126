"""The life of an incident, minute by minute: opened, updated, escalated, recovering, resolved."""

from collections.abc import Mapping
from types import MappingProxyType

from pipeline.closing import Moment
from pipeline.detectors._base import Verdict
from pipeline.incident_alerts import alert_of
from pipeline.incidents import Context, FacetAlarm, Incident, facts, fire, matched
from pipeline.policy import PAGES, RANK, Standing, Why, severity, why_page
from pipeline.silences import hushing
from schemas.alert import Alert
from schemas.vocabulary import AlertEvent, EndReason

GROWTH = 2.0  # an update goes out each time the complaints have grown by this factor
RECOVERY = 2  # calm for this part of ``quiet_s`` is told

NOWHERE: Mapping[str, FacetAlarm] = MappingProxyType({})


def step(
    incident: Incident,
    context: Context,
    moment: Moment,
    verdicts: Mapping[str, Verdict],
    facets: Mapping[str, FacetAlarm] = NOWHERE,
) -> Alert | None:
    """Let one closed minute act on an open incident whose totals hold it already; the event it makes, if any."""
    alarms = {name: verdict for name, verdict in verdicts.items() if verdict.score >= 1}
    restless = not all(verdicts[name].calm for name in context.harmful & verdicts.keys())
    if alarms or facets or (restless and moment.counts.posts):  # silence is calm
        incident.active = context.at
    if moment.counts.posts:
        incident.heard = context.at
    incident.missing = context.missing
    ended = _ended(incident, context)
    if ended:
        return alert_of(incident, context, "resolved", ended, paged=incident.pages > 0)
    joined, turn = fire(incident, alarms, facets), _turn(incident, context)
    before = incident.severity
    incident.why = _judge(incident, context)
    rings = incident.why in PAGES
    event = _event(incident, joined=joined or bool(turn), worse=rings or RANK[incident.severity] > RANK[before])
    if event is None:
        return None
    if rings:
        _ring(incident, context)
    incident.announced, incident.told = True, incident.counts.complaints
    reason = turn if turn and event == "updated" and not joined else incident.why
    return alert_of(incident, context, event, reason, paged=rings)


def _judge(incident: Incident, context: Context) -> Why:
    """Its severity, and why it pages now or does not; a silence keeps back what would page."""
    known = facts(incident, context.harmful)
    incident.severity = max(incident.severity, severity(known), key=RANK.__getitem__)
    rules = context.rules
    wanted = why_page(incident.severity, known, _standing(incident, context), rules.min_authors, rules.ack_s)
    incident.silence = hushing(context.silences, matched(incident, context.harmful)) if context.silences else None
    if incident.silence is None or wanted not in PAGES:
        return wanted
    incident.owed = incident.owed or wanted != "unacknowledged"
    return "maintenance" if incident.silence.kind == "maintenance" else "silenced"


def _standing(incident: Incident, context: Context) -> Standing:
    answer = incident.acknowledged
    return Standing(
        paged=incident.paged,
        acknowledged=answer.severity if answer else None,
        reminders=incident.reminders,
        unanswered_ms=context.now - incident.paged_at,
        owed=incident.owed,
        calm=incident.recovering > 0,
    )


def _ring(incident: Incident, context: Context) -> None:
    incident.reminders = incident.reminders + 1 if incident.why == "unacknowledged" else 0
    incident.paged, incident.pages = incident.severity, incident.pages + 1
    incident.paged_at, incident.owed = context.now, False


def _turn(incident: Incident, context: Context) -> Why | None:
    """Whether calm has just lasted long enough to be told, or has just ended after it was."""
    lasting = context.at - incident.active >= context.rules.quiet_s * 1000 // RECOVERY
    if bool(incident.recovering) == lasting:
        return None
    incident.recovering = incident.active if lasting else 0
    return "recovering" if lasting else "relapsed"


def _event(incident: Incident, *, joined: bool, worse: bool) -> AlertEvent | None:
    if not incident.announced:
        return "opened"
    if worse:
        return "escalated"
    grown = incident.counts.complaints >= max(GROWTH * incident.told, incident.told + 1)
    return "updated" if joined or grown else None


def _ended(incident: Incident, context: Context) -> EndReason | None:
    """Why the incident is over, if it is. Calm must last: hysteresis against flapping."""
    rules = context.rules
    if incident.closing:
        return "resolved_by"
    if context.at - incident.active >= rules.quiet_s * 1000:
        return "quiet"
    if context.at - incident.heard >= rules.idle_s * 1000:
        return "idle"
    return "too_long" if context.at - incident.started >= rules.max_life_s * 1000 else None
