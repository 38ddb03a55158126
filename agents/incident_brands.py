"""Whose an incident is, as the pages tell: callbacks name incidents only."""

import asyncio
from collections import OrderedDict

from aiokafka import TopicPartition

from agents.log_reader import extents, log_reader, read
from agents.partition_counts import counted
from schemas.alert import Page
from schemas.codec import Decoder, Malformed
from schemas.topics import PAGES

REMEMBERED = 100_000  # incidents

_PAGES: Decoder[Page] = Decoder(Page)


class IncidentBrands:
    """Incident -> brand. What it does not know it looks for in the pages that have come since."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._known: OrderedDict[str, str] = OrderedDict()
        self._read: dict[TopicPartition, int] = {}
        self._reading = asyncio.Lock()

    async def __call__(self, incident: str) -> str:
        """The brand of an incident; empty if no page tells of it. Raises KafkaError if the broker is not there."""
        async with self._reading:
            if incident not in self._known:
                await self._catch_up()
        return self._known.get(incident, "")

    async def _catch_up(self) -> None:
        partitions = (await counted(self._bootstrap, (PAGES.name,))).get(PAGES.name, 0)
        tps = [TopicPartition(PAGES.name, number) for number in range(partitions)]
        async with log_reader(self._bootstrap) as consumer:
            ranges = {
                tp: (max(begin, self._read.get(tp, 0)), end)
                for tp, (begin, end) in (await extents(consumer, tps)).items()
            }
            async for _, records in read(consumer, ranges):
                for record in records:
                    page = _PAGES.decode(record.value)
                    if not isinstance(page, Malformed):
                        self._known[page.dedup_key] = page.brand
            self._read |= {tp: end for tp, (_, end) in ranges.items()}
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
