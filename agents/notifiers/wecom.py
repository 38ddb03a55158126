"""Pages to a WeCom 企业微信 group by a group bot: one Markdown message a page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, Self

from agents.notifiers import _chat
from agents.notifiers._audience import Audience
from agents.notifiers._base import Outcome
from agents.notifiers._egress import Egress
from pipeline.markdown import markdown
from pipeline.page_message import Message
from schemas.alert import Page

CONTENT_BYTES = 4_096  # of the text in UTF-8; a Chinese character has three
MINUTE_S = 60.0  # 20 messages a minute
SERVICE = _chat.Service(
    code="errcode",
    text="errmsg",
    lasting=frozenset({
        93000, 93008, 93017,  # no such bot, or it was removed from the group
        40001, 40014, 40008, 40058, 44004,  # a wrong key, or a message that it does not understand
    }),
    busy=MappingProxyType({45009: MINUTE_S, 45033: MINUTE_S}),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WeCom:
    """Group bots know neither threads nor changes, so each page is a message that names its incident."""

    name: ClassVar[str] = "wecom"
    per_minute: ClassVar[int] = 20  # messages
    example: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"wecom_url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=00000000-0000-0000-0000-000000000000"}
    )

    egress: Egress
    audience: Audience
    now_ms: Callable[[], int] = field(repr=False)

    @classmethod
    def from_settings(cls, options: Mapping[str, str], now_ms: Callable[[], int]) -> Self | None:
        """On if there is a ``wecom_url``, whose ``key`` is the credential."""
        if not options.get("wecom_url"):
            return None
        return cls(Egress.to("wecom_url", options), Audience.from_settings(options), now_ms)

    async def send(self, page: Page) -> Outcome:
        """One message."""
        content = self.audience.fit(page, _content, lambda text: len(text.encode()) <= CONTENT_BYTES)
        body = {"msgtype": "markdown", "markdown": {"content": content}}
        return (await _chat.post(self.egress, body, SERVICE, self.now_ms())).outcome


def _content(told: Message) -> str:
    return markdown(told, paragraph="\n")


NOTIFIER = WeCom
