"""A web server with one feed that has another entry whenever its last document was fetched."""

import contextlib
import gzip
from collections.abc import AsyncIterator
from hashlib import sha256

from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from agents.collectors.rss import Feed
from tests.fakes.sources._base import LOOPBACK

LONGEST = 10  # entries that a document shows


def feed(newest: int) -> bytes:
    """A document of RSS 2.0."""
    items = "".join(
        f"<item><guid>entry-{number}</guid><title>Title {number}</title></item>"
        for number in range(newest, max(-1, newest - LONGEST), -1)
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>News</title>{items}</channel></rss>".encode()


class FakeFeed:
    """Its entries appear one by one. ``answer`` is given instead of the feed, if there is one."""

    def __init__(self, count: int) -> None:
        self.ids = [f"entry-{number}" for number in range(count)]
        self.cut_after = self.visits = self.newest = 0
        self.overlap = LONGEST  # a document holds its last entries
        self.requests: list[web.Request] = []
        self.answer: web.StreamResponse | None = None
        self.tagged = True  # whether it knows ETags
        self.url = URL()

    def stream(self) -> Feed:
        """A very impatient one."""
        return Feed(self.url, 0.001, LOOPBACK)

    def ids_of(self, value: bytes) -> list[str]:
        """The entries of a document."""
        return [part.partition("</guid>")[0] for part in value.decode().split("<guid>")[1:]]

    async def get(self, request: web.Request) -> web.StreamResponse:
        """The document, unless the client has it."""
        self.visits += 1
        self.requests.append(request)
        if self.answer is not None:
            return self.answer
        if self.cut_after:
            self.cut_after -= 1
            if not self.cut_after and request.transport:
                half = web.StreamResponse(headers={"content-length": "1000"})
                await half.prepare(request)
                await half.write(b"<rss>")
                request.transport.abort()
                return half
        document = feed(self.newest)
        tag = f'"{sha256(document).hexdigest()[:8]}"'
        if request.headers.get("if-none-match") == tag:
            self.newest = min(self.newest + 1, len(self.ids) - 1)
            return web.Response(status=304)
        headers = {"content-encoding": "gzip", **({"etag": tag} if self.tagged else {})}
        return web.Response(body=gzip.compress(document), headers=headers)


@contextlib.asynccontextmanager
async def open_source(count: int) -> AsyncIterator[FakeFeed]:
    """The server while it runs."""
    source, app = FakeFeed(count), web.Application()
    app.router.add_get("/feed.xml", source.get)
    server = TestServer(app)
    await server.start_server()
    source.url = URL(f"http://127.0.0.1:{server.port}/feed.xml")
    try:
        yield source
    finally:
        await server.close()


SOURCE = open_source
