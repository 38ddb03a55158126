"""All that ClickHouse knows about one incident. A part that cannot be had is missing; the rest is shown."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from agents.console import questions
from agents.console.reader import Reader, Row, readable
from pipeline.console.answers import Answer, answered
from pipeline.console.likeness import Match, Traits, matches
from pipeline.console.recovery import Recovery, quiet_ms, recovery
from pipeline.console.standing import standing
from pipeline.page_quotes import quotes
from pipeline.page_text import LANGUAGES, facts
from schemas.alert import Alert
from schemas.decision import Decision

TAIL_MS = 1_800_000  # after the last word about an incident, its posts still belong to it
_LONGEST = 1_000  # characters of an id


@dataclass(frozen=True, slots=True)
class Facts:
    """One incident: its last alert with what responders have said since, its life, and what belongs to it."""

    alert: Alert
    life: Sequence[Alert]
    decisions: Sequence[Decision] | None
    spreaders: Sequence[Row] | None
    deliveries: Sequence[Row] | None
    alike: Sequence[Match] | None
    quiet: int | None

    def shown(self, language: str, now: int) -> Mapping[str, Any]:
        """What its page is made of."""
        paged = any(one.paged for one in self.life if one.event != "resolved")
        words, alert = LANGUAGES[language], self.alert
        back: Recovery = recovery(alert, self.quiet, now)
        posts = zip(quotes(alert, words), alert.evidence, strict=False)
        return {
            "it": standing(alert, language, paged=paged, now=now),
            "alert": alert,
            "facts": facts(alert, words)[1:],
            "posts": list(posts),
            "drivers": [one for one in (alert.excess.drivers if alert.excess else ()) if _shown(one.facet)],
            "recovery": back,
            "decisions": self.decisions,
            "spreaders": self.spreaders,
            "deliveries": self.deliveries,
            "alike": self.alike,
        }


async def life_of(reader: Reader, incident: str) -> list[Alert]:
    """The alerts of an incident in the order of time; none if there is none of this id.

    Raises:
        Unavailable: they cannot be read.
    """
    rows = await reader.rows(questions.INCIDENT, {"incident": incident}) if len(incident) <= _LONGEST else []
    return readable(rows, lambda row: msgspec.json.decode(row["document"], type=Alert))


async def gather(reader: Reader, incident: str, now: int, answers: Sequence[Answer]) -> Facts | None:
    """What is known about ``incident``; None if there is none of this id.

    Raises:
        Unavailable: not even its alerts can be read.
    """
    life = await life_of(reader, incident)
    if not life:
        return None
    last = life[-1]
    about = {
        "incident": incident, "brand": last.brand, "since": last.since,
        "until": last.at + TAIL_MS if last.event == "resolved" else max(now, last.at),
    }  # fmt: skip
    decisions, spreaders, deliveries, past, rules = await asyncio.gather(
        *(reader.section(question, about) for question in (
            questions.DECISIONS, questions.SPREADERS, questions.DELIVERIES, questions.PAST, questions.RULES,
        ))
    )  # fmt: skip
    said = None if decisions is None else readable(decisions, lambda row: msgspec.convert(row, Decision, strict=False))
    return Facts(
        alert=answered(last, [*answers, *_answers(said or ())], now),
        life=life,
        decisions=said,
        spreaders=spreaders,
        deliveries=deliveries,
        alike=None if past is None else _alike(incident, past),
        quiet=quiet_ms(rules[0]["watchlist"]) if rules else None,
    )


def _answers(decisions: Sequence[Decision]) -> list[Answer]:
    """The orders among them, in the order in which they were given."""
    orders = [one for one in reversed(decisions) if one.outcome == "applied" and one.command is not None]
    return [
        Answer(
            brand=one.brand, incident_id=one.incident_id, command=one.command, command_id=one.command_id, by=one.by,
            severity=one.severity, until=one.until,
        )
        for one in orders if one.command is not None
    ]  # fmt: skip


def _alike(incident: str, past: Sequence[Row]) -> list[Match]:
    traits = readable(past, lambda row: msgspec.convert(row, Traits, strict=False))
    of = next((one for one in traits if one.incident_id == incident), None)
    return matches(of, traits) if of else []


def _shown(facet: str) -> bool:
    """A channel says little beside its platforms, a text is quoted."""
    return not facet.startswith(("text:", "channel:"))
