"""The page stage: pages are decided, kept in the outbox and committed; the outbox delivers them beside it."""

from collections.abc import Sequence
from typing import Any

import structlog
from aiokafka.structs import ConsumerRecord
from faust.types import TP

from agents.dispatch_world import World
from agents.dispatching import Dispatcher
from agents.lane import LaneApp
from pipeline.dead_letters import dead_letter
from pipeline.page_of_post import STALE_MS, page_of_post
from schemas.alert import Page
from schemas.codec import Decoder, Malformed
from schemas.finding import Finding
from schemas.topics import PAGES

WIDTH = 8  # batches whose decisions are being kept

_PAGES: Decoder[Page] = Decoder(Page)
_FINDINGS: Decoder[Finding] = Decoder(Finding)
_log = structlog.get_logger(__name__)


class Paging:
    """Acts on batches of pages. It never waits for a target, so a page is decided within the batch that brings it."""

    def __init__(self, dispatcher: Dispatcher, world: World) -> None:
        self._dispatcher, self._world = dispatcher, world

    def follow(self, app: LaneApp, bootstrap: str) -> None:
        """Hold what waits on the partitions of ``app``, as they come and go."""

        async def assigned(app: LaneApp, **_: Any) -> None:  # noqa: ANN401  # a Faust signal's arguments
            partitions = sorted(tp.partition for tp in app.consumer.assignment() if tp.topic == PAGES.name)
            try:
                await self._dispatcher.restore(bootstrap, partitions)
            except Exception as error:  # noqa: BLE001  # whatever it is, what waits is not known
                self._world.give_up(f"page: the outbox cannot be read: {error!r}")

        async def revoked(_app: LaneApp, _revoked: Any, **_: Any) -> None:  # noqa: ANN401  # a Faust signal's arguments
            await self._dispatcher.release()

        app.on_partitions_revoked.connect(revoked, weak=False)  # type: ignore[arg-type]  # Faust types it wider
        app.on_rebalance_complete.connect(assigned, weak=False)  # type: ignore[arg-type]  # Faust types it wider

    async def __call__(self, tp: TP, records: Sequence[ConsumerRecord]) -> None:
        """Decide about all pages, and about posts that do not wait; returns when that is kept."""
        pages: list[tuple[int, Page]] = []
        for record in records:
            page = self._page(tp, record)
            if isinstance(page, Malformed):
                where = {"topic": tp.topic, "partition": tp.partition, "offset": record.offset}
                _log.error("unreadable_page", **where, why=page.detail)
                await self._world.send(dead_letter(PAGES.name, tp.partition, record, page))
            elif page is not None:
                pages.append((record.offset, page))
        await self._dispatcher.take(pages)

    def _page(self, tp: TP, record: ConsumerRecord) -> Page | Malformed | None:
        """The page that a record is or makes; None for a finding that rings nobody, or is no news any more."""
        if tp.topic == PAGES.name:
            return _PAGES.decode(record.value)
        finding = _FINDINGS.decode(record.value)
        if isinstance(finding, Malformed) or self._world.now_ms() - min(record.timestamp, finding.at) > STALE_MS:
            return None
        return page_of_post(finding)
