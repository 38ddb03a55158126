"""Where an incident stands, for somebody who has just woken up: state, level, since, how many, what to do."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from pipeline.figures import clock, duration, share
from pipeline.page_causes import BRAND_LENGTH, level
from pipeline.page_names import facet
from pipeline.page_text import LANGUAGES
from pipeline.quoting import clip
from pipeline.wording import Wording, console_en, console_zh, console_zh_hant
from pipeline.wording.console import ConsoleWording
from schemas.alert import Alert

State = Literal["firing", "acknowledged", "silenced", "recovering", "noted", "resolved"]

CONSOLE = {"en": console_en.WORDING, "zh": console_zh.WORDING, "zh-Hant": console_zh_hant.WORDING}
_SEVERITIES = ("info", "warning", "error", "critical")
_URGENCY: tuple[State, ...] = ("resolved", "noted", "recovering", "silenced", "acknowledged", "firing")


class Standing(NamedTuple):
    """One incident. Words are those of the reader's language; times are ms since 1970."""

    incident_id: str
    brand: str
    severity: str  # a key, for colours
    severity_name: str
    state: State
    said: str  # the state in words
    step: str  # what to do now
    level: str
    cause: str  # the largest driver, empty if nothing exceeds
    flood: bool
    since: int
    ago: str
    updated: int
    counts: tuple[tuple[str, str, str], ...]  # key, name, figure


def state(alert: Alert, *, paged: bool, now: int) -> State:
    """What counts of all that may be true; ``paged``: the incident has woken somebody."""
    if alert.event == "resolved":
        return "resolved"
    if alert.silenced_by and (alert.silenced_until or 0) > now:
        return "silenced"
    if alert.recovering_since:
        return "recovering"
    if alert.acknowledged_by:
        return "acknowledged"
    return "firing" if paged else "noted"


def standing(alert: Alert, language: str, *, paged: bool, now: int) -> Standing:
    """The incident as its last ``alert`` tells it."""
    words, console, found = LANGUAGES[language], CONSOLE[language], state(alert, paged=paged, now=now)
    return Standing(
        incident_id=alert.incident_id,
        brand=clip(alert.brand, BRAND_LENGTH),
        severity=alert.severity,
        severity_name=words.names.get(alert.severity, alert.severity),
        state=found,
        said=_said(alert, found, console, now),
        step=console.next_steps[found],
        level=level(alert, words),
        cause=_cause(alert, words),
        flood=alert.suspected_flood,
        since=alert.since,
        ago=console.ago.format(span=duration(now - alert.since, words.durations)),
        updated=alert.at,
        counts=tuple((key, console.counts[key], figure) for key, figure in _figures(alert)),
    )


def ranked(alerts: Iterable[tuple[Alert, bool]], now: int) -> list[tuple[Alert, bool]]:
    """Last alerts and whether their incidents paged: what nobody has first, then by severity, then the newest."""

    def urgency(item: tuple[Alert, bool]) -> tuple[int, int, int, str]:
        alert, paged = item
        found = _URGENCY.index(state(alert, paged=paged, now=now))
        return -found, -_SEVERITIES.index(alert.severity), -alert.since, alert.incident_id

    return sorted(alerts, key=urgency)


def _said(alert: Alert, found: State, console: ConsoleWording, now: int) -> str:
    by = alert.silenced_by if found == "silenced" else alert.acknowledged_by
    return console.states[found].format(
        by=clip(by, BRAND_LENGTH),
        until=clock(alert.silenced_until or now, now),
        since=clock(alert.recovering_since or now, now),
    )


def _cause(alert: Alert, words: Wording) -> str:
    drivers = alert.excess.drivers if alert.excess else ()
    top = next((driver for driver in drivers if not driver.facet.startswith(("text:", "channel:"))), None)
    return f"{facet(top.facet, words)} {share(top.share)}" if top else ""


def _figures(alert: Alert) -> tuple[tuple[str, str], ...]:
    negative = share(alert.negatives / max(alert.posts, 1))
    return (
        ("complaints", f"{alert.complaints:,}"),
        ("critical", f"{alert.critical:,}"),
        ("authors", f"{alert.authors:,}"),
        ("posts", f"{alert.posts:,}"),
        ("negatives", f"{alert.negatives:,} ({negative})"),
    )
