"""Pages to a Feishu 飞书 or Lark chat by an application's bot: cards like those of a custom bot, but with buttons."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Self

from agents.notifiers import _chat
from agents.notifiers._audience import Audience
from agents.notifiers._base import Delivered, Outcome, Retry
from agents.notifiers._egress import JSON, Egress
from agents.notifiers._kept_token import KeptToken
from pipeline.feishu_card import feishu_card, with_buttons
from pipeline.page_message import Message
from schemas.alert import Page
from schemas.codec import encode

API = "https://open.feishu.cn/open-apis"  # Lark: https://open.larksuite.com/open-apis
BODY_BYTES = 30_000  # of a request with a card
GONE = frozenset({99991661, 99991663, 99991664, 99991668})  # the token is missing, wrong or too old
SERVICE = _chat.Service(
    code="code",
    text="msg",
    lasting=frozenset({
        10003, 10014, 10012,  # wrong parameters, secret or application
        99991672, 99991679,  # a permission is missing
        230001, 230002, 230006, 230013, 230025, 230027, 230034,  # the message, or the bot in this chat
    }),
    busy=MappingProxyType({99991400: 1.0, 230020: 1.0, 11232: 60.0}),
)  # fmt: skip
_APPLICATION, _SECRET, _CHAT = re.compile(r"cli_\w+"), re.compile(r"[!-~]+"), re.compile(r"oc_\w+")


@dataclass(frozen=True, slots=True)
class FeishuBot:
    """A page that is posted again within an hour is not shown twice: Feishu knows it by its ``uuid``."""

    name: ClassVar[str] = "feishu_bot"
    per_minute: ClassVar[int] = 100  # 5 messages a second to one chat
    example: ClassVar[Mapping[str, str]] = MappingProxyType({
        "feishu_app_id": "cli_0123456789abcdef", "feishu_app_secret": "an-example-never-a-secret",
        "feishu_chat_id": "oc_0123456789abcdef0123456789abcdef", "feishu_api_url": API,
    })  # fmt: skip

    egress: Egress
    application: str
    secret: str = field(repr=False)
    chat: str
    audience: Audience
    buttons: bool
    now_ms: Callable[[], int] = field(repr=False)
    kept: KeptToken = field(default_factory=KeptToken, repr=False)

    @classmethod
    def from_settings(cls, options: Mapping[str, str], now_ms: Callable[[], int]) -> Self | None:
        """On if there is a ``feishu_app_id``; then ``feishu_app_secret`` and ``feishu_chat_id`` are needed as well."""
        if not options.get("feishu_app_id"):
            return None
        wanted = (
            ("feishu_app_id", _APPLICATION, "the application's App ID, cli_..."),
            ("feishu_app_secret", _SECRET, "the application's App Secret"),
            ("feishu_chat_id", _CHAT, "the id of the group, oc_..., as its settings show it"),
        )
        for option, form, what in wanted:
            if not form.fullmatch(options.get(option, "")):
                raise ValueError(f"{option}: write {what}")
        egress = Egress.to("feishu_api_url", {**options, "feishu_api_url": options.get("feishu_api_url") or API})
        application, secret, chat = (options[option] for option, _, _ in wanted)
        buttons = options.get("feishu_buttons") == "on"
        return cls(egress, application, secret, chat, Audience.from_settings(options), buttons, now_ms)

    async def send(self, page: Page) -> Outcome:
        """One card, after a token if there is none that lasts."""
        token = await self._token()
        if not isinstance(token, str):
            return token
        body = self.audience.fit(
            page, lambda told: self._body(told, page), lambda body: len(encode(body)) <= BODY_BYTES
        )
        way = self.egress.below("im", "v1", "messages").asking(receive_id_type="chat_id")
        headers = {**JSON, "authorization": f"Bearer {token}"}
        said = await _chat.post(way, body, SERVICE, self.now_ms(), token, headers)
        if said.code in GONE:
            self.kept.forget()
            return Retry(None, said.outcome.detail)
        return said.outcome

    def _body(self, told: Message, page: Page) -> dict[str, Any]:
        card = feishu_card(told)
        if self.buttons:
            card = with_buttons(card, page, self.audience.language)
        content = encode(card).decode()
        return {"receive_id": self.chat, "msg_type": "interactive", "content": content, "uuid": page.page_id[:50]}

    async def _token(self) -> str | Outcome:
        """The token of the application, which lasts two hours; Feishu gives the same again until its last half hour."""
        now = self.now_ms()
        if lasting := self.kept.lasting(now):
            return lasting
        way = self.egress.below("auth", "v3", "tenant_access_token", "internal")
        asked = {"app_id": self.application, "app_secret": self.secret}
        said = await _chat.post(way, asked, SERVICE, now, self.secret)
        if not isinstance(said.outcome, Delivered):
            return said.outcome
        token = self.kept.keep(said.fields.get("tenant_access_token"), said.fields.get("expire"), now)
        return token or Retry(None, "it gave no token")


NOTIFIER = FeishuBot
