"""The stages of a worker as Faust apps: where what is pure meets Kafka, ClickHouse, the pagers and the clock."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import NoReturn

from faust.types import TP

from agents.crash_points import CrashPoints
from agents.dispatch_world import World
from agents.dispatching import Dispatcher
from agents.faust_app import create_app, sender
from agents.gathering import HELD, Gathering
from agents.keeping import Keep
from agents.lane import LaneApp
from agents.metrics import Metrics
from agents.page_stage import WIDTH, Paging
from agents.page_targets import routed
from agents.part import Plan
from agents.partition_counts import expected
from agents.recalling import Recalling
from agents.rules_file import RulesFile
from agents.rules_reload import Reload
from agents.runner import Runner
from agents.settings import Settings
from agents.sink import Act, Sink
from agents.store import Store
from agents.storing import Storing, stored
from agents.sweeping import Sweep
from agents.ticker import Ticker
from agents.warehouse import Warehouse
from pipeline.adapt import Adapt, Pseudonyms
from pipeline.adapting import adapters
from pipeline.configuration import TOLD_DIGEST
from pipeline.forget import Forget
from pipeline.hearing import Ear
from pipeline.influence.endorse_stage import Endorse
from pipeline.influence.influence_stage import Influence
from pipeline.influence.ranking import compile_scores
from pipeline.influence.spread_stage import Spread
from pipeline.influence.subjects import compile_subjects
from pipeline.listen import Listen, Partitions
from pipeline.shadow import Shadowed
from pipeline.text.model.reader import packaged
from pipeline.voices import compile_voices
from pipeline.watchlist import WatchList
from schemas import topics
from schemas.vocabulary import RulesScope

REWRITE_BYTES = 2_000_000  # state written before all of it is written again, where a broker keeps 5 MB a partition

GiveUp = Callable[[str], NoReturn]


class Composition:
    """The apps of the stages that the settings name, by stage, and what runs in them."""

    def __init__(self, settings: Settings, watchlist: WatchList, metrics: Metrics, give_up: GiveUp) -> None:
        self.settings, self.watchlist, self.metrics = settings, watchlist, metrics
        self._give_up, self._crash_points = give_up, CrashPoints(settings.crash_at)
        self.apps: dict[str, LaneApp] = {}
        self.runners: dict[str, Runner] = {}
        self.sinks: dict[str, Sink] = {}
        self.reload: Reload | None = None
        self.sweep: Sweep | None = None
        self.dispatcher: Dispatcher | None = None
        self.recalling: Recalling | None = None
        self._url = settings.clickhouse.get_secret_value()
        self.warehouse = Warehouse(self._url, lambda: self.metrics.store_up.set(1))
        for stage in settings.stages:
            getattr(self, f"_add_{stage}")()

    def _app(self, name: str) -> LaneApp:
        app = self.apps[name] = create_app(self.settings, name, self.metrics, self._give_up)
        return app

    def _add_adapt(self) -> None:
        settings, known = self.settings, adapters()
        pseudonyms = Pseudonyms(settings.pseudonym_key.get_secret_value().encode(), settings.pseudonym_key_id)
        for source in settings.sources:
            name = f"adapt-{source}"
            self._add_runner(self._app(name), Plan(
                name, topics.raw(source).name, topics.adapt_state(source).name,
                partial(Adapt, source, known[source], settings.posts_partitions, pseudonyms),
                checkpoint_s=settings.checkpoint_s, rewrite_bytes=self._rewrite(), partitions=expected(settings),
            ))  # fmt: skip

    def _add_forget(self) -> None:
        counts = Partitions(self.settings.posts_partitions, self.settings.brand_partitions)
        self._add_runner(self._app("forget"), Plan(
            "forget", topics.TOMBSTONES.name, topics.FORGET_STATE.name, lambda partition: Forget(partition, counts),
            checkpoint_s=self.settings.watch_checkpoint_s, rewrite_bytes=self._rewrite(),
            partitions=expected(self.settings),
        ))  # fmt: skip

    def _add_listen(self) -> None:
        compile_voices()
        app = self._app("listen")
        counts = Partitions(self.settings.posts_partitions, self.settings.brand_partitions)
        ear, rules = Ear(self.watchlist, packaged(self.settings.text_weights)), self.watchlist.rules
        ticker = Ticker(app, lambda: [part.state for part in self.runners["listen"].parts.values()])
        self._add_runner(app, Plan(
            "listen", topics.POSTS.name, topics.LISTEN_STATE.name,
            lambda partition: Listen(partition, counts, rules, ear),
            checkpoint_s=self.settings.checkpoint_s, on_idle=ticker, rewrite_bytes=self._rewrite(),
            partitions=expected(self.settings),
        ))  # fmt: skip

    def _add_endorse(self) -> None:
        compile_scores()
        named = self.settings.influence_seeds
        seeds = frozenset(Path(named).read_text(encoding="utf-8").split()) if named else frozenset[str]()
        partitions = self.settings.posts_partitions
        self._add_runner(self._app("endorse"), Plan(
            "endorse", topics.INTERACTIONS.name, topics.ENDORSE_STATE.name,
            lambda partition: Endorse(partition, partitions, seeds),
            checkpoint_s=self.settings.checkpoint_s, rewrite_bytes=self._rewrite(), partitions=expected(self.settings),
        ))  # fmt: skip

    def _add_influence(self) -> None:
        compile_scores()
        compile_subjects()
        self._add_runner(self._app("influence"), Plan(
            "influence", topics.ENDORSEMENTS.name, topics.INFLUENCE_STATE.name, Influence,
            checkpoint_s=self.settings.checkpoint_s, rewrite_bytes=self._rewrite(), partitions=expected(self.settings),
        ))  # fmt: skip

    def _add_spread(self) -> None:
        self._add_runner(self._app("spread"), Plan(
            "spread", topics.ENDORSEMENTS.name, topics.SPREAD_STATE.name, Spread,
            checkpoint_s=self.settings.checkpoint_s, rewrite_bytes=self._rewrite(), partitions=expected(self.settings),
        ))  # fmt: skip

    def _add_watch(self) -> None:
        app = self._app("watch")
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
        return None if self.settings.embedded_broker else Keep(topics.WATCH_KEPT.name, TOLD_DIGEST)

    def _add_runner(self, app: LaneApp, plan: Plan) -> None:
        runner = Runner(
            app,
            self.settings.brokers,
            plan,
            self.metrics,
            self._give_up,
            self._crash_points.of(plan.name.partition("-")[0]),
        )
        app.agent(app.lane(plan.topic), name=plan.name)(runner.run)
        self.runners[plan.name] = runner

    def _add_store(self) -> None:
        app = self._app("store")
        warehouse, down = self.warehouse, lambda _table: self.metrics.store_up.set(0)
        store = Store(warehouse.insert, warehouse.executor, on_retry=down)
        storing = Gathering(Storing(store, sender(app), self.metrics, self._crash_points.of("store")))
        self._add_sink(app, "store", [one.name for one in stored(self.settings.sources)], storing, width=HELD)
        first = TP(topics.TOMBSTONES.name, 0)  # whoever stores it looks for all
        own = Warehouse(self._url, lambda: None)  # a mutation may take minutes, for which inserts must not wait
        self.sweep = Sweep(own.open, own.executor, lambda: warehouse.is_open and first in app.consumer.assignment())

    def _add_page(self) -> None:
        app, fault = self._app("page"), self._crash_points.of("page")
        world = World(sender(app), _now_ms, random.random, self._give_up, fault)
        found = routed(self.settings, self.watchlist, _now_ms)
        self.dispatcher = Dispatcher(found, self.settings.brand_partitions, world, self.metrics)
        paging = Paging(self.dispatcher, world)
        brokers, indexed = self.settings.brokers, not self.settings.embedded_broker
        self.recalling = Recalling(brokers, self.dispatcher.withdraw, _now_ms, indexed=indexed)
        urgent = [topics.FINDINGS.name] if found.routing.rings_for_posts else []
        self._add_sink(app, "page", [topics.PAGES.name, *urgent], paging, width=WIDTH)
        paging.follow(app, self.settings.brokers)

    def _add_sink(self, app: LaneApp, name: str, names: list[str], act: Act, *, width: int = 1) -> None:
        sink = Sink(app, name, act, self.metrics, self._give_up, width=width)
        for topic in names:
            app.agent(app.lane(topic), name=f"{name}-{topic}")(sink.run)
        self.sinks[name] = sink

    def drain(self) -> Awaitable[object]:
        """Take nothing more, checkpoint everything that is owned, and keep what became of pages under way."""
        pages = [self.dispatcher.drain()] if self.dispatcher else []
        return asyncio.gather(*(runner.drain() for runner in self.runners.values()), *pages)

    def gauge(self) -> None:
        """Set the gauges that tell how far the stages are."""
        for name, runner in self.runners.items():
            marks = [part.state.watermark for part in runner.parts.values() if isinstance(part.state, Listen)]
            if marks:
                self.metrics.watermark.labels(name).set(min(marks) / 1000)
            holes = [part.state.holes for part in runner.parts.values() if isinstance(part.state, Shadowed)]
            if holes:
                self.metrics.holes.set(sum(holes))
            for kind, gauge in ((Endorse, self.metrics.interactions), (Spread, self.metrics.cascades)):
                counted = [part.state.counted for part in runner.parts.values() if isinstance(part.state, kind)]
                for outcome in counted[0] if counted else ():
                    gauge.labels(outcome).set(sum(counts[outcome] for counts in counted))


def _now_ms() -> int:
    return int(time.time() * 1000)
