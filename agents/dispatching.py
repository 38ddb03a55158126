"""The outbox at work: what waits is kept in Kafka, handed to its targets in order, and tried again until it expires."""

import asyncio
import time
from collections.abc import Iterable, Sequence

import structlog

from agents.checkpoints import read_latest
from agents.dispatch_world import World
from agents.metrics import Metrics
from agents.notifiers._base import Delivered, Outcome, Refused
from agents.page_targets import Routed, Target
from agents.paging import RetryPolicy, attempt
from pipeline.dispatch.ledger import Lane, Ledger, Parcel, Way, letter_key, mark_key
from pipeline.dispatch.planning import plan
from pipeline.dispatch.recalling import presentable, recalled
from pipeline.dispatch.settling import Said, delivery, given_up, settled, worth_telling
from pipeline.feed import partition_of
from pipeline.stage import Output
from pipeline.withdrawn import Withdrawn
from schemas.alert import Page
from schemas.brand_log import Evidence
from schemas.codec import Decoder, Malformed, encode
from schemas.dead_letter import PAYLOAD_CAP, headers
from schemas.dispatch import Letter, Mark
from schemas.topics import BRAND_LOG, PAGE_STATE, PAGES, PAGES_DLQ
from schemas.withdrawal import Withdrawal

LOOK_S = 0.2  # between looks at what is due
MANY = 200  # incidents that wait; with more of them it looks less often, for detection has the same loop
REST = 10  # times the length of a look that passes before the next
TOLD_LOOKS = 5  # looks between gauges
SWEEP_LOOKS = 300  # looks between removals of what nobody needs
LANDING_S = 5.0  # that attempts under way have to end when partitions go away

_RECORDS: Decoder[Letter | Mark] = Decoder(Letter | Mark)
_log = structlog.get_logger(__name__)


