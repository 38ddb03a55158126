"""The way of one stream to Kafka: the cursor that is safe never passes a payload that is not acknowledged."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from agents.collectors._base import Payload, Unusable
from agents.metrics import Metrics
from pipeline.adapting import LONGEST
from pipeline.rate_limit import RateLimit

Acknowledgement = asyncio.Future[Any]
Append = Callable[[bytes, bytes], Awaitable[Acknowledgement]]  # key, value

_log = structlog.get_logger(__name__)


class Delivery:
    """The Outlet of one stream. ``position`` is where the stream goes on, ``safe`` where a restart may begin."""

    def __init__(self, source: str, cursor: str | None, append: Append, limit: RateLimit, metrics: Metrics) -> None:
        self.position = self.safe = cursor
        self.taken = 0
        self.lag_s = 0.0
        self.failed: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        self._source, self._append, self._limit, self._metrics = source, append, limit, metrics
        self._waiting: deque[tuple[Acknowledgement, str | None]] = deque()

    async def put(self, payload: Payload) -> Acknowledgement:
        """Append, as soon as rate limit and broker allow. A payload that no adapter would read is left out."""
        self.heard()
        if len(payload.value) > LONGEST:
            self.refuse("too_long", f"{len(payload.value):,} bytes")
            return self._enter(_done(), payload.cursor)
        if wait_s := self._limit.wait_s(time.monotonic()):
            await asyncio.sleep(wait_s)
        acknowledged = self._enter(await self._append(payload.key, payload.value), payload.cursor)
        self.taken += 1
        if payload.at is not None:
            self.lag_s = max(0.0, time.time() - payload.at / 1000)
            self._metrics.collect_lag.labels(self._source).set(self.lag_s)
        return acknowledged

    def reached(self, cursor: str) -> None:
        """Go on at ``cursor`` as soon as all before are acknowledged."""
        self.heard()
        self._enter(_done(), cursor)

    def heard(self) -> None:
        """The source gave a sign of life."""
        self._metrics.collect_heard.labels(self._source).set_to_current_time()

    def refuse(self, reason: Unusable, detail: str) -> None:
        """A payload is left out, and counted."""
        self._metrics.unusable(self._source, reason)
        _log.warning("payload_refused", source=self._source, reason=reason, detail=detail)

    async def settled(self) -> None:
        """Wait until all that was put is acknowledged, or something failed."""
        while self._waiting and not self.failed.done():
            await asyncio.wait([self._waiting[-1][0]])
            self._settle()

    def _enter(self, acknowledged: Acknowledgement, cursor: str | None) -> Acknowledgement:
        self.position = cursor or self.position
        self._waiting.append((acknowledged, cursor))
        acknowledged.add_done_callback(lambda _: self._settle())
        return acknowledged

    def _settle(self) -> None:
        """Move on over all that is acknowledged without a gap; after a failure, never again."""
        while self._waiting and self._waiting[0][0].done() and not self.failed.done():
            acknowledged, cursor = self._waiting.popleft()
            error = asyncio.CancelledError() if acknowledged.cancelled() else acknowledged.exception()
            if error is not None:
                self.failed.set_result(error)
                return
            if acknowledged.result() is not None:  # a record of the broker; None is a cursor without a payload
                self._metrics.collected(self._source)
            self.safe = cursor or self.safe


def _done() -> Acknowledgement:
    future: Acknowledgement = asyncio.get_running_loop().create_future()
    future.set_result(None)
    return future
