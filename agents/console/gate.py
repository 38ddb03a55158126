"""Who asks, and whether they may: tokens, sessions, reverse proxies, forged forms, and headers for the browser."""

import asyncio
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable
from hashlib import sha256
from urllib.parse import quote, urlsplit

from aiohttp import web

from agents.cli.speaker import speaker
from agents.settings import Settings
from pipeline.console.access import Person, accounts, by_proxy, by_token, loopback, networks, roles, trusted

SESSION_S = 12 * 3_600
MOST_SESSIONS = 10_000
NONCE = 8  # bytes
WRONG_S = 0.5  # after a token that is not known, one at a time
FREE = ("/static/", "/login", "/healthz", "/language")
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
PERSON = web.RequestKey("person", Person)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Gate:
    """Every request passes. Sessions are in memory: a restart logs everybody out."""

    def __init__(self, settings: Settings) -> None:
        self._accounts = accounts(settings.console_users.get_secret_value())
        self._header, self._proxies = settings.console_proxy_header, networks(settings.console_proxies)
        self._roles = roles(settings.console_proxy_roles)
        self._open = not self._accounts and not self._header
        self._site = urlsplit(settings.console_url).netloc or None
        self._secure = settings.console_url.startswith("https://")
        self._cookie = "__Host-tocsin" if self._secure else "tocsin_session"
        self._sessions: dict[str, tuple[Person, float]] = {}
        self._secret, self._wrong = secrets.token_bytes(32), asyncio.Lock()
        self.asks_tokens = bool(self._accounts)

    @web.middleware
    async def pass_through(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let through who may, send others to log in, and put the headers on whatever is answered."""
        try:
            response = await self._judge(request, handler)
        except web.HTTPException as answer:
            answer.headers.update(HEADERS)
            raise
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    async def _judge(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self._open and not loopback(urlsplit(f"//{request.headers.get('Host', '')}").hostname or "-"):
            raise web.HTTPMisdirectedRequest(text="this console answers to the names of this machine only")
        if request.method not in {"GET", "HEAD"}:
            self._same_site(request)
        person = self.person(request)
        if person is not None:
            request[PERSON] = person
        elif not request.path.startswith(FREE):
            if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
                raise web.HTTPSeeOther(f"/login?next={quote(request.path_qs, safe='')}")
            raise web.HTTPUnauthorized(text="log in, or send a token", headers={"WWW-Authenticate": "Bearer"})
        return await handler(request)

    def person(self, request: web.Request) -> Person | None:
        """Who asks; nobody who is known otherwise."""
        if token := self._bearer(request):
            return by_token(self._accounts, token)
        if self._header and trusted(self._proxies, request.remote or "") and self._header in request.headers:
            return by_proxy(self._roles, request.headers[self._header])
        session = self._sessions.get(request.cookies.get(self._cookie, ""))
        if session and session[1] > time.monotonic():
            return session[0]
        return Person(speaker(), "admin") if self._open else None

    async def log_in(self, token: str) -> Person | None:
        """Whose token it is; a wrong one takes a while."""
        person = by_token(self._accounts, token.strip())
        if person is None:
            async with self._wrong:
                await asyncio.sleep(WRONG_S)
        return person

    def begin(self, response: web.StreamResponse, person: Person) -> None:
        """Begin a session in the browser that gets ``response``."""
        now = time.monotonic()
        self._sessions = {key: kept for key, kept in self._sessions.items() if kept[1] > now}
        while len(self._sessions) >= MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        name = secrets.token_urlsafe(32)
        self._sessions[name] = person, now + SESSION_S
        response.set_cookie(
            self._cookie, name, max_age=SESSION_S, httponly=True, samesite="Strict", secure=self._secure, path="/"
        )

    def end(self, request: web.Request, response: web.StreamResponse) -> None:
        """End the session, here and in the browser."""
        self._sessions.pop(request.cookies.get(self._cookie, ""), None)
        response.del_cookie(self._cookie, path="/", secure=self._secure, httponly=True, samesite="Strict")

    def seal(self, request: web.Request) -> str:
        """What a form of ours carries, so that no other site can write one for this person.

        It is another one each time, or what is compressed beside it could be used to guess it.
        """
        return self._seal(request, secrets.token_hex(NONCE))

    def _seal(self, request: web.Request, nonce: str) -> str:
        whose = request.cookies.get(self._cookie, "") or request[PERSON].name
        return nonce + hmac.new(self._secret, f"{nonce}{whose}".encode("utf-8", "surrogateescape"), sha256).hexdigest()

    def sealed(self, request: web.Request, seal: str) -> bool:
        """Whether a form is one of ours, or came with a bearer token, which no browser sends by itself."""
        if self._bearer(request):
            return True
        expected = self._seal(request, seal[: 2 * NONCE])
        return hmac.compare_digest(expected.encode("utf-8", "surrogateescape"), seal.encode("utf-8", "surrogateescape"))

    def _bearer(self, request: web.Request) -> str:
        """The token that a program sends."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        return token.strip() if self._accounts and kind.lower() == "bearer" else ""

    def _same_site(self, request: web.Request) -> None:
        origin = request.headers.get("Origin")
        foreign = origin is not None and urlsplit(origin).netloc not in {request.headers.get("Host"), self._site}
        if foreign or request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            raise web.HTTPForbidden(text="this form is not ours")
