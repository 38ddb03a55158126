"""What responders ordered on one brand-log partition: silences in force, and which commands were obeyed."""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

import msgspec

from pipeline.decisions import of_silence
from pipeline.incidents import Answer, Incident, identity
from pipeline.silences import Silence
from schemas.command import EVERY_BRAND, LONGEST_MS, Command
from schemas.decision import Decision
from schemas.vocabulary import CommandReason

REMEMBERED = 1_000  # commands whose repetition is noticed
MOST = 100  # silences of a partition

OpenIncident = Callable[[str], Incident | None]  # of a brand


class State(msgspec.Struct):
    """What a checkpoint keeps. ``obeyed`` are command ids, the oldest first."""

    silences: list[Silence] = []
    obeyed: list[str] = []


class Given(NamedTuple):
    """A command and what decides about it."""

    command: Command
    offset: int  # on the brand log
    at: int  # append time, ms; never goes back
    rules: str
    brands: Collection[str]
    incident: OpenIncident


class Orders:
    """The fold of the commands: each is obeyed, or ignored with a reason, whoever wrote it."""

    def __init__(self) -> None:
        self.state = State()

    def over(self, brand: str, now: int) -> tuple[Silence, ...]:
        """Silences in force for the brand."""
        return tuple(silence for silence in self.state.silences if silence.covers(brand, now))

    def obey(self, given: Given) -> Decision | None:
        """Act on a command; None for one that was acted on before."""
        command, state = given.command, self.state
        if command.command_id in state.obeyed:
            return None
        state.obeyed = [*state.obeyed, command.command_id][-REMEMBERED:]
        state.silences = [silence for silence in state.silences if silence.until > given.at]
        if not (command.brand == EVERY_BRAND or command.brand in given.brands or given.incident(command.brand)):
            return _decision(given, "unknown_brand")
        if command.kind in ("silence", "maintenance"):
            return self._silence(given)
        if command.kind == "unsilence":
            return self._unsilence(given)
        return _answer(given)

    def _silence(self, given: Given) -> Decision:
        until = given.command.until
        if until is None:
            return _decision(given, "no_end")
        silence = Silence.of(given.command, given.at, until)
        if until <= max(given.at, silence.starts):
            return _decision(given, "over")
        if until > given.at + LONGEST_MS:
            return _decision(given, "too_long_ahead")
        if len(self.state.silences) >= MOST:
            return _decision(given, "too_many")
        self.state.silences = [*self.state.silences, silence]
        return _decision(given, "commanded", **of_silence(silence))

    def _unsilence(self, given: Given) -> Decision:
        command = given.command
        lifted = [
            silence
            for silence in self.state.silences
            if silence.brand == command.brand and command.target in ("", silence.command_id)
        ]
        if not lifted:
            return _decision(given, "no_such_silence")
        self.state.silences = [silence for silence in self.state.silences if silence not in lifted]
        return _decision(given, "commanded")


def _answer(given: Given) -> Decision:
    """Acknowledge, resolve or note: said of one open incident."""
    command = given.command
    if command.brand == EVERY_BRAND:
        return _decision(given, "every_brand")
    incident = given.incident(command.brand)
    if incident is None:
        return _decision(given, "no_open_incident")
    if command.target not in ("", incident.incident_id):
        return _decision(given, "other_incident", incident_id=incident.incident_id)
    answer = Answer(command.by, command.text, incident.severity, command.command_id)
    if command.kind == "ack":
        incident.acknowledged = answer
    elif command.kind == "resolve":
        incident.closing = answer
    return _decision(given, "commanded", incident_id=incident.incident_id, severity=incident.severity)


def _decision(given: Given, reason: CommandReason, **more: Any) -> Decision:  # noqa: ANN401  # fields of a decision
    command = given.command
    fields = {"command": command.kind, "command_id": command.command_id, "by": command.by, "text": command.text, **more}
    return Decision(
        decision_id=identity("command", command.command_id, command.brand, reason, given.rules),
        brand=command.brand,
        at=given.at,
        outcome="applied" if reason == "commanded" else "ignored",
        reason=reason,
        offset=given.offset,
        rules=given.rules,
        **fields,
    )
