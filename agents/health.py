"""/healthz (event loop and progress), /readyz (assigned), /metrics: answered by the loop that does the work."""

import asyncio
import time

from aiohttp import web
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from agents.metrics import Metrics
from agents.watchdog import Watchdog

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

    async def exposition(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", exposition)
    return app


async def serve(app: web.Application, address: str) -> web.AppRunner:
    """Serve on ``host:port``; the caller cleans the runner up.

    Raises:
        OSError: the address is taken or not ours.
    """
    host, _, port = address.rpartition(":")
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host or "127.0.0.1", int(port)).start()
    return runner