class Dispatcher:
    """Everything that waits on the partitions this worker owns. ``policy`` says how long to leave a busy target alone.

    At each target the pages of an incident go out in order, all else side by side. A page is decided once it is on the
    state topic; what is delivered and not marked yet when a worker dies goes out again under the same key. What has not
    gone out yet quotes no post that was withdrawn.
    """

    def __init__(
        self, routed: Routed, partitions: int, world: World, metrics: Metrics, policy: RetryPolicy | None = None
    ) -> None:
        self._routing, self._targets = routed
        self._partitions, self._world, self._metrics = partitions, world, metrics
        self._policy = policy or RetryPolicy()
        self._ledger = Ledger()
        self._withdrawn, self._to_recall = Withdrawn(), False
        self._busy: set[Lane] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping, self._ownership = False, 0
        for name in self._targets:
            metrics.pages.go_to(name)

    async def restore(self, bootstrap: str, partitions: Sequence[int]) -> None:
        """Read what waits on these partitions, and nothing else; leave it if they have gone away meanwhile."""
        ownership = self._ownership
        latest = await read_latest(bootstrap, PAGE_STATE.name, partitions)
        if ownership == self._ownership:
            self.load(value for found in latest.values() for value in found.values.values())

    def load(self, values: Iterable[bytes]) -> None:
        """Hold these records of the state topic."""
        ledger = Ledger()
        for value in values:
            record = _RECORDS.decode(value)
            if isinstance(record, Malformed):
                _log.error("unreadable_page", topic=PAGE_STATE.name, why=record.detail)
            else:
                ledger.take(record)
        self._ledger, self._busy, self._to_recall = ledger, set(), True

    async def release(self) -> None:
        """Begin nothing more: the partitions go away. What is under way may end."""
        self._ledger, self._ownership = Ledger(), self._ownership + 1
        await self._land()

    async def drain(self) -> None:
        """The same for good, before the producer stops: a page whose mark it refuses would go out again."""
        self._stopping = True
        await self._land()
        for task in self._tasks:
            task.cancel()  # tried again by the next worker

    async def _land(self) -> None:
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=LANDING_S)

    async def take(self, pages: Iterable[tuple[int, Page]]) -> None:
        """Decide about pages, each with its offset; returns when the decisions are kept."""
        records: list[Letter | Mark] = []
        for offset, brought in pages:
            page = presentable(brought, self._hides)
            for record in plan(self._ledger, self._routing, page, offset, self._world.now_ms()) if page else ():
                self._ledger.take(record)
                records.append(record)
        await asyncio.gather(*(self._keep(record) for record in records))
        self._look_at_once()

    def withdraw(self, said: Withdrawal, at: int) -> None:
        """Quote no more what a record says that was appended at ``at``, ms."""
        self._withdrawn.note(said, at)
        self._to_recall = True

    def _hides(self, post: Evidence) -> bool:
        return self._withdrawn.hides(post, self._world.now_ms())

    async def recall(self) -> None:
        """Take what was withdrawn lately out of what waits; returns when that is kept."""
        if not self._to_recall:
            return
        self._to_recall = False
        records = recalled(self._ledger, self._hides, self._world.now_ms())
        for record in records:
            self._ledger.take(record)
        await asyncio.gather(*(self._keep(record) for record in records))

    async def tend(self) -> None:
        """Hand over what becomes due, for as long as the worker runs."""
        looks = 0
        while True:
            began = time.monotonic()
            await self.recall()
            self.look()
            looks, took = looks + 1, time.monotonic() - began
            if looks % SWEEP_LOOKS == 0:
                over = self._ledger.over(self._world.now_ms())
                await asyncio.gather(*(self._world.send(self._output(brand, key, None)) for brand, key in over))
            if looks % TOLD_LOOKS == 0:
                waiting = self._ledger.counts()
                for name in self._targets:
                    self._metrics.pages.waiting.labels(name).set(waiting.get(name, 0))
            await asyncio.sleep(max(LOOK_S, REST * took))

    def look(self) -> None:
        """Begin all that is due and whose target has room."""
        if self._stopping:
            return
        now = self._world.now_ms()
        for parcel in self._ledger.due(now, self._busy):
            target = self._targets.get(parcel.target)
            if target is None or target.pacing.begin(now):
                self._busy.add(parcel.lane)
                task = asyncio.create_task(self._begin(parcel, target, self._ledger, self._busy))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    def _look_at_once(self) -> None:
        """Look now, unless so much waits that it is left to ``tend``."""
        if self._ledger.incidents <= MANY:
            self.look()

    async def _begin(self, parcel: Parcel, target: Target | None, ledger: Ledger, busy: set[Lane]) -> None:
        """One attempt. What it leaves goes into the ledger it came from, which may be nobody's by now."""
        try:
            if target is None:
                marks = [
                    given_up(way, "the routing file names it no more", self._world.now_ms()) for way in parcel.ways
                ]
            else:
                marks = await self._attempt(parcel, target)
            for way, mark in zip(parcel.ways, marks, strict=True):
                ledger.take(mark)
                await self._tell(way, mark)
        except Exception as error:  # noqa: BLE001  # Kafka did not take what became of a page: a restart tries again
            self._world.give_up(f"page: {parcel.target}: {error!r}")
        finally:
            busy.discard(parcel.lane)
        self._look_at_once()

    async def _attempt(self, parcel: Parcel, target: Target) -> list[Mark]:
        self._world.fault("before page")
        try:
            outcome = await attempt(target.notifier, parcel.page, self._policy.attempt_s)
        finally:
            target.pacing.end()
        self._world.fault("after page")
        return [settled(way, self._said(outcome, way), self._world.now_ms()) for way in parcel.ways]

    def _said(self, outcome: Outcome, way: Way) -> Said:
        if isinstance(outcome, Delivered | Refused):
            return Said("delivered" if isinstance(outcome, Delivered) else "refused", outcome.detail)
        wait_s = self._policy.wait_s(way.mark.attempts + 1, outcome.after_s, self._world.jitter())
        return Said("busy", outcome.detail, wait_s)

    async def _tell(self, way: Way, mark: Mark) -> None:
        """What became of a page: on the brand log, as a dead letter if nobody will try again, then as kept."""
        if mark.status == "gave_up":
            page, offset = encode(way.letter.page), way.letter.offset
            where = partition_of(mark.brand.encode(), self._partitions)
            stamped = headers(
                PAGES.name, where, offset, "undelivered", f"{mark.target}: {mark.detail}", page, mark.attempts
            )
            await self._world.send(Output(PAGES_DLQ.name, where, mark.brand.encode(), page[:PAYLOAD_CAP], stamped))
        await self._keep(mark)
        first = not mark.step and not mark.digest and mark.requested_at <= way.letter.at  # nobody meant it to wait
        if first and mark.status == "delivered" and mark.action == "trigger":
            self._metrics.pages.rang(mark.target, (mark.at - way.letter.page.at) / 1000)

    async def _keep(self, record: Letter | Mark) -> None:
        """Told before it is kept: who dies in between tells it twice, never not at all."""
        if isinstance(record, Letter):
            await self._world.send(self._output(record.page.brand, letter_key(record.page.page_id), encode(record)))
            return
        if worth_telling(record):
            told, key = delivery(record), record.brand.encode()
            await self._world.send(Output(BRAND_LOG.name, partition_of(key, self._partitions), key, encode(told)))
            self._metrics.pages.delivered(told.target, told.status, (told.finished_at - told.requested_at) / 1000)
        await self._world.send(self._output(record.brand, mark_key(record.page_id, record.target), encode(record)))

    def _output(self, brand: str, key: bytes, value: bytes | None) -> Output:
        return Output(PAGE_STATE.name, partition_of(brand.encode(), self._partitions), key, value)
