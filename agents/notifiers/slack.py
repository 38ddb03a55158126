"""Pages to a Slack channel by an incoming webhook: one message a page."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, Self

from agents.notifiers._audience import Audience
from agents.notifiers._base import Delivered, Outcome, Retry, judge
from agents.notifiers._egress import JSON, Egress, Reply
from pipeline.retry_after import retry_after
from pipeline.slack_message import fits, slack_message
from schemas.alert import Page
from schemas.codec import encode

_WORD = re.compile(rb"[a-z_]{1,60}")  # such as channel_is_archived; anything else came from somebody in between


@dataclass(frozen=True, slots=True)
class Slack:
    """An incoming webhook does not say which message it made, so it has no threads; ``slack_bot`` has."""

    name: ClassVar[str] = "slack"
    per_minute: ClassVar[int] = 60  # one a second
    example: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"slack_webhook_url": "https://hooks.slack.com/services/T00000000/B00000000/an-example-never-a-secret"}
    )

    egress: Egress
    audience: Audience
    now_ms: Callable[[], int] = field(repr=False)

    @classmethod
    def from_settings(cls, options: Mapping[str, str], now_ms: Callable[[], int]) -> Self | None:
        """On if there is a ``slack_webhook_url``."""
        if not options.get("slack_webhook_url"):
            return None
        return cls(Egress.to("slack_webhook_url", options), Audience.from_settings(options), now_ms)

    async def send(self, page: Page) -> Outcome:
        """One message. Slack says "ok" when it has it, otherwise a word for what is wrong."""
        body = encode(self.audience.fit(page, slack_message, fits))
        reply = await self.egress.post(body, JSON)
        if not isinstance(reply, Reply):
            return reply
        word = self.egress.redacted(reply.text.decode()) if _WORD.fullmatch(reply.text.strip()) else ""
        outcome = judge(reply.status, retry_after(reply.retry_after, self.now_ms()), frozenset({200}), word.strip())
        unspoken = isinstance(outcome, Delivered) and word.strip() != "ok"
        return Retry(None, f"{outcome.detail} where Slack says ok") if unspoken else outcome


NOTIFIER = Slack
