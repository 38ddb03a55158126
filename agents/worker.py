"""A worker: the stages it was told to run, each as a Faust app of its own, in one event loop. The composition root."""

import asyncio
import contextlib
import gc
import os
import random
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import structlog
from aiohttp import web

from agents import clickhouse_http, health, logs
from agents.crash_points import CrashPoints
from agents.faust_app import create_app, sender
from agents.keeping import Keep
from agents.lane import LaneApp
from agents.metrics import Metrics
from agents.page_stage import WIDTH, Paging
from agents.paging import Pager, RetryPolicy, configured
from agents.part import Plan
from agents.partition_counts import expected
from agents.rules_file import RulesFile
from agents.rules_reload import Reload
from agents.runner import Runner
from agents.settings import Settings
from agents.sink import Act, Sink
from agents.store import Store
from agents.storing import STORED, Storing
from agents.ticker import Ticker
from agents.warehouse import Warehouse
from agents.watchdog import Watchdog
from agents.watchlist_file import read_watchlist
from pipeline.configuration import DETECTORS_DIGEST
from pipeline.hearing import Ear
from pipeline.listen import Listen, Partitions
from pipeline.shadow import Shadowed
from pipeline.text.model.reader import packaged
from pipeline.watchlist import WatchList
from schemas import topics
from schemas.vocabulary import RulesScope

FAILED = 70  # exit status: something is in doubt, restart me
DRAIN_S, STOP_S, CLOSE_S = 12.0, 10.0, 5.0  # together less than the 30 s that supervisors wait
REWRITE_BYTES = 2_000_000  # state written before all of it is written again, where a broker keeps 5 MB a partition

_log = structlog.get_logger(__name__)


def give_up(reason: str) -> NoReturn:
    """End the process at once: nothing acknowledged is lost, and a restart reads from the last checkpoint."""
    _log.critical("worker_gives_up", reason=reason)
    sys.stderr.flush()
    os._exit(FAILED)


