"""Feeds by polling: RSS, Atom and JSON Feed, politely (https://www.rfc-editor.org/rfc/rfc9110#name-conditional-requests).

The cursor is what the server said of the last document, its ETag and Last-Modified, and the hash of its bytes: what did
not change is neither transferred nor collected again.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated

import msgspec
import typer
from aiohttp import ClientResponse
from yarl import URL

from agents.address_guard import Network
from agents.cli.complaint import Complaint, complaining
from agents.collectors import _options
from agents.collectors._base import LATER_S, Interrupted, Outlet, Payload
from agents.collectors._web import capped, check_reply, interruptions, session
from agents.settings import load

DOCUMENT_CAP = 8 << 20  # bytes, inflated
EXCHANGE_S = 60.0  # for a whole poll, so that a server that trickles is left
REDIRECTS = 5
SHORTEST_S = 60
TAG_CAP = 1_024  # characters of an ETag that are kept; longer ones are not sent back
JITTER = 0.1  # of the interval, so that feeds of one host are not asked at the same moment
UNCHANGED = 304


class Seen(msgspec.Struct, frozen=True, omit_defaults=True):
    """The last document of a feed."""

    etag: str = ""
    modified: str = ""
    digest: str = ""

    def condition(self) -> dict[str, str]:
        """Headers that ask for a newer one only."""
        asked = {"if-none-match": self.etag, "if-modified-since": self.modified}
        return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed, asked every ``every_s`` seconds."""

    url: URL
    every_s: float
    allowed: Sequence[Network] = ()
    exchange_s: float = EXCHANGE_S

    @property
    def name(self) -> str:
        """The address, without what may be a password."""
        return str(self.url.with_user(None))[:1_024]

    async def collect(self, cursor: str | None, outlet: Outlet) -> None:
        """The whole document as it came, whenever it changed; keyed by the feed."""
        seen = _seen(cursor)
        while True:
            document, seen = await self._poll(seen)
            told = msgspec.json.encode(seen).decode()
            if document is None:
                outlet.reached(told)
            else:
                await outlet.put(Payload(self.name.encode(), document, told))
            await asyncio.sleep(self.every_s * (1 + random.uniform(-JITTER, JITTER)))  # noqa: S311  # no secret

    async def _poll(self, seen: Seen) -> tuple[bytes | None, Seen]:
        """The document, or None if it is that of the last time; and what is to be remembered."""
        headers = {"accept-encoding": "gzip", "accept": _ACCEPT, **seen.condition()}
        with interruptions(self.exchange_s):
            async with (
                session(self.allowed, headers, self.exchange_s) as client,
                client.get(self.url, max_redirects=REDIRECTS) as reply,
            ):
                if reply.status == UNCHANGED:
                    return None, seen
                check_reply(reply)
                document = await capped(reply, DOCUMENT_CAP)
        now = _described(reply, document)
        return (None if now.digest == seen.digest else document), now


_ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"


def _described(reply: ClientResponse, document: bytes) -> Seen:
    etag, modified = (reply.headers.get(name, "") for name in ("etag", "last-modified"))
    return Seen(
        etag if len(etag) <= TAG_CAP else "", modified if len(modified) <= TAG_CAP else "", sha256(document).hexdigest()
    )


def _seen(cursor: str | None) -> Seen:
    try:
        return msgspec.json.decode(cursor or "{}", type=Seen)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Interrupted("malformed", "the cursor is none of a feed", LATER_S) from error


def collect(
    feeds: Annotated[list[str], typer.Argument(metavar="URL...", help="Feeds: RSS, Atom or JSON Feed.")],
    every: Annotated[float, typer.Option(min=SHORTEST_S, help="Seconds between two looks at a feed.")] = 300,
    rate: _options.Rate = 100, http: _options.Http = _options.HTTP, allow_private: _options.Private = None,
) -> None:  # fmt: skip
    """Collect feeds: RSS, Atom and JSON Feed, each document when it has changed.

    They go to social.raw.rss.v1 as they come; each entry becomes an article. Servers are asked for changes only (ETag,
    Last-Modified), and less often if they say so (Retry-After). A feed that fails holds the others up in nothing.

      tocsin collect rss https://news.example/feed.xml https://blog.example/atom

      tocsin collect rss --every 900 https://news.example/feed.xml
    """
    allowed = _options.networks(allow_private)
    with complaining("URL: write the address of a feed such as https://news.example/feed.xml", ValueError):
        urls = [URL(feed) for feed in dict.fromkeys(feeds)]
    for url in urls:
        if url.scheme not in ("http", "https") or not url.host:
            raise Complaint(f"{url}: write https://, and the name of a host")
    _options.run(load(), "rss", [Feed(url, every, allowed) for url in urls], "", rate, http)


COLLECTOR = collect
