"""/healthz (event loop and progress), /readyz (assigned), /metrics: answered by the loop that does the work."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from agents.metrics import Metrics
from agents.watchdog import Watchdog

Handler = Callable[[web.Request], Awaitable[web.Response]]

SICK_SHARE = 0.5  # of the watchdog's patience, so that probes see the trouble before the worker ends itself


def application(metrics: Metrics, watchdog: Watchdog, started: asyncio.Event) -> web.Application:
    """The operator's endpoints. Ready is who owns partitions and has ``started``: told to stop, it would drain."""

    def report() -> dict[str, dict[str, float | int | bool]]:
        now = time.monotonic()
        return {
            pulse.name: {
                "assigned": bool(pulse.vital.settled), "lag": pulse.lag, "reached": pulse.reached,
                "seconds_since_progress": round(now - pulse.moved, 1),
            }
            for pulse in watchdog.pulses
        }  # fmt: skip

    async def healthz(_: web.Request) -> web.Response:
        now = time.monotonic()
        sick = [pulse.name for pulse in watchdog.pulses if now - pulse.moved > SICK_SHARE * watchdog.stuck_s]
        return web.json_response({"healthy": not sick, "stages": report()}, status=503 if sick else 200)

    async def readyz(_: web.Request) -> web.Response:
        waiting = [pulse.name for pulse in watchdog.pulses if not pulse.vital.settled]
        ready = started.is_set() and not waiting
        return web.json_response({"ready": ready, "waiting_for": waiting}, status=200 if ready else 503)

    return _application(metrics, healthz, readyz)


def of_collector(metrics: Metrics, ready: asyncio.Event) -> web.Application:
    """The same for a collector: healthy while the loop answers, for a source that is away is no reason to restart."""

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"healthy": True})

    async def readyz(_: web.Request) -> web.Response:
        return web.json_response({"ready": ready.is_set()}, status=200 if ready.is_set() else 503)

    return _application(metrics, healthz, readyz)


def _application(metrics: Metrics, healthz: Handler, readyz: Handler) -> web.Application:
    async def exposition(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", exposition)
    return app


async def serve(app: web.Application, address: str, **how: Any) -> web.AppRunner:  # noqa: ANN401  # of aiohttp
    """Serve on ``host:port``; the caller cleans the runner up. ``how`` is for aiohttp's AppRunner.

    Raises:
        OSError: the address is taken or not ours.
    """
    host, _, port = address.rpartition(":")
    runner = web.AppRunner(app, access_log=None, **how)
    await runner.setup()
    await web.TCPSite(runner, host or "127.0.0.1", int(port)).start()
    return runner
