"""HTTP towards sources that may be hostile: a name of our own, guarded sockets, and failures by their kind."""

import contextlib
import ssl
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType

from aiohttp import (
    ClientConnectorCertificateError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientSSLError,
    ClientTimeout,
    DummyCookieJar,
    InvalidURL,
    TCPConnector,
)

from agents.address_guard import ForbiddenAddressError, Network, guarded
from agents.collectors._base import LATER_S, Interrupted, Reason
from pipeline.retry_after import retry_after

CONNECT_S = 20.0  # name, connection and TLS
TOO_MANY, TOO_MANY_S = 429, 60.0  # the status, and how long to wait if it does not say
_WINDOW = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
_BUSY = frozenset({408, 425, 429, *range(500, 600)})
_NO = frozenset({401, 403, 404, 410})


def user_agent() -> str:
    """Who asks: sources may want to know, or to block it."""
    try:
        return f"tocsin/{version('tocsin')}"
    except PackageNotFoundError:  # run from a checkout
        return "tocsin"


def session(
    allowed: Sequence[Network],
    headers: Mapping[str, str] = MappingProxyType({}),
    total_s: float | None = None,
    quiet_s: float | None = None,
) -> ClientSession:
    """A session that keeps no cookies, inflates nothing by itself, and reaches public and ``allowed`` addresses only.

    ``total_s`` bounds a whole exchange, so that one that trickles ends; None for streams, for which ``quiet_s`` bounds
    the silence before and within a reply.
    """
    return ClientSession(
        connector=TCPConnector(socket_factory=guarded(allowed), force_close=True),
        timeout=ClientTimeout(total=total_s, connect=CONNECT_S, sock_read=quiet_s),
        cookie_jar=DummyCookieJar(), auto_decompress=False,
        headers={"user-agent": user_agent(), "accept-encoding": "identity", **headers},
    )  # fmt: skip


@contextlib.contextmanager
def interruptions(quiet_s: float) -> Iterator[None]:
    """Failures of aiohttp as Interrupted; ``quiet_s`` is how long the source was waited for."""
    try:
        yield
    except TimeoutError:
        raise Interrupted("timeout", f"nothing came for {quiet_s:g} s") from None
    except (ClientConnectorCertificateError, ClientSSLError, ssl.SSLError) as error:
        raise Interrupted("tls", f"{type(error).__name__}: {error}"[:300]) from error
    except InvalidURL as error:
        raise Interrupted("refused", "the URL is not one that can be reached", LATER_S) from error
    except (ClientError, OSError) as error:
        if isinstance(error.__cause__, ForbiddenAddressError) or isinstance(error, ForbiddenAddressError):
            detail = "it leads into the own network; --allow-private if that is meant"
            raise Interrupted("forbidden_address", detail, LATER_S) from error
        raise Interrupted("unreachable", f"{type(error).__name__}: {error}"[:300]) from error


def check_reply(reply: ClientResponse, advice: str = "") -> None:
    """Nothing for a success. A redirect that was not followed is none.

    Raises:
        Interrupted: the source says no, or not now.
    """
    check_status(reply.status, retry_after(reply.headers.get("retry-after"), time.time_ns() // 1_000_000), advice)


def check_status(status: int, after_s: float | None, advice: str = "") -> None:
    """The same for a status alone."""
    if status in range(200, 300):
        return
    if status in _BUSY:
        raise Interrupted("status", f"HTTP {status}", after_s or (TOO_MANY_S if status == TOO_MANY else None))
    reason: Reason = "refused" if status in _NO else "status"
    raise Interrupted(reason, f"HTTP {status} {advice}".rstrip(), after_s or LATER_S)


async def capped(reply: ClientResponse, cap: int) -> bytes:
    """The body, inflated, of at most ``cap`` bytes before and after.

    Raises:
        Interrupted: it is longer, or not what its headers say.
    """
    body = bytearray()
    async for chunk in reply.content.iter_any():
        body += chunk
        if len(body) > cap:
            raise Interrupted("too_long", f"a body of more than {cap:,} bytes", LATER_S)
    encoding = reply.headers.get("content-encoding", "identity").strip().lower()
    return bytes(body) if encoding == "identity" else _inflated(bytes(body), encoding, cap)


def _inflated(body: bytes, encoding: str, cap: int) -> bytes:
    if encoding not in _WINDOW:
        raise Interrupted("malformed", f"content-encoding {encoding[:40]!r} was not asked for", LATER_S)
    inflater = zlib.decompressobj(_WINDOW[encoding])
    try:
        text = inflater.decompress(body, cap + 1)
    except zlib.error as error:
        raise Interrupted("malformed", f"{encoding}: {error}", LATER_S) from error
    if len(text) > cap:
        raise Interrupted("too_long", f"a body that inflates to more than {cap:,} bytes", LATER_S)
    if not inflater.eof:
        raise Interrupted("unreachable", "the body ends in the middle")
    return text
