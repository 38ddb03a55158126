"""Pages to PagerDuty by its Events API v2: one open incident there for each of ours, a new one when it gets worse."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, ClassVar, Self

from msgspec import Struct

from agents.notifiers import _base
from agents.notifiers._audience import runbooks
from agents.notifiers._egress import Egress, Reply
from pipeline.languages import Language, said
from pipeline.policy import RANK
from pipeline.quoting import clip, link
from pipeline.retry_after import retry_after
from pipeline.runbooks import runbook
from schemas.alert import Page
from schemas.codec import Decoder, Malformed, encode
from schemas.vocabulary import PageAction, Severity

US = "https://events.pagerduty.com"  # accounts in the EU: https://events.eu.pagerduty.com
KEY_LENGTH = 32
SUMMARY_LENGTH = 1_024
BODY_LENGTH = 50_000  # at worst 300 KB as JSON; an event may have 512 KB
LINKS = 10
RUNBOOK: Mapping[Language, str] = MappingProxyType({"en": "Runbook", "zh": "处置手册", "zh-Hant": "處置手冊"})
SAID_LENGTH = 200  # of an error message
ACCEPTED = frozenset({202})


@dataclass(frozen=True, slots=True)
class PagerDuty:
    """Triggers, acknowledges and resolves. The page's body travels as a custom detail.

    PagerDuty rings no more for what was acknowledged there, whatever is triggered with its key. So each severity has a
    key of its own, and once the graver one rings the milder ones are resolved. It ignores events of unknown keys.
    """

    name: ClassVar[str] = "pagerduty"
    per_minute: ClassVar[int] = 40  # of its 120 events, a page may need three
    example: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"pagerduty_routing_key": "0123456789abcdef0123456789abcdef", "pagerduty_url": US}
    )

    egress: Egress
    routing_key: str = field(repr=False)
    language: Language
    now_ms: Callable[[], int] = field(repr=False)
    runbooks: str = ""  # address below which they are

    @classmethod
    def from_settings(cls, options: Mapping[str, str], now_ms: Callable[[], int]) -> Self | None:
        """On if there is a ``pagerduty_routing_key``; ``pagerduty_url`` is the service region's address."""
        key = options.get("pagerduty_routing_key")
        if not key:
            return None
        if len(key) != KEY_LENGTH or not key.isalnum():
            raise ValueError(f"pagerduty_routing_key: write the integration key, {KEY_LENGTH} letters and digits")
        base = Egress.to("pagerduty_url", {**options, "pagerduty_url": options.get("pagerduty_url") or US})
        return cls(base.below("v2", "enqueue"), key, _base.language(options), now_ms, runbooks(options))

    async def send(self, page: Page) -> _base.Outcome:
        """All its events, the ringing one first; PagerDuty says 202 and nothing else when it has one."""
        outcome: _base.Outcome = _base.Delivered("")
        for event in self._events(page):
            outcome = await self._enqueue(event)
            if not isinstance(outcome, _base.Delivered):
                break
        return outcome

    async def _enqueue(self, event: Mapping[str, Any]) -> _base.Outcome:
        reply = await self.egress.post(encode(event), {"content-type": "application/json"})
        if not isinstance(reply, Reply):
            return reply
        complaint = clip(_errors(reply.text).replace(self.routing_key, "***"), SAID_LENGTH)
        return _base.judge(reply.status, retry_after(reply.retry_after, self.now_ms()), ACCEPTED, complaint)

    def _events(self, page: Page) -> list[dict[str, Any]]:
        milder = [severity for severity in RANK if 0 < RANK[severity] < RANK[page.severity]]  # information never pages
        if page.action == "trigger":
            rang = milder if page.alert.reason != "first" else []
            return [self._trigger(page), *(self._answer(page, severity, "resolve") for severity in rang)]
        return [self._answer(page, severity, page.action) for severity in (page.severity, *milder)]

    def _answer(self, page: Page, severity: Severity, action: PageAction) -> dict[str, Any]:
        return {
            "routing_key": self.routing_key, "event_action": action, "dedup_key": f"{page.dedup_key}/{severity}",
        }  # fmt: skip

    def _trigger(self, page: Page) -> dict[str, Any]:
        event = self._answer(page, page.severity, "trigger")
        summary = clip(said(page.title, self.language), SUMMARY_LENGTH)
        links = [{"href": link(post.url), "text": post.why} for post in page.alert.evidence if link(post.url)]
        if advice := runbook(page.alert.detectors, self.runbooks):
            links.insert(0, {"href": advice, "text": RUNBOOK[self.language]})
        return {**event, "client": "Tocsin", "payload": self._payload(page, summary), "links": links[:LINKS]}

    def _payload(self, page: Page, summary: str) -> dict[str, Any]:
        alert = page.alert
        return {
            "summary": summary,
            "source": f"tocsin:{page.brand}",
            "severity": page.severity,
            "timestamp": datetime.fromtimestamp(page.at / 1000, tz=UTC).isoformat(timespec="milliseconds"),
            "component": page.brand,
            "group": "social",
            "class": clip(", ".join(alert.detectors) or alert.reason, SUMMARY_LENGTH),
            "custom_details": {
                "page": said(page.body, self.language)[:BODY_LENGTH],
                "observed": f"{alert.observed:g} {alert.unit}",
                "expected": f"{alert.expected:g} {alert.unit}",
                "posts": alert.posts,
                "negatives": alert.negatives,
                "complaints": alert.complaints,
                "critical": alert.critical,
                "authors": alert.authors,
                "page_id": page.page_id,
            },
        }


class Complaint(Struct):
    """What PagerDuty says about an event that it did not take."""

    errors: tuple[str, ...] = ()


def _errors(reply: bytes) -> str:
    """The errors in PagerDuty's own form; anything else came from somebody in between and is not repeated."""
    complaint = Decoder[Complaint](Complaint).decode(reply)
    return "" if isinstance(complaint, Malformed) else "; ".join(complaint.errors)


NOTIFIER = PagerDuty
