"""Pages to PagerDuty by its Events API v2: one incident there per dedup key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, ClassVar, Self

from msgspec import Struct

from agents.notifiers import _base
from agents.notifiers._egress import Egress, Reply
from pipeline.quoting import clip, link
from schemas.alert import Page
from schemas.codec import Decoder, Malformed, encode

US = "https://events.pagerduty.com"  # accounts in the EU: https://events.eu.pagerduty.com
KEY_LENGTH = 32
SUMMARY_LENGTH = 1_024
BODY_LENGTH = 50_000  # at worst 300 KB as JSON; an event may have 512 KB
LINKS = 10
SAID_LENGTH = 200  # of an error message
ACCEPTED = frozenset({202})


@dataclass(frozen=True, slots=True)
class PagerDuty:
    """Triggers and resolves. The page's body travels as a custom detail."""

    name: ClassVar[str] = "pagerduty"
    example: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"pagerduty_routing_key": "0123456789abcdef0123456789abcdef", "pagerduty_url": US}
    )

    egress: Egress
    routing_key: str = field(repr=False)
    language: _base.Language
    now_ms: Callable[[], int] = field(repr=False)

    @classmethod
    def from_settings(cls, options: Mapping[str, str], now_ms: Callable[[], int]) -> Self | None:
        """On if there is a ``pagerduty_routing_key``; ``pagerduty_url`` is the service region's address."""
        key = options.get("pagerduty_routing_key")
        if not key:
            return None
        if len(key) != KEY_LENGTH or not key.isalnum():
            raise ValueError(f"pagerduty_routing_key: write the integration key, {KEY_LENGTH} letters and digits")
        base = Egress.to("pagerduty_url", {**options, "pagerduty_url": options.get("pagerduty_url") or US})
        return cls(base.below("v2", "enqueue"), key, _base.language(options), now_ms)

    async def send(self, page: Page) -> _base.Outcome:
        """One event; PagerDuty says 202 and nothing else when it has it."""
        reply = await self.egress.post(encode(self._event(page)), {"content-type": "application/json"})
        if not isinstance(reply, Reply):
            return reply
        said = clip(_errors(reply.text).replace(self.routing_key, "***"), SAID_LENGTH)
        return _base.judge(reply.status, _base.retry_after(reply.retry_after, self.now_ms()), ACCEPTED, said)

    def _event(self, page: Page) -> dict[str, Any]:
        event = {"routing_key": self.routing_key, "event_action": page.action, "dedup_key": page.dedup_key}
        if page.action == "resolve":
            return event
        summary = clip(page.title[self.language], SUMMARY_LENGTH)
        links = [{"href": link(post.url), "text": post.why} for post in page.alert.evidence if link(post.url)]
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
                "page": page.body[self.language][:BODY_LENGTH],
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
