"""The page stage: pages go to every notifier, and what became of them back onto the brand log."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

import structlog
from aiokafka.structs import ConsumerRecord
from faust.types import TP

from agents.crash_points import Fault
from agents.metrics import Metrics
from agents.notifiers._base import Notifier
from agents.paging import Pager
from pipeline.feed import partition_of
from pipeline.stage import Output
from schemas.alert import Page
from schemas.codec import Decoder, Malformed, encode
from schemas.topics import BRAND_LOG

WIDTH = 64  # batches of pages under way: a target that is down must not hold the others up

_PAGES: Decoder[Page] = Decoder(Page)
_log = structlog.get_logger(__name__)


class Paging:
    """Acts on batches of pages. At each target one incident's pages go out in order, all else goes side by side."""

    def __init__(
        self,
        pager: Pager,
        send: Callable[[Output], Awaitable[None]],
        brand_partitions: int,
        metrics: Metrics,
        fault: Fault,
    ) -> None:
        self._pager, self._send, self._partitions, self._metrics = pager, send, brand_partitions, metrics
        self._fault = fault
        self._turns: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)  # first come, first served
        for target in pager.notifiers:
            metrics.pages_to(target.name)

    async def __call__(self, tp: TP, records: Sequence[ConsumerRecord]) -> None:
        """Deliver all pages; returns when each has been delivered, refused or given up, and that is on the log."""
        pages: list[Page] = []
        for record in records:
            page = _PAGES.decode(record.value)
            if isinstance(page, Malformed):
                where = {"topic": tp.topic, "partition": tp.partition, "offset": record.offset}
                _log.error("unreadable_page", **where, why=page.detail)
            else:
                pages.append(page)
        await asyncio.gather(*(self._deliver(page, target) for page in pages for target in self._pager.notifiers))

    async def _deliver(self, page: Page, target: Notifier) -> None:
        turn = (target.name, page.dedup_key)
        async with self._turns[turn]:
            self._fault("before page")
            delivery = await self._pager.deliver_to(target, page)
            self._fault("after page")
            key = page.brand.encode()
            await self._send(Output(BRAND_LOG.name, partition_of(key, self._partitions), key, encode(delivery)))
        if page.action == "resolve":
            self._turns.pop(turn, None)
        self._metrics.delivered(delivery.target, delivery.status)
        if delivery.status == "delivered" and page.action == "trigger":
            self._metrics.rang(delivery.target, (delivery.finished_at - page.at) / 1000)
