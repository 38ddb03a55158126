"""Pages to a Slack channel with a bot's token: one thread for each incident."""

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, Self

from msgspec import Struct

from agents.notifiers._audience import Audience
from agents.notifiers._base import Delivered, Outcome, Refused, Retry, judge
from agents.notifiers._egress import JSON, Egress, Reply
from pipeline.quoting import clip
from pipeline.retry_after import retry_after
from pipeline.slack_message import fits, slack_message
from schemas.alert import Page
from schemas.codec import Decoder, Malformed, encode

API = "https://slack.com/api"  # GovSlack: https://slack-gov.com/api
THREADS = 1_000  # incidents that are remembered
SAID_LENGTH = 200  # of an error
OK = frozenset({200})
LASTING = frozenset({
    "account_inactive", "access_denied", "invalid_auth", "missing_scope", "no_permission", "not_allowed_token_type",
    "not_authed", "team_access_not_granted", "token_expired", "token_revoked",  # the token
    "channel_not_found", "is_archived", "not_in_channel", "restricted_action",  # the channel
    "invalid_arguments", "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long",
})  # fmt: skip
GONE = frozenset({"thread_not_found", "message_not_found", "cannot_reply_to_message"})
_TOKEN, _CHANNEL = re.compile(r"xox[a-z]-[\w-]+"), re.compile(r"#?[\w.-]+")


class Said(Struct):
    """What ``chat.postMessage`` says, nearly always with HTTP 200; ``ts`` names the message that it made."""

    ok: bool
    error: str = ""
    ts: str = ""


class Thread(NamedTuple):
    """The first message of an incident, and the page that came last."""

    ts: str
    page_id: str


@dataclass(frozen=True, slots=True)
class SlackBot:
    """Later pages of an incident are replies to the first, shown in the channel, too, but for acknowledgements.

    A repeated page is not posted. Threads are remembered by the process: after a restart the next page begins another.
    """

    name: ClassVar[str] = "slack_bot"
    per_minute: ClassVar[int] = 60  # one a second
    example: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"slack_bot_token": "xoxb-an-example-never-a-token", "slack_bot_channel": "C0123456789", "slack_api_url": API}
    )

    egress: Egress
    token: str = field(repr=False)
    channel: str
    audience: Audience
    now_ms: Callable[[], int] = field(repr=False)
    threads: OrderedDict[str, Thread] = field(default_factory=OrderedDict, repr=False)  # by incident

    @classmethod
    def from_settings(cls, options: Mapping[str, str], now_ms: Callable[[], int]) -> Self | None:
        """On if there is a ``slack_bot_token`` (scope ``chat:write``); then ``slack_bot_channel`` is needed as well."""
        token, channel = options.get("slack_bot_token", ""), options.get("slack_bot_channel", "")
        if not token:
            return None
        if not _TOKEN.fullmatch(token):
            raise ValueError("slack_bot_token: write the bot's token, xoxb-...")
        if not _CHANNEL.fullmatch(channel):
            raise ValueError("slack_bot_channel: write the channel's id, such as C0123456789")
        base = Egress.to("slack_api_url", {**options, "slack_api_url": options.get("slack_api_url") or API})
        return cls(base.below("chat.postMessage"), token, channel, Audience.from_settings(options), now_ms)

    async def send(self, page: Page) -> Outcome:
        """One message; in a new thread if somebody has deleted the one that was there."""
        thread = self.threads.get(page.dedup_key)
        if thread and thread.page_id == page.page_id:
            return Delivered("posted before")
        message = {"channel": self.channel} | self.audience.fit(page, slack_message, fits)
        if thread is None:
            return await self._post(page, message, "")
        reply = {**message, "thread_ts": thread.ts, "reply_broadcast": page.action != "acknowledge"}
        outcome = await self._post(page, reply, thread.ts)
        forgotten = page.dedup_key not in self.threads
        return await self._post(page, message, "") if forgotten else outcome

    async def _post(self, page: Page, body: Mapping[str, Any], thread: str) -> Outcome:
        """Post and remember the thread, or forget the one that is gone."""
        headers = {**JSON, "authorization": f"Bearer {self.token}"}
        reply = await self.egress.post(encode(body), headers)
        if not isinstance(reply, Reply):
            return reply
        wait = retry_after(reply.retry_after, self.now_ms())
        said = Decoder[Said](Said).decode(reply.text)
        if isinstance(said, Malformed) or (said.ok and not said.ts):
            return judge(reply.status, wait, accepted=())
        outcome = self._judge(reply.status, wait, said)
        if isinstance(outcome, Delivered):
            self._remember(page, thread or said.ts)
        elif said.error in GONE:
            self.threads.pop(page.dedup_key, None)
        return outcome

    def _judge(self, status: int, wait: float | None, said: Said) -> Outcome:
        detail = clip(self.egress.redacted(said.error, self.token), SAID_LENGTH)
        if said.error in LASTING:
            return Refused(detail)
        outcome = judge(status, wait, OK, detail)
        return outcome if said.ok or not isinstance(outcome, Delivered) else Retry(wait, outcome.detail)

    def _remember(self, page: Page, ts: str) -> None:
        self.threads[page.dedup_key] = Thread(ts, page.page_id)
        self.threads.move_to_end(page.dedup_key)
        while len(self.threads) > THREADS:
            self.threads.popitem(last=False)


NOTIFIER = SlackBot
