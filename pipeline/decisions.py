"""What of a closed minute is worth asking about later: why it paged, and why it did not."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, get_args

from msgspec.structs import replace

from pipeline.detectors._base import Verdict
from pipeline.holding import Hold
from pipeline.incidents import WITHDRAWN, Answer, Context, FacetAlarm, Incident, identity, leading, people
from pipeline.policy import PAGES, Why
from pipeline.silences import Silence
from schemas.alert import Alert
from schemas.decision import Decision
from schemas.vocabulary import DecisionOutcome, DecisionReason, EndReason

NEAR = 0.5  # fraction of its threshold from which a detector that does not alarm is told of
AGAIN_MS = 3_600_000  # what lasts is told once in so long

_ENDS = frozenset(get_args(EndReason))


class Judged(NamedTuple):
    """One closed minute of a brand after everything was decided."""

    verdicts: Mapping[str, Verdict]
    facets: Mapping[str, FacetAlarm]  # parts of the brand that alarmed
    incident: Incident | None  # open in this minute, resolved by it included
    alert: Alert | None
    was: Why | None  # why the incident paged or did not in the minute before
    held: Incident | None  # what would have opened
    hold: Hold | None  # what keeps it from opening


class Notes:
    """Makes the decisions of one brand, minute by minute. ``told``: when what lasts was told, ms of event time."""

    __slots__ = ("told",)

    def __init__(self) -> None:
        self.told: dict[str, int] = {}

    def of(self, context: Context, judged: Judged) -> list[Decision]:
        """What is worth telling."""
        if self.told:
            self.told = {key: at for key, at in self.told.items() if context.at - at < AGAIN_MS}
        if judged.incident is not None:
            return [*self._of_incident(context, judged, judged.incident), *self._inhibited(context, judged)]
        if judged.held is not None:
            held = _of(context, judged.held, "not_paged", "held")  # it never opened, so it is no incident
            return list(self._once(context, replace(held, incident_id="", **_resolved(judged.hold))))
        return [one for found in _near(context, judged.verdicts) for one in self._once(context, found)]

    def _of_incident(self, context: Context, judged: Judged, incident: Incident) -> Iterator[Decision]:
        alert, why = judged.alert, incident.why
        if alert is not None and alert.reason != WITHDRAWN:  # that posts are gone decides nothing
            outcome: DecisionOutcome = (
                "resolved" if alert.event == "resolved" else "paged" if alert.paged else "not_paged"
            )
            yield _of(context, incident, outcome, alert.reason)
        elif why != judged.was and not (judged.was in PAGES and why == "already_paged"):
            yield _of(context, incident, "not_paged", why)
        elif judged.facets or any(verdict.score >= 1 for verdict in judged.verdicts.values()):
            yield from self._once(context, _of(context, incident, "not_paged", why))

    def _inhibited(self, context: Context, judged: Judged) -> Iterator[Decision]:
        """Alarms that would have made an incident of their own if a harmful one were not open."""
        incident = judged.incident
        if incident is None or incident.severity == "info":
            return
        alarms = [(name, "", verdict) for name, verdict in judged.verdicts.items() if name not in context.harmful]
        alarms += [(alarm.detector, facet, alarm.verdict) for facet, alarm in judged.facets.items()]
        for name, facet, verdict in alarms:
            if verdict.score >= 1:
                about = {"incident_id": incident.incident_id, "severity": incident.severity, "facet": facet}
                yield from self._once(context, _about(context, "not_paged", "inhibited", name, verdict, **about))

    def _once(self, context: Context, found: Decision) -> Iterator[Decision]:
        key = f"{found.reason}/{found.incident_id}/{found.detector}/{found.facet}"
        if key not in self.told:
            self.told[key] = context.at
            yield found


def _near(context: Context, verdicts: Mapping[str, Verdict]) -> Iterator[Decision]:
    campaign = ", ".join(context.campaigns)
    for name, verdict in verdicts.items():
        if verdict.score >= NEAR:
            reason: DecisionReason = "campaign" if campaign else "below_threshold"
            yield _about(context, "not_paged", reason, name, verdict, campaign=campaign)


def _of(context: Context, incident: Incident, outcome: DecisionOutcome, reason: str) -> Decision:
    """A decision about an incident, told by its strongest alarm and by whoever's order matters."""
    detector, lead = leading(incident, context.harmful)
    facet = "" if incident.fired else max(incident.facets, key=lambda name: incident.facets[name].verdict.strength)
    return _about(
        context, outcome, reason, detector, lead,  # type: ignore[arg-type]  # an alert's reason is one of ours
        incident_id=incident.incident_id, severity=incident.severity, facet=facet,
        authors=people(incident), min_authors=context.rules.min_authors, **_ordered(incident, reason),
    )  # fmt: skip


def _ordered(incident: Incident, reason: str) -> dict[str, Any]:
    """The order that matters for the reason."""
    if reason in ("silenced", "maintenance") and incident.silence:
        return of_silence(incident.silence)
    if reason == "acknowledged" and incident.acknowledged:
        return {"command": "ack", **_answered(incident.acknowledged)}
    if reason == "resolved_by" and incident.closing:
        return {"command": "resolve", **_answered(incident.closing)}
    return {}


def _resolved(hold: Hold | None) -> dict[str, Any]:
    return {"command": "resolve", "by": hold.by, "severity": hold.severity} if hold else {}


def _answered(answer: Answer) -> dict[str, Any]:
    return {"command_id": answer.command_id, "by": answer.by, "text": answer.text}


def of_silence(silence: Silence) -> dict[str, Any]:
    """A silence in the words of a decision."""
    return {
        "command": silence.kind, "command_id": silence.command_id, "by": silence.by, "text": silence.text,
        "until": silence.until,
    }  # fmt: skip


def _about(
    context: Context,
    outcome: DecisionOutcome,
    reason: DecisionReason,
    detector: str,
    verdict: Verdict,
    **more: Any,  # noqa: ANN401  # further fields of a decision
) -> Decision:
    return Decision(
        decision_id=identity(
            "decision", context.brand, context.at, reason, detector, more.get("facet", ""), context.digest
        ),
        brand=context.brand,
        at=context.at,
        outcome=outcome,
        reason=reason,
        detector=detector,
        score=round(verdict.score, 6),
        observed=round(verdict.observed, 6),
        expected=round(verdict.expected, 6),
        unit=verdict.unit,
        rules=context.digest,
        **more,
    )
