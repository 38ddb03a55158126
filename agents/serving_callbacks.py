"""The process of ``tocsin callbacks``: a server, and a desk that gives what comes to the brand log."""

import asyncio
import signal
from collections.abc import Mapping

import structlog

from agents import health
from agents.callback_server import BrandOf, CallbackServer, now_s
from agents.commanding import Desk
from agents.feeding import EMBEDDED_API
from agents.settings import Settings
from pipeline.watchlist import WatchList
from schemas.command import Command

_log = structlog.get_logger(__name__)


async def serve(
    settings: Settings, listen: str, secrets: Mapping[str, str], watchlist: WatchList, brand_of: BrandOf
) -> None:
    """Serve until told to stop.

    Raises:
        OSError: the address is taken or not ours.
        ValueError: a secret is too short.
        kafka.errors.KafkaError: the broker is not there.
    """
    desk = await asyncio.to_thread(Desk, settings.brokers, EMBEDDED_API if settings.embedded_broker else None)
    giving = asyncio.Lock()  # a desk serves one at a time

    async def give(command: Command) -> None:
        async with giving:
            await asyncio.to_thread(desk.give, command)

    server = CallbackServer(secrets, watchlist, give, brand_of, now_s)
    runner = await health.serve(server.application(), listen, auto_decompress=False)
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    _log.info("callbacks_served", at=listen, callbacks=server.names)
    await stop.wait()
    await runner.cleanup()
    await asyncio.to_thread(desk.close)
