"""The page stage: pages go to every notifier, and what became of them back onto the brand log."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from aiokafka.structs import ConsumerRecord
from faust.types import TP

from agents.metrics import Metrics
from agents.paging import Pager
from pipeline.feed import partition_of
from pipeline.stage import Output
from schemas.alert import Page
from schemas.codec import Decoder, Malformed, encode
from schemas.topics import BRAND_LOG

_PAGES: Decoder[Page] = Decoder(Page)
_log = structlog.get_logger(__name__)


class Paging:
    """Acts on a batch of pages: incidents side by side, the pages of one incident in their order."""

    def __init__(
        self, pager: Pager, send: Callable[[Output], Awaitable[None]], brand_partitions: int, metrics: Metrics
    ) -> None:
        self._pager, self._send, self._partitions, self._metrics = pager, send, brand_partitions, metrics

    async def __call__(self, tp: TP, records: Sequence[ConsumerRecord]) -> None:
        """Deliver all pages; returns when each has been delivered, refused or given up, and that is on the log."""
        queues: dict[str, list[Page]] = {}
        for record in records:
            page = _PAGES.decode(record.value)
            if isinstance(page, Malformed):
                _log.error(
                    "unreadable_page", topic=tp.topic, partition=tp.partition, offset=record.offset, why=page.detail
                )
            else:
                queues.setdefault(page.dedup_key, []).append(page)
        await asyncio.gather(*(self._deliver(pages) for pages in queues.values()))

    async def _deliver(self, pages: Sequence[Page]) -> None:
        for page in pages:
            for delivery in await self._pager.deliver(page):
                self._metrics.delivered(delivery.target, delivery.status)
                key = page.brand.encode()
                await self._send(Output(BRAND_LOG.name, partition_of(key, self._partitions), key, encode(delivery)))
