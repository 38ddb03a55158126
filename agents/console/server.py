"""The console as a web application, and serving it until told to stop."""

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator, Callable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware
from pydantic import SecretStr

from agents import health, logs
from agents.clickhouse import database_of
from agents.console.gate import Gate, Handler
from agents.console.incident_pages import IncidentPages
from agents.console.live import Live
from agents.console.orders import Orders
from agents.console.other_pages import OtherPages
from agents.console.reader import Reader, Unavailable
from agents.console.rendering import Pages
from agents.console.workers import Workers
from agents.settings import Settings

LONGEST_FORM = 1 << 16  # bytes
STOP_S = 2.0  # for what is being answered; streams end at once


class NoSource(ValueError):  # noqa: N818  # named as what it is
    """The settings name no ClickHouse that another process than the worker can read."""


def source(settings: Settings) -> str:
    """The URL that the console reads.

    Raises:
        NoSource: ClickHouse is embedded in the worker, which does not answer reads.
    """
    chosen: SecretStr = settings.console_clickhouse
    url = chosen.get_secret_value() or settings.clickhouse.get_secret_value()
    if urlsplit(url).scheme != "chdb":
        return url
    if settings.clickhouse_http:
        return f"http://{settings.clickhouse_http}/{database_of(url)}"
    raise NoSource(
        "ClickHouse is embedded in the worker: give worker and console TOCSIN_CLICKHOUSE_HTTP=127.0.0.1:8322, "
        "or TOCSIN_CONSOLE_CLICKHOUSE=http://user:password@host:8123/tocsin"
    )


def application(settings: Settings) -> web.Application:
    """The console of the settings.

    Raises:
        NoSource: see ``source``.
    """
    gate, reader, orders = Gate(settings), Reader(source(settings)), Orders(settings)
    pages, live = Pages(gate, settings.language), Live(reader)
    incidents = IncidentPages(gate, pages, reader, live, orders)
    others = OtherPages(gate, pages, reader, live, Workers(settings))
    app = web.Application(
        middlewares=[gate.pass_through, _errors(pages)], client_max_size=LONGEST_FORM,
    )  # fmt: skip
    app.add_routes([
        web.get("/", _home),
        web.get("/healthz", _healthz),
        web.get("/static/{version}/{name}", pages.file),
        web.get("/events", live.stream),
        web.get("/incidents", incidents.list),
        web.get("/incidents/{incident}", incidents.one),
        web.get("/incidents/{incident}/chart", incidents.chart),
        web.post("/incidents/{incident}/{kind:ack|silence|unsilence|resolve|note}", incidents.respond),
        web.get("/brands", others.brands),
        web.get("/brands/{brand}", others.brand),
        web.get("/brands/{brand}/chart", others.brand_chart),
        web.get("/influencers", others.influencers),
        web.get("/posts", others.posts),
        web.get("/dead-letters", others.dead_letters),
        web.get("/health", others.health),
        web.get("/login", others.login_form),
        web.post("/login", others.login),
        web.post("/logout", others.logout),
        web.get("/language", others.language),
    ])  # fmt: skip
    app.cleanup_ctx.append(_background(live, reader, orders))
    return app


def _background(live: Live, reader: Reader, orders: Orders) -> Callable[[web.Application], AsyncIterator[None]]:
    async def running(_app: web.Application) -> AsyncIterator[None]:
        looking = asyncio.create_task(live.run())
        yield
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking
        reader.close()
        await asyncio.get_running_loop().run_in_executor(None, orders.close)

    return running


def _errors(pages: Pages) -> Middleware:
    @web.middleware
    async def shown(request: web.Request, handler: Handler) -> web.StreamResponse:
        """What is not there, and a ClickHouse that does not answer, as pages."""
        try:
            return await handler(request)
        except web.HTTPNotFound:
            return pages.page(request, "missing.html", _now(), {"down": False}, web.HTTPNotFound.status_code)
        except Unavailable:
            return pages.page(request, "missing.html", _now(), {"down": True}, web.HTTPServiceUnavailable.status_code)

    return shown


async def _home(_request: web.Request) -> web.Response:
    raise web.HTTPSeeOther("/incidents")


async def _healthz(_request: web.Request) -> web.Response:
    return web.json_response({"healthy": True})


async def _serve(settings: Settings, on_ready: Callable[[str], None]) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    runner = await health.serve(application(settings), settings.console_listen, shutdown_timeout=STOP_S)
    host, _, port = settings.console_listen.rpartition(":")
    on_ready(f"http://{host or '127.0.0.1'}:{port}/incidents")
    await stop.wait()
    await runner.cleanup()


def serve(settings: Settings, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; ``on_ready`` is told the address.

    Raises:
        NoSource: see ``source``.
        OSError: the address is taken or not ours.
    """
    logs.configure(settings.log_level)
    asyncio.run(_serve(settings, on_ready))


def _now() -> int:
    return int(time.time() * 1000)
