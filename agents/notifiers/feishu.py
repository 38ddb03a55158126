"""Pages to a Feishu 飞书 or Lark group by a custom bot: one card a page, its header in the colour of the severity."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, Self

from agents.notifiers import _chat, _signing
from agents.notifiers._audience import Audience
from agents.notifiers._base import Outcome
from agents.notifiers._egress import Egress
from pipeline.feishu_card import feishu_card
from schemas.alert import Page
from schemas.codec import encode

BODY_BYTES = 20_000  # of a request; 20 KB, of which the signature takes some
SERVICE = _chat.Service(
    code="code",
    text="msg",
    lasting=frozenset({
        19001,  # no such bot
        19021,  # wrong signature, or our clock is an hour off
        19022,  # our address is not on the bot's list
        19024,  # the bot's keyword is not in the message
    }),
    busy=MappingProxyType({9499: 1.0, 11232: 60.0}),  # 5 messages a second, 100 a minute
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Feishu:
    """Custom bots know neither threads nor changes, so each page is a card that names its incident.

    Strangers' words stand in fields of plain text, where nothing is a mention, a link or a picture.
    """

    name: ClassVar[str] = "feishu"
    per_minute: ClassVar[int] = 100  # messages
    example: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "feishu_url": "https://open.feishu.cn/open-apis/bot/v2/hook/00000000-0000-0000-0000-000000000000",
            "feishu_secret": "an-example-never-a-secret",
        }
    )

    egress: Egress
    secret: str = field(repr=False)
    audience: Audience
    now_ms: Callable[[], int] = field(repr=False)

    @classmethod
    def from_settings(cls, options: Mapping[str, str], now_ms: Callable[[], int]) -> Self | None:
        """On if there is a ``feishu_url``; ``feishu_secret`` is that of the bot's signature check, if it has one."""
        if not options.get("feishu_url"):
            return None
        secret = _signing.secret("feishu_secret", options)
        return cls(Egress.to("feishu_url", options), secret, Audience.from_settings(options), now_ms)

    async def send(self, page: Page) -> Outcome:
        """One signed card."""
        now_ms = self.now_ms()
        card = self.audience.fit(page, feishu_card, lambda card: len(encode(card)) <= BODY_BYTES)
        body = {**self._signature(now_ms // 1000), "msg_type": "interactive", "card": card}
        return (await _chat.post(self.egress, body, SERVICE, now_ms, self.secret)).outcome

    def _signature(self, seconds: int) -> dict[str, str]:
        if not self.secret:
            return {}
        return {"timestamp": str(seconds), "sign": _signing.feishu(self.secret, seconds)}


NOTIFIER = Feishu
