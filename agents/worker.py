"""A worker: the stages it was told to run, in one event loop, from start to a clean stop."""

import asyncio
import contextlib
import gc
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import structlog
from aiohttp import web

from agents import clickhouse_http, health, logs
from agents.composition import Composition
from agents.giving_up import give_up
from agents.metrics import Metrics
from agents.settings import Settings
from agents.watchdog import Watchdog
from agents.watchlist_file import read_watchlist
from pipeline.watchlist import WatchList

LOOK_S = 1.0  # between looks at the pulses
THREADS = 64  # that look up names: 8 at a time for each target, and one that nobody answers takes a quarter of a minute
DRAIN_S, STOP_S, CLOSE_S = 12.0, 10.0, 5.0  # together less than the 30 s that supervisors wait

_log = structlog.get_logger(__name__)


class Worker:
    """Everything one process runs."""

    def __init__(self, settings: Settings, watchlist: WatchList) -> None:
        self.settings, self.metrics = settings, Metrics()
        self.watchdog = Watchdog(settings.stuck_s)
        self.stages = Composition(settings, watchlist, self.metrics, give_up)

    async def run(self) -> None:
        """Start, work until SIGTERM or SIGINT, drain and stop. Any stage that dies ends the process."""
        loop, stop, started = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        loop.set_default_executor(ThreadPoolExecutor(THREADS))  # else few more than there are processors
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, os._exit, 0)  # while starting there is nothing to hand over
        servers = [await health.serve(health.application(self.metrics, self.watchdog, started), self.settings.http)]
        if self.settings.clickhouse_http:
            servers.append(await self._serve_reads())
        self.watchdog.watch([*self.stages.runners.items(), *self.stages.sinks.items()], time.monotonic())
        tasks = [asyncio.create_task(self._guard())]
        await asyncio.gather(*(app.start() for app in self.stages.apps.values()))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        started.set()
        gc.collect()
        gc.freeze()  # what is there now stays: looking through it again and again holds the loop for 0.1 s and more
        _log.info("worker_started", stages=list(self.settings.stages), brands=len(self.stages.watchlist.brands))
        runners = self.stages.runners.values()
        tasks += [asyncio.create_task(work) for runner in runners for work in (runner.tend(), runner.look())]
        looking = (self.stages.reload, self.stages.sweep, self.stages.recalling)
        tasks += [asyncio.create_task(one.run()) for one in looking if one]
        tasks += [asyncio.create_task(self.stages.dispatcher.tend())] if self.stages.dispatcher else []
        stopping = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopping}:
            give_up(self._crash() or f"a task ended: {task.exception()!r}")
        tasks[0].cancel()
        await self._stop()
        for server in servers:
            await server.cleanup()
        with contextlib.suppress(TimeoutError):  # an insert that hangs is repeated under the same token by the next
            async with asyncio.timeout(CLOSE_S):
                await loop.run_in_executor(self.stages.warehouse.executor, self.stages.warehouse.close)
        _log.info("worker_stopped")

    async def _serve_reads(self) -> web.AppRunner:
        client = await asyncio.get_running_loop().run_in_executor(
            self.stages.warehouse.executor, self.stages.warehouse.open
        )
        reads = clickhouse_http.application(client, ThreadPoolExecutor(1, thread_name_prefix="clickhouse-reads"))
        return await health.serve(reads, self.settings.clickhouse_http)

    async def _guard(self) -> None:
        """Take the pulse of every stage, and the longest pause of the loop, each second."""
        worst, looked = 0.0, time.monotonic()
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            now = time.monotonic()
            worst = max(worst, now - before - 0.01)
            if now - looked >= LOOK_S:
                self.metrics.loop_pause.set(worst)
                self._gauge()
                if reason := self._crash() or self.watchdog.verdict(now):
                    give_up(reason)
                worst, looked = 0.0, now

    def _crash(self) -> str:
        """Which Faust app has crashed and why, or an empty string: nobody restarts it, and a sink does not notice."""
        crashed = {name: app.crash_reason for name, app in self.stages.apps.items() if app.crashed}
        return "; ".join(f"{name}: Faust crashed: {reason!r}" for name, reason in crashed.items())

    def _gauge(self) -> None:
        for pulse in self.watchdog.pulses:
            self.metrics.lag.labels(pulse.name).set(pulse.lag)
        self.stages.gauge()

    async def _stop(self) -> None:
        _log.info("worker_stopping")
        try:
            async with asyncio.timeout(DRAIN_S):
                await self.stages.drain()
        except TimeoutError:
            give_up(f"Kafka took no checkpoint for {DRAIN_S:.0f} s; what is not in one is read again")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                await asyncio.gather(*(app.stop() for app in self.stages.apps.values()))


def main(settings: Settings) -> None:
    """Run a worker until it is told to stop; exit status 0 then, 70 when something was in doubt."""
    logs.configure(settings.log_level)
    watchlist = read_watchlist(settings.watchlist)
    try:
        asyncio.run(Worker(settings, watchlist).run())
    except Exception as error:  # noqa: BLE001  # a worker that cannot start or stop cleanly says so in one line
        give_up(f"{type(error).__name__}: {error}")
    os._exit(0)  # Faust leaves threads that would hold the interpreter
