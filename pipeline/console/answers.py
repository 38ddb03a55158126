"""What responders have said about an incident since its last alert: an alert is written only when something changes."""

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from schemas.alert import Alert
from schemas.command import EVERY_BRAND
from schemas.vocabulary import CommandKind, Severity

UNCONDITIONAL = "console-"  # ids of our commands begin so: of other silences a decision does not tell what they match
_SEVERITIES = ("info", "warning", "error", "critical")


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A command that was obeyed; the fields are columns of ``decisions``, times in ms since 1970."""

    brand: str
    incident_id: str
    command: CommandKind
    command_id: str
    by: str
    severity: Severity | None = None
    until: int | None = None


def answered(alert: Alert, answers: Iterable[Answer], now: int) -> Alert:
    """The alert with the names of those who answered; ``answers`` in the order in which they were given.

    An acknowledgement counts while the incident is no more severe than it was then, a silence until it ends.
    """
    for answer in answers:
        if answer.brand not in (alert.brand, EVERY_BRAND):
            continue
        if answer.command == "ack" and answer.incident_id == alert.incident_id:
            stands = _rank(answer.severity) >= _rank(alert.severity)
            alert = replace(alert, acknowledged_by=answer.by if stands else "")
        elif answer.command == "unsilence":
            alert = replace(alert, silenced_by="", silenced_until=None)
        elif answer.command == "silence" and answer.command_id.startswith(UNCONDITIONAL) and (answer.until or 0) > now:
            alert = replace(alert, silenced_by=answer.by, silenced_until=answer.until)
    return alert


def _rank(severity: Severity | None) -> int:
    return _SEVERITIES.index(severity) if severity else -1
