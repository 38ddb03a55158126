"""Silences and maintenance windows: which of them keeps an incident from paging now."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from schemas.command import EVERY_BRAND, Command, Matcher
from schemas.vocabulary import CommandKind, Severity


class Silence(msgspec.Struct, frozen=True):
    """A silence, or a maintenance window, of a brand or of every brand. Times are of the log's append time, ms."""

    command_id: str
    kind: CommandKind
    brand: str
    by: str
    text: str
    matcher: Matcher
    starts: int
    until: int

    @classmethod
    def of(cls, command: Command, now: int, until: int) -> "Silence":
        """What a command of ``now`` asks for."""
        starts = now if command.starts is None else command.starts
        return cls(
            command.command_id, command.kind, command.brand, command.by, command.text, command.matcher, starts, until
        )

    def covers(self, brand: str, now: int) -> bool:
        """Whether it is in force for the brand."""
        return self.brand in (brand, EVERY_BRAND) and self.starts <= now < self.until


class Matched(NamedTuple):
    """What of an incident a matcher looks at."""

    detectors: frozenset[str]  # those of harm that alarmed, or all where none measures harm
    severity: Severity
    complaints: int
    complaints_by: Mapping[str, int]  # facet -> complaints


def hushing(silences: Iterable[Silence], incident: Matched) -> Silence | None:
    """Of the silences in force, that which keeps the incident quiet the longest."""
    matching = [silence for silence in silences if _matches(silence.matcher, incident)]
    return max(matching, key=lambda silence: (silence.until, silence.command_id), default=None)


def _matches(matcher: Matcher, incident: Matched) -> bool:
    if matcher.detectors and not incident.detectors <= set(matcher.detectors):
        return False
    if matcher.severities and incident.severity not in matcher.severities:
        return False
    about = (2 * incident.complaints_by.get(facet, 0) > incident.complaints for facet in matcher.facets)
    return not matcher.facets or any(about)