class Worker:
    """Everything one process runs."""

    def __init__(self, settings: Settings, watchlist: WatchList) -> None:
        self.settings, self.watchlist, self.metrics = settings, watchlist, Metrics()
        self.watchdog, self.crash_points = Watchdog(settings.stuck_s), CrashPoints(settings.crash_at)
        self.apps: dict[str, LaneApp] = {}
        self.runners: dict[str, Runner] = {}
        self.sinks: dict[str, Sink] = {}
        self.reload: Reload | None = None
        self.warehouse = Warehouse(settings.clickhouse.get_secret_value(), lambda: self.metrics.store_up.set(1))
        for stage in settings.stages:
            self.apps[stage] = create_app(settings, stage, self.metrics, give_up)
            getattr(self, f"_add_{stage}")(self.apps[stage])

    def _add_listen(self, app: LaneApp) -> None:
        counts = Partitions(self.settings.posts_partitions, self.settings.brand_partitions)
        ear, rules = Ear(self.watchlist, packaged(self.settings.text_weights)), self.watchlist.rules
        ticker = Ticker(app, lambda: [part.state for part in self.runners["listen"].parts.values()])
        self._add_runner(app, Plan(
            "listen", topics.POSTS.name, topics.LISTEN_STATE.name,
            lambda partition: Listen(partition, counts, rules, ear),
            checkpoint_s=self.settings.checkpoint_s, on_idle=ticker, rewrite_bytes=self._rewrite(),
            partitions=expected(self.settings),
        ))  # fmt: skip

    def _add_watch(self, app: LaneApp) -> None:
        self._add_runner(app, Plan(
            "watch", topics.BRAND_LOG.name, topics.WATCH_STATE.name,
            lambda partition: Shadowed(partition, self.watchlist),
            checkpoint_s=self.settings.watch_checkpoint_s, rewrite_bytes=self._rewrite(),
            partitions=expected(self.settings), keep=self._keep(),
        ))  # fmt: skip
        files: dict[RulesScope, RulesFile] = {"pages": RulesFile(self.settings.watchlist, self.watchlist)}
        if self.settings.shadow_rules:
            files["shadow"] = RulesFile(Path(self.settings.shadow_rules), None)
        partitions, runner = self.settings.brand_partitions, self.runners["watch"]
        self.reload = Reload(files, partitions, runner, sender(app), self.metrics)

    def _rewrite(self) -> int | None:
        return REWRITE_BYTES if self.settings.embedded_broker else None

    def _keep(self) -> Keep | None:
        """A broker that keeps 5 MB a partition has no days to verify."""
        return None if self.settings.embedded_broker else Keep(topics.WATCH_KEPT.name, DETECTORS_DIGEST)

    def _add_runner(self, app: LaneApp, plan: Plan) -> None:
        runner = Runner(app, self.settings.kafka, plan, self.metrics, give_up, self.crash_points.of(plan.name))
        app.agent(app.lane(plan.topic), name=plan.name)(runner.run)
        self.runners[plan.name] = runner

    def _add_store(self, app: LaneApp) -> None:
        warehouse, down = self.warehouse, lambda _table: self.metrics.store_up.set(0)
        store = Store(warehouse.insert, warehouse.executor, on_retry=down)
        storing = Storing(store, sender(app), self.metrics, self.crash_points.of("store"))
        self._add_sink(app, "store", [topic.name for topic in STORED], storing)

    def _add_page(self, app: LaneApp) -> None:
        notifiers = configured(self.settings.notifier_options(), _now_ms)
        pager = Pager(notifiers, _now_ms, asyncio.sleep, random.random, RetryPolicy())
        fault = self.crash_points.of("page")
        paging = Paging(pager, sender(app), self.settings.brand_partitions, self.metrics, fault)
        self._add_sink(app, "page", [topics.PAGES.name], paging, width=WIDTH)

    def _add_sink(self, app: LaneApp, name: str, names: list[str], act: Act, *, width: int = 1) -> None:
        sink = Sink(app, name, act, self.metrics, give_up, width=width)
        for topic in names:
            app.agent(app.lane(topic), name=f"{name}-{topic}")(sink.run)
        self.sinks[name] = sink

    async def run(self) -> None:
        """Start, work until SIGTERM or SIGINT, drain and stop. Any stage that dies ends the process."""
        loop, stop, started = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, os._exit, 0)  # while starting there is nothing to hand over
        servers = [await health.serve(health.application(self.metrics, self.watchdog, started), self.settings.http)]
        if self.settings.clickhouse_http:
            servers.append(await self._serve_reads())
        self.watchdog.watch([*self.runners.items(), *self.sinks.items()], time.monotonic())
        tasks = [asyncio.create_task(self._guard())]
        await asyncio.gather(*(app.start() for app in self.apps.values()))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        started.set()
        gc.collect()
        gc.freeze()  # what is there now stays: looking through it again and again holds the loop for 0.1 s and more
        _log.info("worker_started", stages=list(self.settings.stages), brands=len(self.watchlist.brands))
        tasks += [asyncio.create_task(runner.tend()) for runner in self.runners.values()]
        tasks += [asyncio.create_task(self.reload.run())] if self.reload else []
        stopping = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopping}:
            give_up(f"a task ended: {task.exception()!r}")
        tasks[0].cancel()
        await self._stop()
        for server in servers:
            await server.cleanup()
        with contextlib.suppress(TimeoutError):  # an insert that hangs is repeated under the same token by the next
            async with asyncio.timeout(CLOSE_S):
                await loop.run_in_executor(self.warehouse.executor, self.warehouse.close)
        _log.info("worker_stopped")

    async def _serve_reads(self) -> web.AppRunner:
        client = await asyncio.get_running_loop().run_in_executor(self.warehouse.executor, self.warehouse.open)
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
            if now - looked >= 1:
                self.metrics.loop_pause.set(worst)
                self._gauge()
                if reason := self.watchdog.verdict(now):
                    give_up(reason)
                worst, looked = 0.0, now

    def _gauge(self) -> None:
        for pulse in self.watchdog.pulses:
            self.metrics.lag.labels(pulse.name).set(pulse.lag)
        for name, runner in self.runners.items():
            marks = [part.state.watermark for part in runner.parts.values() if isinstance(part.state, Listen)]
            if marks:
                self.metrics.watermark.labels(name).set(min(marks) / 1000)
            holes = [part.state.holes for part in runner.parts.values() if isinstance(part.state, Shadowed)]
            if holes:
                self.metrics.holes.set(sum(holes))

    async def _stop(self) -> None:
        _log.info("worker_stopping")
        try:
            async with asyncio.timeout(DRAIN_S):
                await asyncio.gather(*(runner.drain() for runner in self.runners.values()))
        except TimeoutError:
            give_up(f"Kafka took no checkpoint for {DRAIN_S:.0f} s; what is not in one is read again")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                await asyncio.gather(*(app.stop() for app in self.apps.values()))


def _now_ms() -> int:
    return int(time.time() * 1000)


def main(settings: Settings) -> None:
    """Run a worker until it is told to stop; exit status 0 then, 70 when something was in doubt."""
    logs.configure(settings.log_level)
    watchlist = read_watchlist(settings.watchlist)
    try:
        asyncio.run(Worker(settings, watchlist).run())
    except Exception as error:  # noqa: BLE001  # a worker that cannot start or stop cleanly says so in one line
        give_up(f"{type(error).__name__}: {error}")
    os._exit(0)  # Faust leaves threads that would hold the interpreter
