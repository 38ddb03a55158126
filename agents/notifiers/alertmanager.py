"""Pages to a Prometheus Alertmanager by its API v2: one alert for each incident and severity."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, ClassVar, Self

from agents.notifiers import _base
from agents.notifiers._audience import Audience, runbooks
from agents.notifiers._egress import JSON, Egress, Reply
from pipeline.page_message import Message
from pipeline.plain_text import plain_text
from pipeline.policy import RANK
from pipeline.quoting import one_line
from pipeline.retry_after import retry_after
from pipeline.runbooks import runbook
from schemas.alert import Page
from schemas.codec import encode
from schemas.vocabulary import Severity

ALERTNAME = "TocsinIncident"
DESCRIPTION_LENGTH = 10_000  # Alertmanager has no limit of its own, but every receiver behind it has
HOLD_MS = 8 * 24 * 3_600_000  # an alert that is not sent again burns so long: longer than incidents live by default
ACCEPTED = frozenset({200})


@dataclass(frozen=True, slots=True)
class Alertmanager:
    """Labels say which alert it is, so nothing in them changes but the severity, by which Alertmanager routes.

    An incident that gets worse is another alert there, and its milder ones end. Repeated, all this changes nothing.
    """

    name: ClassVar[str] = "alertmanager"
    example: ClassVar[Mapping[str, str]] = MappingProxyType({"alertmanager_url": "https://alertmanager.example.com"})

    egress: Egress
    audience: Audience
    now_ms: Callable[[], int] = field(repr=False)
    runbooks: str = ""  # address below which they are

    @classmethod
    def from_settings(cls, options: Mapping[str, str], now_ms: Callable[[], int]) -> Self | None:
        """On if there is an ``alertmanager_url``, which may hold ``user:password@``."""
        if not options.get("alertmanager_url"):
            return None
        egress = Egress.to("alertmanager_url", options).below("api", "v2", "alerts")
        return cls(egress, Audience.from_settings(options), now_ms, runbooks(options))

    async def send(self, page: Page) -> _base.Outcome:
        """One request with all alerts of the incident that begin, go on or end. Alertmanager says 200 and no more."""
        reply = await self.egress.post(encode(list(self._alerts(page))), JSON)
        if not isinstance(reply, Reply):
            return reply
        wait = retry_after(reply.retry_after, self.now_ms())
        if reply.status in ACCEPTED and reply.text.strip():
            return _base.Retry(wait, f"HTTP {reply.status} with a body, which Alertmanager does not send")
        return _base.judge(reply.status, wait, ACCEPTED)

    def _alerts(self, page: Page) -> Iterator[dict[str, Any]]:
        burning = page.action != "resolve"
        annotations = self.audience.fit(page, _annotations, lambda made: len(made["description"]) <= DESCRIPTION_LENGTH)
        if advice := runbook(page.alert.detectors, self.runbooks):
            annotations = {**annotations, "runbook_url": advice}
        if burning:
            yield self._alert(page, page.severity, page.at + HOLD_MS, annotations)
        if page.action == "acknowledge" or (burning and page.alert.reason == "first"):
            return
        over = min(page.at, self.now_ms())  # what ends in the future still burns
        milder = [severity for severity in RANK if 0 < RANK[severity] < RANK[page.severity]]  # information never pages
        for severity in milder if burning else (page.severity, *milder):
            yield self._alert(page, severity, over, annotations)

    def _alert(self, page: Page, severity: Severity, end: int, annotations: Mapping[str, str]) -> dict[str, Any]:
        labels = {
            "alertname": ALERTNAME,
            "brand": one_line(page.brand),
            "incident": one_line(page.dedup_key),
            "severity": severity,
        }
        start = min(page.alert.since, end)  # Alertmanager refuses an end before the beginning
        url = self.audience.message(page).url
        times = {"startsAt": _rfc3339(start), "endsAt": _rfc3339(end)}
        return {"labels": labels, "annotations": annotations, **times, **({"generatorURL": url} if url else {})}


def _annotations(told: Message) -> dict[str, str]:
    return {"summary": told.title, "description": plain_text(told)}


def _rfc3339(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, tz=UTC).isoformat(timespec="milliseconds")


NOTIFIER = Alertmanager
