"""A receiver of webhooks: what a sender posts, signed, to the raw topic of its source.

It answers 2xx only once Kafka has acknowledged, so the sender's own retries are the cursor. Put a reverse proxy with
TLS in front of it.
"""

import asyncio
import time
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Annotated

import msgspec
import typer
from aiohttp import web
from aiokafka.errors import KafkaError

from agents import health
from agents.cli.complaint import Complaint, complaining
from agents.collectors import _options
from agents.collectors._base import Interrupted, Outlet, Payload
from agents.settings import load
from pipeline import channels
from pipeline.adapting import LONGEST
from pipeline.discover import names
from pipeline.webhook_signature import key_of, one_header, standard

LISTEN = "127.0.0.1:8323"
BODY_S = 20.0  # for a whole body, so that a sender that trickles is left
ACKNOWLEDGED_S = 20.0  # senders give up after about 30
STOP_S = 10.0  # for requests that are being answered when it is told to stop
AT_ONCE = 32  # requests whose bodies are in memory
KEY_CAP = 1_024  # bytes

_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


@dataclass(frozen=True, slots=True)
class Receiver:
    """One address, one source, one secret. ``header`` is that of the signature; empty: Standard Webhooks."""

    address: str
    secret: bytes = field(repr=False)
    header: str = ""
    key_field: str = ""
    body_s: float = BODY_S
    acknowledged_s: float = ACKNOWLEDGED_S

    @property
    def name(self) -> str:
        """It keeps no cursor."""
        return "http"

    async def collect(self, cursor: str | None, outlet: Outlet) -> None:  # noqa: ARG002  # senders remember
        """Serve until cancelled; requests that are being answered are answered."""
        app = web.Application(client_max_size=LONGEST)
        app.router.add_post("/{tail:.*}", partial(self._receive, outlet, asyncio.Semaphore(AT_ONCE)))
        try:
            runner = await health.serve(app, self.address, auto_decompress=False, shutdown_timeout=STOP_S)
        except OSError as error:
            raise Interrupted("failed", f"{self.address}: {error.strerror}") from error
        try:
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    async def _receive(self, outlet: Outlet, room: asyncio.Semaphore, request: web.Request) -> web.Response:
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            return _answer(415, "send the body as it was signed, without content-encoding")
        if room.locked():
            return _answer(503, "too many requests at once; send it again", {"Retry-After": "5"})
        async with room:
            try:
                async with asyncio.timeout(self.body_s):
                    body = await request.read()
            except TimeoutError:
                return _answer(408, f"the body took longer than {self.body_s:g} s")
            if wrong := self._wrong(request, body):
                return _answer(401, wrong)
            if not body.strip():
                return _answer(400, "an empty body")
            return await self._append(outlet, Payload(self._key(request, body), body))

    def _wrong(self, request: web.Request, body: bytes) -> str | None:
        headers = {name.lower(): value for name, value in request.headers.items()}
        if self.header:
            return one_header(self.secret, self.header, headers, body)
        return standard(self.secret, headers, body, time.time())

    async def _append(self, outlet: Outlet, payload: Payload) -> web.Response:
        try:
            async with asyncio.timeout(self.acknowledged_s):
                await asyncio.shield(await outlet.put(payload))
        except (TimeoutError, KafkaError):
            return _answer(503, "not kept yet; send it again", {"Retry-After": "10"})
        return _answer(202, "kept")

    def _key(self, request: web.Request, body: bytes) -> bytes:
        """What stays together: the value of ``key_field``, else what the sender calls the delivery, else the body."""
        try:
            value = bytes(_FIELDS(body).get(self.key_field, b"")) if self.key_field else b""
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            value = b""
        delivery = request.headers.get("webhook-id", "").encode("utf-8", "surrogateescape")
        key = value.strip(b'"') or delivery or sha256(body).hexdigest().encode()
        return key[:KEY_CAP]


def _answer(status: int, text: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"detail": text}, status=status, headers=headers)


def collect(
    source: Annotated[str, typer.Option(metavar="NAME", help="Whose payloads they are: a channel of `tocsin adapt`.")],
    listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where senders post to, any path.")] = LISTEN,
    signature: Annotated[
        str, typer.Option(metavar="HEADER", help="It holds the HMAC-SHA256 of the body; default: Standard Webhooks.")
    ] = "",
    key: Annotated[str, typer.Option(metavar="FIELD", help="Field whose value stays together, such as id.")] = "",
    rate: _options.Rate = 1_000, http: _options.Http = _options.HTTP,
) -> None:  # fmt: skip
    """Receive signed webhooks: what a source or a vendor posts to you.

    Bodies go to social.raw.SOURCE.v1 as they come, at most 8 MiB. A sender gets 202 once Kafka has acknowledged; for
    everything else it should send again. The secret that both know is in TOCSIN_RECEIVER_SECRET (or _FILE).

      tocsin collect http --source call_centre

      tocsin collect http --source x_v2 --signature x-hub-signature-256 --listen 0.0.0.0:8323
    """
    settings, known = load(), names(channels)
    if source not in known:
        raise Complaint(f"--source {source}: known are {', '.join(known)}")
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit():
        raise Complaint("--listen: write host:port, such as 127.0.0.1:8323")
    with complaining(
        "TOCSIN_RECEIVER_SECRET: write whsec_ and 24 to 64 random bytes in base64, or a long text", ValueError
    ):
        secret = key_of(settings.receiver_secret.get_secret_value())
    _options.run(settings, source, [Receiver(listen, secret, signature, key)], "", rate, http)


COLLECTOR = collect
