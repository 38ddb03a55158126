"""Pages to members of a WeCom 企业微信 company by an application: the group bot's text, and a card with buttons."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Self

from agents.notifiers import _chat
from agents.notifiers._audience import Audience
from agents.notifiers._base import Delivered, Outcome, Retry
from agents.notifiers._egress import Egress
from agents.notifiers._kept_token import KeptToken
from pipeline.markdown import markdown
from pipeline.page_message import Message
from pipeline.wecom_card import wecom_card
from schemas.alert import Page

API = "https://qyapi.weixin.qq.com/cgi-bin"
CONTENT_BYTES = 2_048  # of the text in UTF-8; a Chinese character has three
AGAIN_S = 14_400  # for which the same message is not shown twice, the longest that WeCom remembers
MINUTE_S = 60.0
GONE = frozenset({40014, 41001, 42001})  # the token is wrong, missing or too old
SERVICE = _chat.Service(
    code="errcode",
    text="errmsg",
    lasting=frozenset({
        40001, 40013, 40056, 41002, 41004, 60020,  # secret, company, application, or our address is not on its list
        48002, 60011, 301002, 81013,  # not permitted, or nobody to whom it may write
        40008, 40058, 44004,  # a message that it does not understand
    }),
    busy=MappingProxyType({45009: MINUTE_S, 45033: MINUTE_S}),
)  # fmt: skip
_CORP, _SECRET = re.compile(r"[A-Za-z0-9_-]{4,64}"), re.compile(r"[!-~]+")
_AGENT, _MEMBERS = re.compile(r"\d{1,12}"), re.compile(r"@all|[\w.@-]+(?:\|[\w.@-]+)*")


@dataclass(frozen=True, slots=True)
class WeComApp:
    """A page that is sent again within four hours is not shown twice: WeCom compares messages."""

    name: ClassVar[str] = "wecom_app"
    per_minute: ClassVar[int] = 15  # WeCom takes 30 messages a minute to one member, and a page may need two
    example: ClassVar[Mapping[str, str]] = MappingProxyType({
        "wecom_corp_id": "ww0123456789abcdef", "wecom_app_secret": "an-example-never-a-secret",
        "wecom_app_agent": "1000002", "wecom_app_to": "@all", "wecom_api_url": API,
    })  # fmt: skip

    egress: Egress
    corp: str
    secret: str = field(repr=False)
    agent: int
    members: str
    audience: Audience
    buttons: bool
    now_ms: Callable[[], int] = field(repr=False)
    kept: KeptToken = field(default_factory=KeptToken, repr=False)

    @classmethod
    def from_settings(cls, options: Mapping[str, str], now_ms: Callable[[], int]) -> Self | None:
        """On if there is a ``wecom_corp_id``; then secret, agent and receivers of the application are needed, too."""
        if not options.get("wecom_corp_id"):
            return None
        wanted = (
            ("wecom_corp_id", _CORP, "the CorpID of the company"),
            ("wecom_app_secret", _SECRET, "the Secret of the application"),
            ("wecom_app_agent", _AGENT, "the AgentId of the application, a number"),
            ("wecom_app_to", _MEMBERS, "who gets pages: UserIDs separated by |, or @all"),
        )
        for option, form, what in wanted:
            if not form.fullmatch(options.get(option, "")):
                raise ValueError(f"{option}: write {what}")
        corp, secret, agent, members = (options[option] for option, _, _ in wanted)
        egress = Egress.to("wecom_api_url", {**options, "wecom_api_url": options.get("wecom_api_url") or API})
        buttons = options.get("wecom_buttons") == "on"
        return cls(egress, corp, secret, int(agent), members, Audience.from_settings(options), buttons, now_ms)

    async def send(self, page: Page) -> Outcome:
        """The text, then the card if there is something to answer; both again if the card did not get there."""
        content = self.audience.fit(page, _content, lambda text: len(text.encode()) <= CONTENT_BYTES)
        outcome = await self._send({"msgtype": "markdown", "markdown": {"content": content}})
        card = wecom_card(self.audience.message(page), page, self.audience.language) if self.buttons else None
        if card is None or not isinstance(outcome, Delivered):
            return outcome
        return await self._send({"msgtype": "template_card", "template_card": card})

    async def _send(self, message: Mapping[str, Any]) -> Outcome:
        token = await self._token()
        if not isinstance(token, str):
            return token
        way = self.egress.below("message", "send").asking(access_token=token)
        whole = {
            "touser": self.members, "agentid": self.agent, **message,
            "enable_duplicate_check": 1, "duplicate_check_interval": AGAIN_S,
        }  # fmt: skip
        said = await _chat.post(way, whole, SERVICE, self.now_ms(), token)
        if said.code in GONE:
            self.kept.forget()
            return Retry(None, said.outcome.detail)
        return said.outcome

    async def _token(self) -> str | Outcome:
        """The token of the application, which lasts two hours."""
        now = self.now_ms()
        if lasting := self.kept.lasting(now):
            return lasting
        way = self.egress.below("gettoken").asking(corpid=self.corp, corpsecret=self.secret)
        said = await _chat.get(way, SERVICE, now, self.secret)
        if not isinstance(said.outcome, Delivered):
            return said.outcome
        token = self.kept.keep(said.fields.get("access_token"), said.fields.get("expires_in"), now)
        return token or Retry(None, "it gave no token")


def _content(told: Message) -> str:
    return markdown(told, paragraph="\n")


NOTIFIER = WeComApp
