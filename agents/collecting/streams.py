"""One stream for as long as the process lives: begun again after every interruption, ever more slowly."""

import asyncio
import random
import time

import structlog

from agents.collecting.delivery import Delivery
from agents.collectors._base import Interrupted, Stream
from agents.metrics import Metrics
from agents.paging import RetryPolicy

STEADY_S = 60.0  # a stream that held so long, or brought something, begins to count failures anew

_log = structlog.get_logger(__name__)


async def keep_collecting(
    source: str, stream: Stream, delivery: Delivery, metrics: Metrics, waits: RetryPolicy
) -> None:
    """Collect until cancelled. Waits double from ``waits.first_wait_s``, with jitter, and heed what the source asks."""
    failures = 0
    while True:
        began, taken = time.monotonic(), delivery.taken
        why = await _interruption(stream, delivery)
        steady = delivery.taken > taken or time.monotonic() - began >= STEADY_S
        failures = 1 if steady else failures + 1
        wait_s = waits.wait_s(failures, why.after_s, random.random())  # noqa: S311  # jitter, no secret
        metrics.interrupted(source, why.reason)
        _log.warning(
            "collect_interrupted", source=source, stream=stream.name, reason=why.reason, detail=why.detail,
            again_in_s=round(wait_s, 1),
        )  # fmt: skip
        await asyncio.sleep(wait_s)


async def _interruption(stream: Stream, delivery: Delivery) -> Interrupted:
    try:
        await stream.collect(delivery.position, delivery)
    except Interrupted as why:
        return why
    except Exception as error:  # noqa: BLE001  # whatever a hostile source can provoke must not end the others
        return Interrupted("failed", f"{type(error).__name__}: {error}"[:500])
    return Interrupted("closed", "the source ended the stream")
