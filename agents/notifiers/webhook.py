"""Pages to any HTTPS endpoint as JSON, signed as Standard Webhooks (standardwebhooks.com) prescribe."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import ClassVar, Self

from standardwebhooks import Webhook as Signer

from agents.notifiers._base import Outcome, judge
from agents.notifiers._egress import Egress, Reply
from pipeline.retry_after import retry_after
from schemas.alert import Page
from schemas.codec import encode

ACCEPTED = range(200, 300)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Posts the whole Page record. ``webhook-id`` is the page id, so a receiver can drop repetitions."""

    name: ClassVar[str] = "webhook"
    example: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "webhook_url": "https://hooks.example.com/tocsin/a-path-nobody-guesses",
            "webhook_secret": "whsec_YW4gZXhhbXBsZSwgbmV2ZXIgYSBzZWNyZXQ=",
        }
    )

    egress: Egress
    signer: Signer = field(repr=False)
    now_ms: Callable[[], int] = field(repr=False)

    @classmethod
    def from_settings(cls, options: Mapping[str, str], now_ms: Callable[[], int]) -> Self | None:
        """On if there is a ``webhook_url``; then ``webhook_secret`` is needed as well."""
        if not options.get("webhook_url"):
            return None
        return cls(Egress.to("webhook_url", options), _signer(options.get("webhook_secret", "")), now_ms)

    async def send(self, page: Page) -> Outcome:
        """One signed POST. The reply's text stays out of the outcome: it may echo the request's credentials."""
        body, now_ms = encode(page), self.now_ms()
        headers = {"content-type": "application/json", **self._signature(page.page_id, body, now_ms // 1000)}
        reply = await self.egress.post(body, headers)
        if not isinstance(reply, Reply):
            return reply
        return judge(reply.status, retry_after(reply.retry_after, now_ms), ACCEPTED)

    def _signature(self, page_id: str, body: bytes, seconds: int) -> dict[str, str]:
        signature = self.signer.sign(page_id, datetime.fromtimestamp(seconds, tz=UTC), body.decode())
        return {"webhook-id": page_id, "webhook-timestamp": str(seconds), "webhook-signature": signature}


def _signer(secret: str) -> Signer:
    wanted = ValueError("webhook_secret: write whsec_ and 24 to 64 random bytes in base64")
    if not secret.startswith("whsec_"):
        raise wanted
    try:
        return Signer(secret)
    except Exception:  # noqa: BLE001  # the library raises bare Exceptions, whose text could hold the secret
        raise wanted from None


NOTIFIER = Webhook
