"""Orders from chats and pagers over HTTP: verified, each once, appended to the brand log as commands."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import Any

import structlog
from aiohttp import web
from kafka.errors import KafkaError

from pipeline import callbacks
from pipeline.callbacks._base import LEAST_SECRET, Callback, Nothing, Request, Wish
from pipeline.callbacks._sealed import Answer, Sealed
from pipeline.command_advice import advice
from pipeline.discover import plugins
from pipeline.quoting import clip
from pipeline.series import DETECTORS
from pipeline.watchlist import WatchList
from schemas.command import LONGEST_BY, LONGEST_TEXT, Command

LARGEST = 64 * 1024  # bytes of a body
OK = 200
BODY_S = 5.0  # for a whole body, so that a sender that trickles is left
REMEMBERED = 10_000  # deliveries whose repetition is noticed here; later ones workers notice

Give = Callable[[Command], Awaitable[None]]  # raises KafkaError if it is not kept
BrandOf = Callable[[str], Awaitable[str]]  # of an incident; empty if nobody knows it

_log = structlog.get_logger(__name__)


def known() -> Mapping[str, Callback]:
    """Every callback by module name."""
    return plugins(callbacks, "CALLBACK")


class CallbackServer:
    """Serves ``/callbacks/NAME`` for the callbacks that have a secret. Who has no secret of ours learns nothing."""

    def __init__(
        self,
        secrets: Mapping[str, str],
        watchlist: WatchList,
        give: Give,
        brand_of: BrandOf,
        now_s: Callable[[], float],
    ) -> None:
        self._on = {name: (one, secrets[one.secret]) for name, one in known().items() if secrets.get(one.secret)}
        for one, secret in self._on.values():
            _check(one, secret)
        self._watchlist, self._give, self._brand_of, self._now_s = watchlist, give, brand_of, now_s
        self._seen: OrderedDict[str, None] = OrderedDict()

    @property
    def names(self) -> list[str]:
        """The callbacks that are served."""
        return list(self._on)

    def application(self) -> web.Application:
        """The endpoints."""
        app = web.Application(client_max_size=LARGEST)
        app.router.add_get("/healthz", _healthz)
        for method in ("GET", "POST"):  # by the former some try an address before they use it
            app.router.add_route(method, "/callbacks/{name}", self._receive)
        return app

    async def _receive(self, http: web.Request) -> web.Response:
        callback, secret = self._on.get(http.match_info["name"], (None, ""))
        if callback is None:
            return _said(404, "no such callback")
        if http.headers.get("content-encoding", "identity").lower() != "identity":
            return _said(415, "send the body as it was signed, without content-encoding")
        try:
            async with asyncio.timeout(BODY_S):
                body = await http.read()
        except TimeoutError:
            return _said(408, f"the body took longer than {BODY_S:g} s")
        headers = {name.lower(): value for name, value in http.headers.items()}
        request = Request(headers, body, self._now_s(), dict(http.query))
        if wrong := callback.refusal(secret, request):
            _log.warning("callback_refused", callback=http.match_info["name"])
            return _said(401, wrong)
        return await self._open(http.match_info["name"], callback, secret, request)

    async def _open(self, name: str, callback: Callback, secret: str, request: Request) -> web.Response:
        """Decrypt what is encrypted, and answer as the platform understands."""
        if not isinstance(callback, Sealed):
            return _said(*await self._obey(name, callback, request))
        try:
            opened = callback.opened(secret, request)
        except ValueError as error:
            return _said(400, str(error))
        if isinstance(opened, Answer):
            return web.Response(text=opened.text, content_type=opened.kind)
        status, text = await self._obey(name, callback, opened)
        answer = callback.answer(text)
        return web.Response(text=answer.text, content_type=answer.kind) if status == OK else _said(status, text)

    async def _obey(self, name: str, callback: Callback, request: Request) -> tuple[int, str]:
        """A sender that is told 2xx does not send again; what people type wrongly is told them with 200, too."""
        try:
            wish = callback.read(request)
        except ValueError as error:
            return OK if name in _CHATS else 400, str(error)
        if isinstance(wish, Nothing):
            return OK, wish.why
        identity = f"{name}-{sha256(wish.delivery.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}"
        if identity in self._seen:
            return OK, "seen before"
        command = await self._command(name, identity, wish)
        if isinstance(command, str):
            return OK, command
        try:
            await self._give(command)
        except KafkaError:
            return 503, "not kept; send it again"
        self._seen[identity] = None
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return OK, f"{command.kind} {command.brand}: given"

    async def _command(self, name: str, identity: str, wish: Wish) -> Command | str:
        """The command that a wish is, or why it is none."""
        brand = wish.brand or await self._brand_of(wish.incident)
        if not brand:
            return "no such incident"
        now = round(self._now_s() * 1000)
        command = Command(
            command_id=identity,
            kind=wish.kind,
            brand=brand,
            by=clip(f"{wish.by} ({name})", LONGEST_BY),
            text=clip(wish.text, LONGEST_TEXT),
            target=wish.incident,
            until=None if wish.for_ms is None else now + wish.for_ms,
        )
        return advice(command, self._watchlist, DETECTORS.keys(), now) or command


_CHATS = frozenset({"dingtalk", "feishu", "slack", "wecom"})


def _check(callback: Callback, secret: str) -> None:
    """Raises ValueError if nobody could be known by this secret; the text never repeats it."""
    name = f"TOCSIN_{callback.secret.upper()}"
    if len(secret) < LEAST_SECRET:
        raise ValueError(f"{name}: it is shorter than {LEAST_SECRET} characters")
    try:
        if isinstance(callback, Sealed):
            callback.check(secret)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


async def _healthz(_: web.Request) -> web.Response:
    """Whether the loop answers; what Kafka does not take is told to who sends it."""
    return web.json_response({"healthy": True})


def _said(status: int, text: str) -> web.Response:
    body: dict[str, Any] = {"detail": text, "text": text} if status == OK else {"detail": text}
    return web.json_response(body, status=status)


def now_s() -> float:
    """Seconds since 1970."""
    return time.time()
