"""Bluesky's Jetstream: https://github.com/bluesky-social/jetstream, one event a websocket message.

The cursor is the time of an event by the server's clock, in microseconds; a server plays back from there as far as it
remembers (about a day). Servers differ by seconds, so another one is asked from a little earlier on.
"""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated

import msgspec
import structlog
import typer
from aiohttp import (
    ClientWSTimeout,
    WebSocketError,
    WSCloseCode,
    WSMsgType,
    WSServerHandshakeError,
)
from yarl import URL

from agents.address_guard import Network
from agents.cli.complaint import complaining
from agents.collectors import _options
from agents.collectors._base import Interrupted, Outlet, Payload
from agents.collectors._web import check_status, interruptions, session
from agents.settings import load

SERVER = "wss://jetstream2.us-east.bsky.network/subscribe"
POSTS = "app.bsky.feed.post"
MESSAGE_CAP = 1 << 20  # bytes; the server is asked to leave longer ones out
QUIET_S = 300.0  # without a whole message, and the connection is opened anew
PING_S = 20.0
CLOSE_S = 1.0  # for the farewell of a server that we leave
KEY_CAP = 1_024  # bytes; a hostile one must not fill the log
AHEAD_US = 60_000_000  # a cursor further in the future would skip what is still to come
OVERLAP_US = 5_000_000  # between two servers
GAP_US = 3_600_000_000  # from a cursor to the first event: more than quiet accounts explain

_log = structlog.get_logger(__name__)


class _Commit(msgspec.Struct):
    collection: str = ""
    rkey: str = ""


class _Event(msgspec.Struct):
    """What keys and cursors are made of; the rest is for the adapter."""

    did: str = ""
    time_us: int = 0
    commit: _Commit | None = None


_DECODE = msgspec.json.Decoder(_Event).decode


@dataclass(frozen=True, slots=True)
class Jetstream:
    """The events of one server; ``collections`` and ``accounts`` narrow them, empty: all."""

    server: URL
    collections: Sequence[str] = (POSTS,)
    accounts: Sequence[str] = ()
    since_ms: int | None = None
    allowed: Sequence[Network] = ()
    quiet_s: float = QUIET_S

    @property
    def name(self) -> str:
        """The same for every server, which all tell the same."""
        return ",".join(("jetstream", *sorted(self.collections), *sorted(self.accounts)))[:1_024]

    async def collect(self, cursor: str | None, outlet: Outlet) -> None:
        """Every message as it came, keyed by the record that it is about."""
        begin = self._begin(cursor)
        reached, first = begin or 0, begin is not None
        async with aclosing(self._messages(begin)) as messages:
            async for value in messages:
                event = read(value)
                if first and event.time_us > reached + GAP_US:
                    _log.warning("collect_gap", source="bluesky", cursor=reached, first_event=event.time_us)
                first = False
                at = event.time_us if 0 < event.time_us <= time.time_ns() // 1_000 + AHEAD_US else None
                reached = max(reached, at or 0)
                told = f"{reached} {self.server.host}" if reached else None
                await outlet.put(Payload(key(event), value, told, at and at // 1_000))

    def _begin(self, cursor: str | None) -> int | None:
        if cursor is None:
            return None if self.since_ms is None else self.since_ms * 1_000
        reached, _, host = cursor.partition(" ")
        return int(reached) - (OVERLAP_US if host and host != self.server.host else 0)

    async def _messages(self, begin: int | None) -> AsyncGenerator[bytes, None]:
        """What the server sends; with ``begin`` first what it has sent since then."""
        asked = [("wantedCollections", name) for name in self.collections]
        asked += [("wantedDids", did) for did in self.accounts]
        asked += [("maxMessageSizeBytes", str(MESSAGE_CAP))] + ([("cursor", str(begin))] if begin is not None else [])
        waits = ClientWSTimeout(ws_receive=self.quiet_s, ws_close=CLOSE_S)
        with interruptions(self.quiet_s):
            try:
                async with session(self.allowed, quiet_s=self.quiet_s) as client, client.ws_connect(
                    self.server.extend_query(asked), max_msg_size=MESSAGE_CAP + 1, heartbeat=PING_S, timeout=waits,
                    decode_text=False, compress=0,
                ) as socket:  # fmt: skip
                    while (message := await socket.receive()).type in (WSMsgType.TEXT, WSMsgType.BINARY):
                        yield message.data
                    _check_end(message.type, message.data)
            except WSServerHandshakeError as error:
                check_status(error.status, None)
                raise Interrupted("malformed", "the server does not speak websocket") from error


def _check_end(kind: WSMsgType, why: object) -> None:
    """A stream may end well.

    Raises:
        Interrupted: it did not.
    """
    if kind is WSMsgType.ERROR and isinstance(why, WebSocketError):
        too_long = why.code == WSCloseCode.MESSAGE_TOO_BIG
        raise Interrupted("too_long" if too_long else "malformed", str(why)[:300])
    if kind is WSMsgType.ERROR:
        raise Interrupted("unreachable", type(why).__name__)


def read(value: bytes) -> _Event:
    """What keys and cursors are made of; nothing, if it is not what Jetstream sends."""
    try:
        return _DECODE(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Event()


def key(event: _Event) -> bytes:
    """Create, update and delete of one record stay together, and what is said of an account."""
    commit = event.commit
    return (f"{event.did}/{commit.collection}/{commit.rkey}" if commit else event.did).encode()[:KEY_CAP]


def collect(
    server: Annotated[str, typer.Option(metavar="URL", help="A Jetstream server.")] = SERVER,
    collection: Annotated[
        list[str] | None, typer.Option(metavar="NSID", help=f"May repeat; default {POSTS}; 'all' for all.")
    ] = None,
    account: Annotated[list[str] | None, typer.Option(metavar="DID", help="Only of this account; may repeat.")] = None,
    start: _options.From = "", since: _options.Since = "", rate: _options.Rate = 5_000,
    http: _options.Http = _options.HTTP, allow_private: _options.Private = None,
) -> None:  # fmt: skip
    """Collect Bluesky's posts, edits and deletes from Jetstream, without an account.

    They go to social.raw.bluesky.v1 as they come; a worker with TOCSIN_SOURCES=bluesky adapts them. It goes on where
    it stopped, on any machine: servers play back about a day.

      tocsin collect bluesky --since 1h

      tocsin collect bluesky --collection app.bsky.feed.post --collection app.bsky.feed.like
    """
    with complaining("--server: write a URL such as wss://jetstream2.us-east.bsky.network/subscribe", ValueError):
        url = URL(server)
        if url.scheme not in ("wss", "ws") or not url.host:
            raise ValueError(server)
    with complaining("--from: write microseconds since 1970, as progress shows them", ValueError):
        int(start.partition(" ")[0] or 0)
    wanted = () if collection == ["all"] else tuple(collection or (POSTS,))
    stream = Jetstream(
        url, wanted, tuple(account or ()), _options.since_ms(since), _options.networks(allow_private)
    )  # fmt: skip
    _options.run(load(), "bluesky", [stream], start, rate, http)


COLLECTOR = collect
