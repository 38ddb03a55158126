"""Timelines of a Mastodon instance: https://docs.joinmastodon.org/methods/streaming, server-sent events.

The stream remembers nothing. So the cursor is the id of the newest status: after every connection, what was missed is
asked for by id (https://docs.joinmastodon.org/methods/timelines) and then the stream goes on. Ids hold times, and
statuses of other instances arrive late under earlier ids: what is missed is asked for from a little earlier on.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Annotated

import msgspec
import structlog
import typer
from aiohttp import ClientResponse, ClientSession
from yarl import URL

from agents.address_guard import Network
from agents.cli.complaint import complaining
from agents.collectors import _options
from agents.collectors._base import LATER_S, Interrupted, Outlet, Payload
from agents.collectors._web import capped, check_reply, interruptions, session
from agents.settings import load
from pipeline.server_sent_events import Block, Blocks

EVENT_CAP = 1 << 20  # bytes
PAGE_CAP = 8 << 20
PAGE = 40  # statuses, the most that instances give
PAGES = 1_000  # of what was missed, then the stream counts
PAGE_S = 1.0  # between two pages: instances allow 300 requests in 5 minutes
QUIET_S = 60.0  # without an event; instances say something every 15 s
OVERLAP_MS = 120_000
AHEAD_MS = 60_000  # an id further in the future would skip what is still to come
KEY_CAP = 1_024  # bytes
_TIME_BITS = 16  # an id is milliseconds since 1970, and 16 bits
_ADVICE = "(an access token in TOCSIN_MASTODON_TOKEN may be wanted)"

_log = structlog.get_logger(__name__)


class _Status(msgspec.Struct):
    id: str


_STATUS = msgspec.json.Decoder(_Status).decode
_LIST = msgspec.json.Decoder(list[msgspec.Raw]).decode


@dataclass(frozen=True, slots=True)
class Timeline:
    """``public`` or ``hashtag``, or that and ``/local``; a ``tag`` for a hashtag."""

    instance: URL
    timeline: str = "public"
    tag: str = ""
    token: str = field(default="", repr=False)
    since_ms: int | None = None
    allowed: Sequence[Network] = ()
    quiet_s: float = QUIET_S
    page_s: float = PAGE_S

    @property
    def name(self) -> str:
        """Instance and timeline: ids mean nothing elsewhere."""
        return f"{self.instance.host}/{self.timeline}{'/' + self.tag if self.tag else ''}"

    async def collect(self, cursor: str | None, outlet: Outlet) -> None:
        """Statuses that were missed as the API gives them, then events of the stream as blocks of text."""
        newest = int(cursor or 0)
        begin = max(0, newest - (OVERLAP_MS << _TIME_BITS)) or (self.since_ms or 0) << _TIME_BITS
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        with interruptions(self.quiet_s):
            async with session(self.allowed, headers, quiet_s=self.quiet_s) as client, self._stream(client) as stream:
                check_reply(stream, _ADVICE)
                outlet.heard()
                async for number, value in self._missed(client, begin):
                    newest = max(newest, number)
                    await outlet.put(Payload(b"%d" % number, value, str(newest), number >> _TIME_BITS))
                async for block in self._blocks(stream):
                    number = _id(block.field(b"data")) if block.field(b"event") == b"update" else 0
                    newest = max(newest, number)
                    await _tell(block, str(newest) if newest else None, number, outlet)

    def _stream(self, client: ClientSession) -> AbstractAsyncContextManager[ClientResponse]:
        url = self.instance / "api/v1/streaming" / self.timeline
        return client.get(url.with_query(tag=self.tag) if self.tag else url, allow_redirects=False)

    async def _missed(self, client: ClientSession, after: int) -> AsyncIterator[tuple[int, bytes]]:
        """Statuses after an id, the oldest first; 0: none."""
        place = f"tag/{self.tag}" if self.tag else "public"
        local = {"local": "true"} if self.timeline.endswith("/local") else {}
        for _ in range(PAGES if after else 0):
            url = (self.instance / "api/v1/timelines" / place).with_query(limit=PAGE, min_id=after, **local)
            async with asyncio.timeout(self.quiet_s), client.get(url, allow_redirects=False) as reply:
                check_reply(reply, _ADVICE)
                page = sorted(_statuses(await capped(reply, PAGE_CAP)))
            for one in page:
                yield one
            if not page or page[-1][0] <= after:
                return
            after = page[-1][0]
            await asyncio.sleep(self.page_s)
        if after:
            _log.warning("collect_gap", source="mastodon", stream=self.name, cursor=after)

    async def _blocks(self, stream: ClientResponse) -> AsyncIterator[Block]:
        """Whole blocks; one that trickles for longer than ``quiet_s`` is none."""
        blocks, loop = Blocks(EVENT_CAP), asyncio.get_running_loop()
        deadline = loop.time() + self.quiet_s
        while True:
            async with asyncio.timeout_at(deadline):
                chunk = await stream.content.readany()
            if not chunk:
                return
            for block in blocks.feed(chunk):
                yield block
                deadline = loop.time() + self.quiet_s


async def _tell(block: Block, cursor: str | None, number: int, outlet: Outlet) -> None:
    """One event, keyed by the status that it is about; a comment is a sign of life only."""
    if block.text is None:
        outlet.refuse("too_long", f"an event of more than {EVENT_CAP:,} bytes")
        return
    event, data = block.field(b"event"), block.field(b"data")
    if not event:
        outlet.heard()
        return
    about = data.strip() if event == b"delete" else b"%d" % (number or _id(data))
    await outlet.put(Payload(about[:KEY_CAP], block.text, cursor, number >> _TIME_BITS if number else None))


def _statuses(body: bytes) -> list[tuple[int, bytes]]:
    """Id and bytes of each status of a page."""
    try:
        return [(_id(bytes(one)), bytes(one)) for one in _LIST(body)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Interrupted("malformed", f"a page of statuses: {error}"[:300], LATER_S) from error


def _id(status: bytes) -> int:
    """The number of a status, which holds its time; 0 if there is none that can be."""
    try:
        number = int(_STATUS(status).id)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return 0
    return number if 0 < number >> _TIME_BITS <= time.time_ns() // 1_000_000 + AHEAD_MS else 0


def collect(
    instance: Annotated[str, typer.Argument(metavar="INSTANCE", help="Whose timeline, such as mastodon.social.")],
    tag: Annotated[list[str] | None, typer.Option(metavar="TAG", help="Only with this hashtag; may repeat.")] = None,
    local: Annotated[bool, typer.Option("--local", help="Only posts of the instance's own accounts.")] = False,
    start: _options.From = "", since: _options.Since = "", rate: _options.Rate = 1_000,
    http: _options.Http = _options.HTTP, allow_private: _options.Private = None,
) -> None:  # fmt: skip
    """Collect the public timeline of a Mastodon instance, or its posts with some hashtags.

    They go to social.raw.mastodon.v1 as they come: posts, edits, deletions. What is missed while it does not run is
    asked for by id, from two minutes earlier on. Most instances want an access token: under Preferences, Development,
    make an application with the scope read:statuses, and write its token to TOCSIN_MASTODON_TOKEN (or _FILE).

      tocsin collect mastodon mastodon.social --tag acme --tag acmemobile

      tocsin collect mastodon fosstodon.org --local --since 1h
    """
    allowed, settings = _options.networks(allow_private), load()
    with complaining("INSTANCE: write a host such as mastodon.social", ValueError):
        url = URL(instance if "://" in instance else f"https://{instance}").origin()
        if url.scheme != "https" and not allowed:  # the token must not travel in the clear
            raise ValueError(f"{url.scheme} is for --allow-private only")
    with complaining("--from: write the id of a status, as progress shows it", ValueError):
        int(start or 0)
    place = "hashtag" if tag else "public"
    token, begin = settings.mastodon_token.get_secret_value(), _options.since_ms(since)
    streams = [
        Timeline(url, f"{place}/local" if local else place, one, token, begin, allowed) for one in tag or [""]
    ]  # fmt: skip
    _options.run(settings, "mastodon", streams, start, rate, http)


COLLECTOR = collect
