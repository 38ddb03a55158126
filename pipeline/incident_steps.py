"""The life of an incident, minute by minute: opened, updated, escalated, recovering, resolved."""

from collections.abc import Mapping
from types import MappingProxyType

from pipeline.closing import Moment
from pipeline.detectors._base import Verdict
from pipeline.incident_alerts import alert_of
from pipeline.incidents import WITHDRAWN, Context, FacetAlarm, Incident, facts, fire, matched
from pipeline.policy import PAGES, RANK, Standing, Why, severity, why_page
from pipeline.silences import hushing
from schemas.alert import Alert
from schemas.vocabulary import AlertEvent, EndReason

GROWTH = 2.0  # an update goes out each time the complaints have grown by this factor
RECOVERY = 2  # calm for this part of ``quiet_s`` is told
RELAPSE = 4  # after that, unrest for this part of ``quiet_s`` without a calm minute is one; an alarm is at once
TURNS = 2  # recovered and relapsed: told once each while it gets no worse, or a slow incident tells it all day

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
    alarmed = bool(alarms or facets)
    _stir(incident, context, moment, verdicts, alarmed=alarmed)
    if moment.counts.posts:
        incident.heard = context.at
    incident.missing = context.missing
    ended = _ended(incident, context)
    if ended:
        return alert_of(incident, context, "resolved", ended, paged=incident.pages > 0)
    joined, turn = fire(incident, alarms, facets), _turn(incident, context, alarmed=alarmed)
    before = incident.severity
    incident.why = _judge(incident, context)
    rings = incident.why in PAGES
    event = _event(incident, joined=joined or bool(turn), worse=rings or RANK[incident.severity] > RANK[before])
    if event is None:
        fewer = incident.shown.news
        return alert_of(incident, context, "updated", WITHDRAWN, paged=False) if fewer else None
    if event == "acknowledged" and incident.acknowledged:
        incident.answered = incident.acknowledged.command_id
    if rings:
        _ring(incident, context)
    incident.announced, incident.told = True, incident.counts.complaints
    incident.turns = 0 if event == "escalated" else incident.turns
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
        outgrown = wanted == "silence_ended" and context.silences  # they go on, but are not about this any more
        return ("escalated" if incident.paged else "first") if outgrown else wanted
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


def _stir(
    incident: Incident, context: Context, moment: Moment, verdicts: Mapping[str, Verdict], *, alarmed: bool
) -> None:
    """Note whether it burns. Silence is calm, and a detector that has not alarmed keeps no incident open.

    Slow burn looks at days: after an hour of crisis it takes a day to be calm again, though it never rang.
    """
    restless = not all(verdicts[name].calm for name in context.harmful & verdicts.keys() & incident.fired.keys())
    if alarmed or (restless and moment.counts.posts):
        incident.active = context.at
        incident.unrest = incident.unrest or context.at
    elif not restless:
        incident.unrest = 0


def _turn(incident: Incident, context: Context, *, alarmed: bool) -> Why | None:
    """Whether calm has lasted long enough to be told, or has ended after it was; a level at the border is neither."""
    quiet_ms = context.rules.quiet_s * 1000
    if incident.recovering:
        burning = incident.active == context.at and context.at - incident.unrest >= quiet_ms // RELAPSE
        if not (alarmed or burning):
            return None
        turn: Why = "relapsed"
        incident.recovering = 0
    elif context.at - incident.active >= quiet_ms // RECOVERY and incident.counts.posts:
        turn, incident.recovering = "recovering", incident.active
    else:
        return None
    incident.turns += 1
    return turn if incident.turns <= TURNS else None


def _event(incident: Incident, *, joined: bool, worse: bool) -> AlertEvent | None:
    if not incident.announced:
        return "opened"
    if worse:
        return "escalated"
    if _answered(incident):
        return "acknowledged"
    grown = incident.counts.complaints >= max(GROWTH * incident.told, incident.told + 1)
    return "updated" if joined or grown else None


def _answered(incident: Incident) -> bool:
    """Whether somebody has what has paged, and pagers do not know yet."""
    answer = incident.acknowledged
    covers = incident.pages > 0 and incident.why == "acknowledged"
    return answer is not None and covers and answer.command_id != incident.answered


def _ended(incident: Incident, context: Context) -> EndReason | None:
    """Why the incident is over, if it is. Calm must last, against flapping; of whom nobody spoke in it is not back."""
    rules = context.rules
    if incident.closing:
        return "resolved_by"
    if context.at - incident.active >= rules.quiet_s * 1000:
        return "quiet" if incident.heard > incident.active else "idle"
    if context.at - incident.heard >= rules.idle_s * 1000:
        return "idle"
    return "too_long" if context.at - incident.started >= rules.max_life_s * 1000 else None
