"""A raw topic in memory that acknowledges when it is told to, and a collector that runs over it."""

import asyncio
import contextlib
import time
from collections.abc import Callable

from agents.collecting.delivery import Acknowledgement, Delivery
from agents.collecting.streams import keep_collecting
from agents.collectors._base import Stream
from agents.metrics import Metrics
from agents.paging import RetryPolicy
from pipeline.rate_limit import RateLimit

AT_ONCE = RetryPolicy(first_wait_s=0.01, longest_wait_s=0.05)
PATIENCE_S = 20.0


class RawLog:
    """Records in their order. While ``holding``, nothing is acknowledged."""

    def __init__(self) -> None:
        self.records: list[tuple[bytes, bytes]] = []
        self.holding = False
        self.held: list[Acknowledgement] = []

    @property
    def values(self) -> list[bytes]:
        """What was appended."""
        return [value for _, value in self.records]

    async def append(self, key: bytes, value: bytes) -> Acknowledgement:
        """As Delivery wants it."""
        acknowledged: Acknowledgement = asyncio.get_running_loop().create_future()
        self.records.append((key, value))
        if self.holding:
            self.held.append(acknowledged)
        else:
            acknowledged.set_result("record")
        return acknowledged

    def acknowledge(self) -> None:
        """All that is held, and all to come."""
        self.holding = False
        for one in self.held:
            one.set_result("record")
        self.held.clear()


async def eventually(condition: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
    """Until ``condition``."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it does not happen"

        await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def collecting(
    stream: Stream, log: RawLog, cursor: str | None = None, *, rate: float = 0, metrics: Metrics | None = None,
    waits: RetryPolicy = AT_ONCE,
):  # fmt: skip
    """A collector of ``stream`` that dies at the end of the context; its Delivery."""
    metrics = metrics or Metrics()
    delivery = Delivery("source", cursor, log.append, RateLimit(rate), metrics)
    task = asyncio.create_task(keep_collecting("source", stream, delivery, metrics, waits))
    try:
        yield delivery
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
