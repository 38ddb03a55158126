"""Reading logs from one offset to another with aiokafka, in no consumer group and without committing anything."""

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

from agents.brokers import connection

FETCH_BYTES = 8 << 20

Ranges = Mapping[TopicPartition, tuple[int, int]]  # first offset, offset after the last


@contextlib.asynccontextmanager
async def log_reader(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer that reads and does nothing else.

    Raises:
        aiokafka.errors.KafkaError: the broker is not there.
    """
    consumer = AIOKafkaConsumer(
        **connection(bootstrap),
        enable_auto_commit=False,
        auto_offset_reset="earliest",  # what is deleted while it is read must not skip the rest
        fetch_max_wait_ms=20,
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def extents(consumer: AIOKafkaConsumer, tps: Sequence[TopicPartition]) -> dict[TopicPartition, tuple[int, int]]:
    """All that is on each partition now."""
    begins, ends = await consumer.beginning_offsets(list(tps)), await consumer.end_offsets(list(tps))
    return {tp: (begins[tp], ends[tp]) for tp in tps}


async def read(consumer: AIOKafkaConsumer, ranges: Ranges) -> AsyncIterator[tuple[int, list[ConsumerRecord]]]:
    """Partition and records of what is in the ranges, batch by batch, each partition in its order."""
    left = [tp for tp, (begin, end) in ranges.items() if begin < end]
    if not left:
        return
    consumer.assign(left)
    for tp in left:
        consumer.seek(tp, ranges[tp][0])
    while left:
        for tp, records in (await consumer.getmany(*left, timeout_ms=200)).items():
            wanted = [record for record in records if record.offset < ranges[tp][1]]
            if wanted:
                yield tp.partition, wanted
        left = [tp for tp in left if await consumer.position(tp) < ranges[tp][1]]
