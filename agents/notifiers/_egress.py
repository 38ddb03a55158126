"""One HTTP request to one operator-set URL that cannot be turned against the own network."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address, ip_network
from types import MappingProxyType
from typing import NamedTuple, Self

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, InvalidURL, StreamReader, TCPConnector
from yarl import URL

from agents.address_guard import ForbiddenAddressError, Network, guarded
from agents.notifiers._base import Refused, Retry

TIMEOUT_S = 5.0  # for everything: name, connection, TLS, request and reply
REPLY_CAP = 64 * 1024
CREDENTIAL_LENGTH = 8
HEADERS = MappingProxyType({"accept-encoding": "identity", "user-agent": "tocsin"})  # a reply is never inflated
JSON = MappingProxyType({"content-type": "application/json; charset=utf-8"})
WAIT_HEADERS = ("Retry-After", "x-ogw-ratelimit-reset")  # the second is Feishu's, seconds as well
ALLOW = "webhook_allow_private"  # the setting that lists hosts inside the own network

_EVERYWHERE: tuple[Network, ...] = (ip_network("0.0.0.0/0"), ip_network("::/0"))


class Reply(NamedTuple):
    """What came back; ``text`` is the beginning of the body, as far as it came in time."""

    status: int
    retry_after: str | None
    text: bytes


@dataclass(frozen=True, slots=True)
class Egress:
    """The way to one URL. The address is checked where the socket is opened, so no name or redirect gets around it."""

    url: URL = field(repr=False)  # holds the credentials of most services
    allowed: tuple[Network, ...] = ()  # besides the globally routable addresses
    timeout_s: float = TIMEOUT_S

    @classmethod
    def to(cls, option: str, options: Mapping[str, str]) -> Self:
        """The way to the URL in the setting ``option``.

        The setting ALLOW lists ``host[:port]`` and CIDR ranges which may have private addresses; a listed host may
        also speak plain http. Raises ValueError, without the URL in its text, for everything else that is not https.
        """
        try:
            url = URL(options[option])
        except ValueError:
            raise ValueError(f"{option}: write a URL such as https://pager.example.com/path") from None
        allowed, listed = _allowances(url, options.get(ALLOW, ""))
        if not url.host or url.scheme not in {"https", "http"}:
            raise ValueError(f"{option}: write a URL such as https://pager.example.com/path")
        if url.scheme == "http" and not listed:
            raise ValueError(f"{option}: write https://, or list the host in {ALLOW} if it is on your own network")
        return cls(url, allowed)

    def below(self, *path: str) -> Self:
        """The way to a path below this URL."""
        return replace(self, url=self.url.joinpath(*path))

    def asking(self, **query: str) -> Self:
        """The way to this URL with more in its query."""
        return replace(self, url=self.url.update_query(query))

    def redacted(self, text: str, *secrets: str) -> str:
        """``text`` without ``secrets`` and without what may be credentials in the URL: its longer parts."""
        parts = {*self.url.parts, *self.url.query.values(), self.url.user or "", self.url.password or ""}
        for secret in {*secrets, *(part for part in parts if len(part) >= CREDENTIAL_LENGTH)} - {""}:
            text = text.replace(secret, "***")
        return text

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Reply | Retry | Refused:
        """Send ``body`` once. Redirects are not followed, cookies not kept; failures name their kind, not the URL."""
        return await self._once("POST", body, headers)

    async def get(self) -> Reply | Retry | Refused:
        """Ask once, in the same way."""
        return await self._once("GET", None, {})

    async def _once(self, method: str, body: bytes | None, headers: Mapping[str, str]) -> Reply | Retry | Refused:
        try:
            return await self._reply(method, body, headers)
        except TimeoutError:
            return Retry(None, f"no answer within {self.timeout_s:g} s")
        except InvalidURL:
            return Refused("the URL is not one that can be reached")
        except (ClientError, OSError) as error:
            if isinstance(error.__cause__, ForbiddenAddressError):
                return Refused(f"the host has no globally routable address; list it in {ALLOW} if that is meant")
            return Retry(None, type(error).__name__)

    async def _reply(self, method: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        connector = TCPConnector(socket_factory=guarded(self.allowed), force_close=True)
        timeout = ClientTimeout(total=self.timeout_s)
        session = ClientSession(
            connector=connector, timeout=timeout, cookie_jar=DummyCookieJar(), auto_decompress=False, headers=HEADERS
        )
        asking = session.request(method, self.url, data=body, headers=headers, allow_redirects=False)
        async with session, asking as reply:
            wait = next((reply.headers[name] for name in WAIT_HEADERS if name in reply.headers), None)
            return Reply(reply.status, wait, await _beginning(reply.content))


async def _beginning(body: StreamReader) -> bytes:
    """At most REPLY_CAP bytes. The status has already been given: a body that breaks off takes nothing back."""
    text = b""
    try:
        while len(text) < REPLY_CAP and (chunk := await body.read(REPLY_CAP - len(text))):
            text += chunk
    except (ClientError, OSError):
        return text
    return text


def _allowances(url: URL, listed: str) -> tuple[tuple[Network, ...], bool]:
    """The networks that ``listed`` opens for ``url``, and whether it names the host itself."""
    networks: list[Network] = []
    for entry in filter(None, map(str.strip, listed.split(","))):
        try:
            networks.append(ip_network(entry, strict=False))
        except ValueError:
            if _names(entry, url):
                return _EVERYWHERE, True
    return tuple(networks), any(_contains(network, url.host or "") for network in networks)


def _names(entry: str, url: URL) -> bool:
    try:
        named = URL(f"//{entry}")
    except ValueError:
        raise ValueError(f"{ALLOW}: write host, host:port or a range such as 10.0.0.0/8, separated by commas") from None
    return named.host == url.host and named.explicit_port in {None, url.port}


def _contains(network: Network, host: str) -> bool:
    try:
        return ip_address(host) in network
    except ValueError:
        return False
