"""Reading topics from a moment or an offset on and then as they grow, in no consumer group: for `tocsin tail`."""

from collections import deque
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

from agents.log_reader import extents, log_reader
from agents.partition_counts import counted
from pipeline.dead_letter_queue import Address

WAIT_MS = 200
AT_ONCE = 500  # records that are fetched while those of other partitions wait in memory


class Begin(NamedTuple):
    """Where to begin: ``since`` (ms, None: now), or at an offset for the partitions that ``offsets`` name.

    ``indexed`` says whether the broker finds records by their time; from one that does not, all are read and the caller
    leaves out what is older.
    """

    since: int | None
    offsets: Collection[Address]
    indexed: bool = True


async def follow(
    bootstrap: str, topics: Collection[str], begin: Begin, *, live: bool
) -> AsyncIterator[tuple[Address, ConsumerRecord]]:
    """What the topics hold from ``begin`` on, in the order of its times; then, if ``live``, all that comes, for ever.

    Raises:
        aiokafka.errors.KafkaError: the broker is not there.
        LookupError: a topic, partition or offset is not there; the text says which.
    """
    there = await counted(bootstrap, topics)
    if missing := sorted(set(topics) - there.keys()):
        raise LookupError(f"missing: {', '.join(missing)}; run `tocsin topics create`")
    tps = [TopicPartition(topic, number) for topic, count in there.items() for number in range(count)]
    async with log_reader(bootstrap) as consumer:
        held = await extents(consumer, tps)
        ranges = await _ranges(consumer, held, begin)
        consumer.assign(tps)
        for tp, (first, _) in ranges.items():
            consumer.seek(tp, first)
        async for record in _in_order(consumer, ranges):
            yield _address(record), record
        while live:
            for record in _merged((await consumer.getmany(timeout_ms=WAIT_MS)).values()):
                yield _address(record), record


async def _ranges(
    consumer: AIOKafkaConsumer, held: Mapping[TopicPartition, tuple[int, int]], begin: Begin
) -> dict[TopicPartition, tuple[int, int]]:
    """First offset and end of what is there to be shown, by partition."""
    firsts = {tp: end for tp, (_, end) in held.items()}
    if begin.since is not None and begin.indexed:
        found = await consumer.offsets_for_times(dict.fromkeys(held, begin.since))
        firsts |= {tp: place.offset for tp, place in found.items() if place is not None}
    elif begin.since is not None:
        firsts = {tp: start for tp, (start, _) in held.items()}
    for address in begin.offsets:
        tp = TopicPartition(address.topic, address.partition)
        start, end = held.get(tp, (0, -1))
        if address.offset > end:
            raise LookupError(f"{address}: there is no such record to be shown; {_known(held, tp)}")
        firsts[tp] = max(address.offset, start)
    return {tp: (firsts[tp], end) for tp, (_, end) in held.items()}


def _known(held: Mapping[TopicPartition, tuple[int, int]], asked: TopicPartition) -> str:
    if asked in held:
        return "the partition has {} to {}".format(*held[asked])
    numbers = [tp.partition for tp in held if tp.topic == asked.topic]
    if numbers:
        return f"partitions are 0 to {max(numbers)}"
    return f"topics are {', '.join(sorted({tp.topic for tp in held}))}"


async def _in_order(
    consumer: AIOKafkaConsumer, ranges: Mapping[TopicPartition, tuple[int, int]]
) -> AsyncIterator[ConsumerRecord]:
    """The records of the ranges by their times, each partition in its order, a few of each in memory."""
    left = {tp: deque[ConsumerRecord]() for tp, (first, end) in ranges.items() if first < end}
    ends = {tp: ranges[tp][1] for tp in left}
    while left:
        if empty := [tp for tp, waiting in left.items() if not waiting]:
            fetched = await consumer.getmany(*empty, timeout_ms=WAIT_MS, max_records=AT_ONCE)
            for tp, records in fetched.items():
                left[tp].extend(records)
            for tp in [tp for tp in empty if not left[tp] and await consumer.position(tp) >= ends[tp]]:
                del left[tp]  # the last of the range is no record but a transaction's mark
            continue
        tp = min(left, key=lambda tp: left[tp][0].timestamp)
        record = left[tp].popleft()
        yield record
        if record.offset + 1 >= ends[tp] and not left[tp]:
            del left[tp]


def _merged(batches: Iterable[list[ConsumerRecord]]) -> list[ConsumerRecord]:
    return sorted((record for batch in batches for record in batch), key=lambda record: record.timestamp)


def _address(record: ConsumerRecord) -> Address:
    return Address(record.topic, record.partition, record.offset)
