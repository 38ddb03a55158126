"""The store stage: batches of the output topics become rows in ClickHouse; refused rows become dead letters."""

import time
from collections.abc import Awaitable, Callable, Iterable, Sequence

import structlog
from aiokafka.structs import ConsumerRecord
from faust.types import TP

from agents.crash_points import Fault
from agents.metrics import Metrics
from agents.store import Refused, Store
from pipeline.rows import rows
from pipeline.stage import Output
from schemas import topics
from schemas.dead_letter import PAYLOAD_CAP, headers
from schemas.tables import REJECTED
from schemas.vocabulary import RejectReason

STORED = (
    topics.SIGNALS, topics.BRAND_LOG, topics.MINUTES, topics.FINDINGS, topics.ALERTS, topics.SHADOW_ALERTS,
    topics.PAGES, topics.DECISIONS, topics.TOMBSTONES, topics.IDENTITIES, topics.INFLUENCE, topics.CASCADES,
    topics.POSTS_DLQ, topics.INTERACTIONS_DLQ, topics.ENDORSEMENTS_DLQ, topics.BRAND_LOG_DLQ, topics.TOMBSTONES_DLQ,
    topics.PAGES_DLQ, topics.STORE_DLQ,
)  # fmt: skip

_READ_BY_STAGES = frozenset({topics.BRAND_LOG.name, topics.TOMBSTONES.name})
_log = structlog.get_logger(__name__)


def stored(sources: Iterable[str]) -> tuple[topics.Topic, ...]:
    """The topics that become rows, where these sources are adapted."""
    return (*STORED, *(topics.raw_dlq(source) for source in sources))


class Storing:
    """Acts on a batch by inserting it. ``send`` produces an output and waits for its acknowledgement."""

    def __init__(self, store: Store, send: Callable[[Output], Awaitable[None]], metrics: Metrics, fault: Fault) -> None:
        self._store, self._send, self._metrics, self._fault = store, send, metrics, fault

    async def __call__(self, tp: TP, records: Sequence[ConsumerRecord]) -> None:
        """Insert the rows of consecutive records of one partition; returns when all are stored or dead letters."""
        lines: dict[str, list[bytes]] = {}
        for record in records:
            found = rows(tp.topic, record.value, tuple(record.headers), record.timestamp)
            for table, rows_of_record in found.lines.items():
                lines.setdefault(table, []).extend(rows_of_record)
            for bad in found.unusable:
                await self._reject(tp, record.offset, bad.payload, bad.reason, bad.detail)
        token = f"{tp.topic}:{tp.partition}:{records[0].offset}-{records[-1].offset}"
        for table, batch in lines.items():
            began = time.monotonic()
            self._fault("before insert")
            refused = await self._store.insert(table, batch, token)
            self._fault("after insert")
            self._metrics.inserted(table, len(batch) - len(refused), len(refused), time.monotonic() - began)
            self._metrics.store_up.set(1)
            for one in refused:
                await self._refuse(tp, table, one, _origin(tp, records, table, one.line))

    async def _refuse(self, tp: TP, table: str, one: Refused, offset: int) -> None:
        if table == REJECTED.name:  # a dead letter of a dead letter would go round for ever
            _log.error("dead_letter_refused", topic=tp.topic, partition=tp.partition, offset=offset, detail=one.detail)
            return
        await self._reject(tp, offset, one.line, "insert_refused", f"{table}: {one.detail}")

    async def _reject(self, tp: TP, offset: int, payload: bytes, reason: RejectReason, detail: str) -> None:
        if tp.topic in _READ_BY_STAGES and reason != "insert_refused":
            return  # a stage reads the same log and dead-letters what cannot be read
        stamped = headers(tp.topic, tp.partition, offset, reason, detail, payload)
        self._fault("before dead letter")
        self._metrics.output(topics.STORE_DLQ.name)
        await self._send(Output(topics.STORE_DLQ.name, 0, None, payload[:PAYLOAD_CAP], stamped))
        self._fault("after dead letter")


def _origin(tp: TP, records: Sequence[ConsumerRecord], table: str, line: bytes) -> int:
    """Offset of the last record that makes this line; looked for only here, for hardly any line is refused."""
    offsets: list[int] = [
        record.offset
        for record in records
        if line in rows(tp.topic, record.value, tuple(record.headers), record.timestamp).lines.get(table, ())
    ]
    return max(offsets)
