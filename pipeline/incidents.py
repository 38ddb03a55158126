"""An incident: what is known of one brand's trouble while it lasts, and what a step of its life may look at."""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from pipeline.account import Account
from pipeline.closing import Moment
from pipeline.crowd import handful
from pipeline.detectors._base import Verdict
from pipeline.policy import Facts, Why
from pipeline.silences import Matched, Silence
from pipeline.sketch import Distinct
from pipeline.watchlist import Rules
from pipeline.withdrawing import Shown
from schemas.brand_log import Counts
from schemas.vocabulary import Severity

WITHDRAWN = "withdrawn"  # reason of an alert that only says that quoted posts are gone


class FacetAlarm(NamedTuple):
    """A detector of harm that alarmed on one part of a brand."""

    detector: str
    verdict: Verdict


class Answer(msgspec.Struct, frozen=True):
    """What a responder said about an incident that was as severe as this."""

    by: str
    text: str
    severity: Severity
    command_id: str


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
    facets: dict[str, FacetAlarm] = {}  # part of the brand -> the strongest alarm there
    counts: Counts = msgspec.field(default_factory=Counts)
    authors: tuple[int, ...] = ()
    crowd: int = 0  # authors of the last day, where an alarm weighs more than half of it
    complaints_by: dict[str, int] = {}
    missing: tuple[int, ...] = ()
    announced: bool = False
    told: int = 0  # complaints at the last event
    why: Why = "attention_only"  # it paged in the last minute, or did not
    paged: Severity | None = None
    pages: int = 0
    paged_at: int = 0  # append time of the last page, ms
    reminders: int = 0  # pages since the last rise in severity for want of an answer
    owed: bool = False  # a silence has kept a page back
    silence: Silence | None = None  # that matched in the last minute
    acknowledged: Answer | None = None
    answered: str = ""  # command of the acknowledgement that pagers have heard of
    closing: Answer | None = None  # the next minute resolves it
    recovering: int = 0  # since when it has been calm, once that has lasted; 0 while it burns
    unrest: int = 0  # end of the first minute since which none was calm; 0 while it is
    turns: int = 0  # recoveries and relapses since it was told to be worse
    account: Account = msgspec.field(default_factory=Account)
    shown: Shown = msgspec.field(default_factory=Shown)
    hostile: tuple[int, ...] = ()  # hashes of influential authors who spoke against the brand
    leaders: tuple[int, int] = (0, 0)  # so many of the so many most influential are among them


class Context(NamedTuple):
    """What a step may look at besides the incident."""

    brand: str
    at: int  # end of the closed minute, ms
    rules: Rules
    digest: str  # of the rules
    harmful: frozenset[str]  # detectors that measure harm
    missing: tuple[int, ...]
    now: int = 0  # append time of the log, ms
    silences: tuple[Silence, ...] = ()  # in force for the brand
    facets: tuple[str, ...] = ()  # parts of the brand that are followed
    campaigns: tuple[str, ...] = ()  # of the brand that are on


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
    against = {spoken.author for spoken in moment.voices if spoken.negatives or spoken.complaints}
    incident.hostile = tuple(sorted(against.union(incident.hostile)))
    incident.account.add(moment)


def fire(incident: Incident, alarms: Mapping[str, Verdict], facets: Mapping[str, FacetAlarm]) -> bool:
    """Take alarms in; whether one of them is of a detector or a part of the brand that had not fired before."""
    joined = not alarms.keys() <= incident.fired.keys() or not facets.keys() <= incident.facets.keys()
    for name, verdict in alarms.items():
        held = incident.fired.get(name)
        if held is None or verdict.strength > held.strength:
            incident.fired[name] = verdict
    for facet, alarm in facets.items():
        known = incident.facets.get(facet)
        if known is None or alarm.verdict.strength > known.verdict.strength:
            incident.facets[facet] = alarm
    return joined


def leading(incident: Incident, harmful: frozenset[str]) -> tuple[str, Verdict]:
    """The alarm that tells the story: the strongest of harm, else the strongest of all, else that of a part."""
    names = sorted(harmful & incident.fired.keys()) or sorted(incident.fired)
    alarms = [(name, incident.fired[name]) for name in names] or list(incident.facets.values())
    return max(alarms, key=lambda alarm: alarm[1].strength)


def facts(incident: Incident, harmful: frozenset[str]) -> Facts:
    """What its severity depends on."""
    _, lead = leading(incident, harmful)
    return Facts(
        harmful=len(harmful & incident.fired.keys()),
        ratio=lead.observed / max(lead.expected, 1e-9),
        complaints=incident.counts.complaints,
        critical=incident.counts.critical,
        authors=people(incident),
        part_only=not incident.fired,
    )


def people(incident: Incident) -> int:
    """Distinct authors behind the evidence: those counted, or those of a day unless a handful makes up what is counted.

    A slow burn that is told at night has hardly anybody in the hour before it.
    """
    authors, counts = distinct(incident.authors), incident.counts
    return authors if handful(authors, max(counts.negatives, counts.complaints)) else max(authors, incident.crowd)


def matched(incident: Incident, harmful: frozenset[str]) -> Matched:
    """What a silence looks at."""
    names = frozenset(incident.fired) or frozenset(alarm.detector for alarm in incident.facets.values())
    return Matched(names & harmful or names, incident.severity, incident.counts.complaints, incident.complaints_by)
