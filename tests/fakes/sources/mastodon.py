"""An instance of Mastodon on loopback: a timeline by pages, and a stream that remembers nothing."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from agents.collectors.mastodon import Timeline
from tests.fakes.sources._base import LOOPBACK

MINUTE_MS = 60_000
BEGIN_MS = time.time_ns() // 1_000_000 - 600 * MINUTE_MS


def status(number: int) -> bytes:
    """A status as of one minute; ids hold times."""
    account = {"id": f"{number % 7}", "acct": f"user{number % 7}"}
    made = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime((BEGIN_MS + number * MINUTE_MS) / 1000))
    told = {"id": str(identifier(number)), "created_at": made, "content": f"<p>{number}</p>", "account": account}
    return orjson.dumps(told)


def identifier(number: int) -> int:
    return (BEGIN_MS + number * MINUTE_MS) << 16


def block(event: str, data: bytes) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (event.encode(), data)


class FakeMastodon:
    """One half of its statuses is there already, the other half comes over the stream; so do an edit and a delete."""

    def __init__(self, count: int) -> None:
        self.ids = [str(identifier(number)) for number in range(count)]
        self.there = count // 2
        self.cut_after = self.visits = 0
        self.overlap = 2  # minutes of the collector, a minute each
        self.requests: list[web.Request] = []
        self.raw: bytes | None = None  # what the stream sends instead of events
        self.pages: bytes | None = None  # and the timeline instead of statuses
        self.url = URL()

    def stream(self) -> Timeline:
        """From the first status on."""
        return Timeline(self.url, token="secret-token", since_ms=BEGIN_MS - 1, allowed=LOOPBACK, page_s=0)

    def ids_of(self, value: bytes) -> list[str]:
        """The id, in a block or a page."""
        data = value.partition(b"data: ")[2] or value
        return [orjson.loads(data)["id"]]

    async def timeline(self, request: web.Request) -> web.Response:
        """A page of what is there, the newest first."""
        self.requests.append(request)
        if self.pages is not None:
            return web.Response(body=self.pages)
        after, limit = int(request.query["min_id"]), 7
        there = [number for number in range(self.there) if identifier(number) > after][:limit]
        return web.Response(body=b"[%b]" % b",".join(status(number) for number in reversed(there)))

    async def events(self, request: web.Request) -> web.StreamResponse:
        """What becomes there, then silence."""
        self.visits += 1
        self.requests.append(request)
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b":)\n\n" if self.raw is None else self.raw)
        while self.raw is None and self.there < len(self.ids):
            if self.cut_after:
                self.cut_after -= 1
                if not self.cut_after and request.transport:
                    self.there += 1  # nobody hears of it but by the timeline
                    request.transport.abort()
                    return response
            number, self.there = self.there, self.there + 1
            await response.write(block("update", status(number)))
            await asyncio.sleep(0)
        await asyncio.Event().wait()
        return response


@contextlib.asynccontextmanager
async def open_source(count: int) -> AsyncIterator[FakeMastodon]:
    """The server while it runs."""
    source, app = FakeMastodon(count), web.Application()
    app.router.add_get("/api/v1/streaming/public", source.events)
    app.router.add_get("/api/v1/timelines/public", source.timeline)
    server = TestServer(app)
    await server.start_server()
    source.url = URL(f"http://127.0.0.1:{server.port}")
    try:
        yield source
    finally:
        await server.close()


SOURCE = open_source
