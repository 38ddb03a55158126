"""Jetstream on loopback: plays events back from a cursor, then keeps the connection open."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import orjson
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer
from yarl import URL

from agents.collectors.bluesky import Jetstream
from tests.fakes.sources._base import LOOPBACK

BEGIN_US = (time.time_ns() // 1_000) - 3_000_000_000
STEP_US = 1_000


def event(number: int) -> bytes:
    """A post, an edit or a deletion, as Jetstream tells it."""
    operation = "delete" if number % 10 == 9 else "create"
    record = {"$type": "app.bsky.feed.post", "text": f"post {number}", "createdAt": "2026-11-22T08:00:00Z"}
    commit = {"rev": "3k", "operation": operation, "collection": "app.bsky.feed.post", "rkey": f"3k{number}"}
    told = commit if operation == "delete" else {**commit, "record": record, "cid": f"bafy{number}"}
    return orjson.dumps({
        "did": f"did:plc:{number % 7:024d}", "time_us": BEGIN_US + number * STEP_US, "kind": "commit", "commit": told,
    })  # fmt: skip


def time_us(told: bytes) -> int:
    """When the server says that it was; what has no time comes last."""
    try:
        return int(orjson.loads(told)["time_us"])
    except (orjson.JSONDecodeError, KeyError):
        return time.time_ns() // 1_000


class FakeJetstream:
    """Its events are ``STEP_US`` apart. ``frames`` are sent instead of events, if there are any."""

    def __init__(self, count: int) -> None:
        self.events = [event(number) for number in range(count)]
        self.ids = [f"3k{number}" for number in range(count)]
        self.cut_after = self.visits = 0
        self.overlap = 1  # the one that the cursor names
        self.asked: list[dict[str, str]] = []
        self.user_agents: list[str] = []
        self.frames: list[bytes | str] = []
        self.url = URL()

    def stream(self) -> Jetstream:
        """From the first event on."""
        return Jetstream(self.url, since_ms=BEGIN_US // 1_000 - 1, allowed=LOOPBACK)

    def ids_of(self, value: bytes) -> list[str]:
        """The record key."""
        return [orjson.loads(value)["commit"]["rkey"]]

    async def subscribe(self, request: web.Request) -> web.WebSocketResponse:
        """Play back, then wait for the client to go."""
        self.visits += 1
        self.asked.append(dict(request.query))
        self.user_agents.append(request.headers["user-agent"])
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        for frame in self.frames:
            await (socket.send_str(frame) if isinstance(frame, str) else socket.send_frame(frame, WSMsgType.TEXT))
        cursor = int(request.query.get("cursor", time.time_ns()))
        for told in [told for told in self.events if time_us(told) >= cursor]:
            if self.cut_after:
                self.cut_after -= 1
                if not self.cut_after and request.transport:
                    request.transport.abort()
                    return socket
            await socket.send_frame(told, WSMsgType.TEXT)
            await asyncio.sleep(0)
        await socket.receive()
        return socket


@contextlib.asynccontextmanager
async def open_source(count: int) -> AsyncIterator[FakeJetstream]:
    """The server while it runs."""
    source, app = FakeJetstream(count), web.Application()
    app.router.add_get("/subscribe", source.subscribe)
    server = TestServer(app)
    await server.start_server()
    source.url = URL(f"ws://127.0.0.1:{server.port}/subscribe")
    try:
        yield source
    finally:
        await server.close()


SOURCE = open_source
