"""Pages to a DingTalk 钉钉 group by a custom robot: one Markdown message a page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Self

from agents.notifiers import _chat, _signing
from agents.notifiers._audience import Audience
from agents.notifiers._base import Outcome
from agents.notifiers._egress import Egress
from pipeline.markdown import markdown
from pipeline.markup import wide
from pipeline.page_message import Message
from schemas.alert import Page
from schemas.codec import encode

BODY_BYTES = 20_000  # of a request
UNWANTED = frozenset({430101, 430102, 430103, 430104})  # a link, words, a picture or a mixture that it does not pass on
BLOCKED_S = 600.0
SERVICE = _chat.Service(
    code="errcode",
    text="errmsg",
    lasting=frozenset({
        300001, 300005, 400101, 400106,  # no such robot
        310000,  # wrong signature, no keyword, our address is not on the robot's list, or our clock is an hour off
        400102,  # the robot is switched off
        40035, 43004, 400105, 460101,  # a message that it does not understand, or that is too long
    }) | UNWANTED,
    # Above 20 messages a minute it takes none for 10 minutes.
    busy=MappingProxyType({130101: BLOCKED_S, 410100: BLOCKED_S}),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DingTalk:
    """Robots know neither threads nor changes, so each page is a message that names its incident.

    DingTalk drops messages with words or links that it does not like, and posts about a crisis have them: such a page
    goes out again without the posts.
    """

    name: ClassVar[str] = "dingtalk"
    per_minute: ClassVar[int] = 10  # 20 messages, of which a page may need two
    example: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "dingtalk_url": "https://oapi.dingtalk.com/robot/send?access_token=an-example-never-a-token",
            "dingtalk_secret": "SEC-an-example-never-a-secret",
        }
    )

    egress: Egress
    secret: str = field(repr=False)
    audience: Audience
    now_ms: Callable[[], int] = field(repr=False)

    @classmethod
    def from_settings(cls, options: Mapping[str, str], now_ms: Callable[[], int]) -> Self | None:
        """On if there is a ``dingtalk_url``; ``dingtalk_secret`` is the robot's SEC..., if it signs."""
        if not options.get("dingtalk_url"):
            return None
        secret = _signing.secret("dingtalk_secret", options)
        return cls(Egress.to("dingtalk_url", options), secret, Audience.from_settings(options), now_ms)

    async def send(self, page: Page) -> Outcome:
        """One signed message, and one without posts if they are what DingTalk refuses."""
        said = await self._post(self.audience.fit(page, _message, _fits))
        if said.code in UNWANTED:
            return (await self._post(_message(self.audience.without_posts(page)))).outcome
        return said.outcome

    async def _post(self, body: Mapping[str, Any]) -> _chat.Said:
        now_ms = self.now_ms()
        signature = {"timestamp": str(now_ms), "sign": _signing.dingtalk(self.secret, now_ms)} if self.secret else {}
        return await _chat.post(self.egress.asking(**signature), body, SERVICE, now_ms, self.secret)


def _message(told: Message) -> dict[str, Any]:
    text = {"title": wide(told.headline), "text": markdown(told, paragraph="\n\n")}
    return {"msgtype": "markdown", "markdown": text, "at": {"isAtAll": False}}


def _fits(body: Mapping[str, Any]) -> bool:
    return len(encode(body)) <= BODY_BYTES


NOTIFIER = DingTalk
