"""One brand as watch sees it: the detectors' states, the last hour, and the incident if one is open."""

from collections.abc import Mapping
from typing import Any

import msgspec

from pipeline import detectors
from pipeline.closing import Moment
from pipeline.detectors._base import Detector, Observation, Tuning, Verdict
from pipeline.discover import plugins
from pipeline.incidents import Context, Incident, absorb, open_incident, step
from pipeline.usual import Usual
from schemas.alert import Alert

DETECTORS: Mapping[str, Detector[Any]] = plugins(detectors, "DETECTOR")
HARMFUL = frozenset(name for name, detector in DETECTORS.items() if detector.harmful)
MEMORY_MS = 3_600_000  # minutes with complaints kept, so that an incident knows how it began


class Stored(msgspec.Struct):
    """A series in a checkpoint."""

    states: dict[str, msgspec.Raw]
    moments: list[Moment]
    incident: Incident | None
    usual: Usual = msgspec.field(default_factory=Usual)


class Series:
    """State of one brand."""

    __slots__ = ("incident", "moments", "states", "usual")

    def __init__(self) -> None:
        self.states: dict[str, Any] = {name: detector.start() for name, detector in DETECTORS.items()}
        self.moments: list[Moment] = []
        self.incident: Incident | None = None
        self.usual = Usual()

    def close(
        self, context: Context, seen: Observation, moment: Moment, tuning: Tuning
    ) -> tuple[dict[str, Verdict], Alert | None]:
        """Let the detectors see a closed minute, and the incident live through it."""
        verdicts = {name: detector.step(self.states[name], seen, tuning) for name, detector in DETECTORS.items()}
        self._remember(moment)
        alarms = {name: verdict for name, verdict in verdicts.items() if verdict.score >= 1}
        for name in alarms:
            DETECTORS[name].rearm(self.states[name])
        if self.incident is not None:
            absorb(self.incident, moment)
        elif alarms:
            self.incident = open_incident(context, alarms, self.moments)
        if self.incident is None:
            return verdicts, None
        self.incident.account.begin(self.usual, self.incident.counted_from)
        self.incident.account.expect(context.at, verdicts, self.incident.counts)
        alert = step(self.incident, context, moment, verdicts)
        if alert is not None and alert.event == "resolved":
            self.incident = None
        return verdicts, alert

    def _remember(self, moment: Moment) -> None:
        if moment.counts.posts:
            self.moments.append(moment)
        floor = moment.minute - MEMORY_MS
        while self.moments and self.moments[0].minute < floor:
            gone = self.moments.pop(0)
            if self.incident is None or gone.minute < self.incident.counted_from:
                self.usual.learn(gone)

    def stored(self) -> Stored:
        """What a checkpoint keeps."""
        states = {name: msgspec.Raw(msgspec.json.encode(state)) for name, state in self.states.items()}
        return Stored(states, self.moments, self.incident, self.usual)

    @classmethod
    def restored(cls, stored: Stored) -> "Series":
        """The series that was stored; a detector that is new since then starts fresh."""
        series = cls()
        for name, raw in stored.states.items():
            if name in DETECTORS:
                series.states[name] = msgspec.json.decode(raw, type=DETECTORS[name].state)
        series.moments, series.incident, series.usual = stored.moments, stored.incident, stored.usual
        return series
