"""Pages to a channel of Microsoft Teams by the webhook of a workflow: one Adaptive Card a page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Self

from msgspec import Struct

from agents.notifiers._audience import Audience
from agents.notifiers._base import Outcome, Retry, judge
from agents.notifiers._egress import JSON, Egress, Reply
from pipeline.adaptive_card import adaptive_card
from pipeline.page_message import Message
from pipeline.quoting import clip
from pipeline.retry_after import retry_after
from schemas.alert import Page
from schemas.codec import Decoder, Malformed, encode

BODY_BYTES = 28_000  # of a message with its card; Teams counts 28 KB
SAID_LENGTH = 200
ACCEPTED = frozenset({200, 202})
RETIRED = ".webhook.office.com"  # connectors of Office 365


@dataclass(frozen=True, slots=True)
class Teams:
    """A workflow knows neither threads nor changes, so each page is a card that names its incident.

    202 means that the workflow runs; whether it posts the card is told in its history in Teams only.
    """

    name: ClassVar[str] = "teams"
    example: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"teams_url": "https://prod-00.westeurope.logic.azure.com/workflows/0/triggers/manual/paths/invoke?sig=example"}
    )

    egress: Egress
    audience: Audience
    now_ms: Callable[[], int] = field(repr=False)

    @classmethod
    def from_settings(cls, options: Mapping[str, str], now_ms: Callable[[], int]) -> Self | None:
        """On if there is a ``teams_url``, whose ``sig`` is the credential."""
        if not options.get("teams_url"):
            return None
        egress = Egress.to("teams_url", options)
        if (egress.url.host or "").endswith(RETIRED):
            raise ValueError(
                "teams_url: connectors are retired; make a workflow of the template "
                '"Post to a channel when a webhook request is received" and write its URL'
            )
        return cls(egress, Audience.from_settings(options), now_ms)

    async def send(self, page: Page) -> Outcome:
        """One card. A success with a body is a proxy's, or an old connector's way to say that it failed."""
        body = self.audience.fit(page, _message, lambda message: len(message) <= BODY_BYTES)
        reply = await self.egress.post(body, JSON)
        if not isinstance(reply, Reply):
            return reply
        wait = retry_after(reply.retry_after, self.now_ms())
        if reply.status in ACCEPTED and reply.text.strip():
            return Retry(wait, f"HTTP {reply.status} with a body, which a workflow does not send")
        said = clip(self.egress.redacted(_error(reply.text)), SAID_LENGTH)
        return judge(reply.status, wait, ACCEPTED, said)


class _Error(Struct):
    code: str = ""
    message: str = ""


class _Complaint(Struct):
    error: _Error


def _error(reply: bytes) -> str:
    """What the workflow says against a request; anything else came from somebody in between and is not repeated."""
    complaint = Decoder[_Complaint](_Complaint).decode(reply)
    return "" if isinstance(complaint, Malformed) else f"{complaint.error.code}: {complaint.error.message}"


def _message(told: Message) -> bytes:
    attachment: dict[str, Any] = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": adaptive_card(told),
    }
    return encode({"type": "message", "attachments": [attachment]})


NOTIFIER = Teams
