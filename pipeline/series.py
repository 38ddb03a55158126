"""One brand as watch sees it: the detectors' states, the last hour, and the incident if one is open."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from pipeline import detectors
from pipeline.closing import Moment
from pipeline.crowd import Crowd
from pipeline.decisions import Judged, Notes
from pipeline.detectors._base import Detector, Observation, Tuning, Verdict
from pipeline.discover import plugins
from pipeline.holding import Hold
from pipeline.incident_steps import step
from pipeline.incidents import Context, FacetAlarm, Incident, absorb, fire, open_incident
from pipeline.leaders import Leaders, Turned
from pipeline.parts import Parts, StoredParts
from pipeline.reporters import Reporters
from pipeline.usual import Usual
from pipeline.withdrawing import Gone
from schemas.alert import Alert
from schemas.brand_log import Leader
from schemas.decision import Decision

DETECTORS: Mapping[str, Detector[Any]] = plugins(detectors, "DETECTOR")
HARMFUL = frozenset(name for name, detector in DETECTORS.items() if detector.harmful)
MEMORY_MS = 3_600_000  # minutes with complaints kept, so that an incident knows how it began

_OF_PARTS = {name: detector for name, detector in DETECTORS.items() if detector.harmful}


class Stored(msgspec.Struct):
    """A series in a checkpoint."""

    states: dict[str, msgspec.Raw]
    moments: list[Moment]
    incident: Incident | None
    parts: StoredParts = msgspec.field(default_factory=StoredParts)
    told: dict[str, int] = {}
    hold: Hold | None = None
    usual: Usual = msgspec.field(default_factory=Usual)
    reporters: Reporters = msgspec.field(default_factory=Reporters)
    crowd: Crowd = msgspec.field(default_factory=Crowd)
    born: int = 0
    leaders: Leaders = msgspec.field(default_factory=Leaders)


class Closed(NamedTuple):
    """What a closed minute of a brand has come to."""

    verdicts: dict[str, Verdict]
    alert: Alert | None
    decisions: list[Decision]
    incident: Incident | None  # that is open after it
    facets: dict[str, FacetAlarm]  # parts of the brand that alarmed
    turned: list[Turned]  # leading voices that have turned against the brand


def lead(watched: Mapping[str, "Series"], leaders: Sequence[Leader]) -> None:
    """Let brands know who has become influential. One that nobody has named is told when it rises."""
    for leader in leaders:
        if leader.brand in watched:
            watched[leader.brand].leaders.learn(leader)


class Series:
    """State of one brand, ``born`` with the minute in which it was first named (its start, ms)."""

    __slots__ = (
        "born", "crowd", "hold", "incident", "leaders", "moments", "notes", "parts", "reporters", "states", "usual",
    )  # fmt: skip

    def __init__(self, born: int = 0, peers: Sequence["Series"] = ()) -> None:
        self.born = born
        self.states: dict[str, Any] = {
            name: detector.start([peer.states[name] for peer in peers]) for name, detector in DETECTORS.items()
        }
        self.parts, self.notes = Parts(_OF_PARTS), Notes()
        self.moments: list[Moment] = []
        self.incident: Incident | None = None
        self.hold: Hold | None = None
        self.usual, self.reporters, self.crowd, self.leaders = Usual(), Reporters(), Crowd(), Leaders()

    def close(self, context: Context, seen: Observation, moment: Moment, tuning: Tuning) -> Closed:
        """Let the detectors see a closed minute, and the incident live through it."""
        if seen.critical:
            seen = seen._replace(critical=self.reporters.reports(moment))
        verdicts = {name: detector.step(self.states[name], seen, tuning) for name, detector in DETECTORS.items()}
        facets = self.parts.close(context.facets, seen, moment, tuning)
        self._remember(moment)
        self.crowd.hear(moment)
        turned = self.leaders.hear(moment.voices, context.at)
        alarms = {name: verdict for name, verdict in verdicts.items() if verdict.score >= 1}
        for name in alarms:
            DETECTORS[name].rearm(self.states[name])
        was, held = self.incident.why if self.incident else None, None
        if self.incident is not None:
            absorb(self.incident, moment)
        elif alarms or facets:
            held = self._open(context, alarms, facets)
        incident, alert = self.incident, None
        if incident is not None:
            harm = [verdict for name, verdict in alarms.items() if name in HARMFUL]
            incident.crowd = max(incident.crowd, self.crowd.behind(harm, context.at))
            incident.hostile = tuple(author for author in incident.hostile if author in self.leaders.known)
            incident.leaders = self.leaders.against(incident.hostile, context.at)
            incident.account.begin(self.usual, incident.counted_from)
            incident.account.expect(context.at, verdicts, incident.counts)
            alert = step(incident, context, moment, verdicts, facets)
        decisions = self.notes.of(context, Judged(verdicts, facets, incident, alert, was, held, self.hold))
        if incident is not None and alert is not None and alert.event == "resolved":
            self.hold = Hold.of(incident, context) if incident.closing else None
            self.incident = None
        return Closed(verdicts, alert, decisions, self.incident, facets, turned)

    def _open(
        self, context: Context, alarms: Mapping[str, Verdict], facets: Mapping[str, FacetAlarm]
    ) -> Incident | None:
        """Open an incident; one that a hold keeps from opening is returned instead."""
        reasons = {**{facet: alarm.verdict for facet, alarm in facets.items()}, **alarms}
        incident = open_incident(context, reasons, self.moments)
        fire(incident, alarms, facets)
        if self.hold is not None and self.hold.keeps(incident, context):
            return incident
        self.incident = incident
        return None

    def _remember(self, moment: Moment) -> None:
        if moment.counts.posts:
            self.moments.append(moment)
        floor, held = moment.minute - MEMORY_MS, self.hold.until if self.hold else 0  # it may have burned
        while self.moments and self.moments[0].minute < floor:
            gone = self.moments.pop(0)
            if gone.minute >= held and (self.incident is None or gone.minute < self.incident.counted_from):
                self.usual.learn(gone)

    def forget(self, gone: Gone) -> None:
        """Hold no post any more that is withdrawn; what was counted stays."""
        for moment in self.moments:
            moment.forget(gone.concerns)
        if self.incident is not None:
            self.incident.account.forget(gone.concerns)
            self.incident.shown.forget(gone)

    def stored(self) -> Stored:
        """What a checkpoint keeps."""
        states = {name: msgspec.Raw(msgspec.msgpack.encode(state)) for name, state in self.states.items()}
        parts, told = self.parts.stored(), self.notes.told
        return Stored(
            states, self.moments, self.incident, parts, told, self.hold, self.usual, self.reporters, self.crowd,
            self.born, self.leaders,
        )  # fmt: skip

    @classmethod
    def restored(cls, stored: Stored) -> "Series":
        """The series that was stored; a detector that is new since then starts fresh."""
        series = cls(stored.born)
        for name, raw in stored.states.items():
            if name in DETECTORS:
                series.states[name] = msgspec.msgpack.decode(raw, type=DETECTORS[name].state)
        series.parts.restore(stored.parts)
        series.notes.told, series.hold = stored.told, stored.hold
        series.usual, series.reporters = stored.usual, stored.reporters
        series.crowd, series.leaders = stored.crowd, stored.leaders
        series.moments, series.incident = stored.moments, stored.incident
        return series
