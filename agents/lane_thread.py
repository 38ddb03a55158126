"""The thread of a lane's consumer: fetches wait a moment only, records stay as parsed, commits are of what is ours."""

from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from agents.fetched import keep_as_parsed

FETCH_WAIT_MS = 20  # Faust hard-codes 1,500, which a broker without long polls makes a delay


class LaneThread(driver.AIOKafkaConsumerThread):
    """Faust's consumer thread with a short fetch wait, which survives a commit whose partitions a rebalance took."""

    def _create_worker_consumer(self, transport: Any) -> AIOKafkaConsumer:  # noqa: ANN401  # Faust's own annotation is wider
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS  # noqa: SLF001  # no public setting reaches it through Faust
        return consumer

    async def on_start(self) -> None:
        """Start the consumer."""
        await super().on_start()
        keep_as_parsed(self._consumer)

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        """Commit what is still ours. Faust would hand an empty commit to aiokafka, which raises, and crash."""
        ours = {tp: offset for tp, offset in offsets.items() if tp in self.assignment()}
        return bool(ours) and await super()._commit(ours)
