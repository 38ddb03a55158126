"""Records that stay as aiokafka's parser made them say what aiokafka's own would have said."""

from typing import Any

import pytest
from aiokafka.consumer.fetcher import FetchError, FetchResult, PartitionRecords
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import ConsumerRecord, TopicPartition

from agents.fetched import Fetched

TP = TopicPartition("posts", 3)
READ = ("offset", "timestamp", "timestamp_type", "key", "value")


def fetch(compression: int) -> FetchResult:
    """What a broker sent, from offset 1 on: the whole batch, as brokers do."""
    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=compression, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=-1,
        batch_size=1 << 16,
    )  # fmt: skip
    builder.append(0, 1_800_000_000_000, b"k", b"early", [])
    builder.append(1, 1_800_000_000_001, b"key", b"value", [("attempts", b"2"), ("none", None)])
    builder.append(2, 1_800_000_000_002, None, None, [])
    records = PartitionRecords(TP, MemoryRecords(bytes(builder.build())), [], 1, None, None, True, 0)
    return FetchResult(TP, assignment=None, partition_records=records, backoff=0)


def read(result: Any) -> list[Any]:  # noqa: ANN401  # aiokafka's classes are untyped
    return list(result._partition_records)


@pytest.mark.parametrize("compression", [0, 1])
def test_every_field_that_is_read_is_the_same(compression: int):
    held = Fetched()
    held[TP] = fetch(compression)
    parsed, usual = read(held[TP]), read(fetch(compression))

    assert [[getattr(one, name) for name in READ] for one in parsed] == [
        [getattr(one, name) for name in READ] for one in usual
    ]
    assert [tuple(one.headers) for one in parsed] == [one.headers for one in usual]
    assert [one.offset for one in parsed] == [1, 2]


def test_they_are_no_records_of_aiokafka():
    held = Fetched()
    held[TP] = fetch(0)

    assert not any(isinstance(one, ConsumerRecord) for one in read(held[TP]))
    assert all(isinstance(one, ConsumerRecord) for one in read(fetch(0)))


def test_what_was_held_before_and_what_failed_is_held_as_it_is():
    failed, before = FetchError(error=ValueError("gone"), backoff=0), fetch(0)
    held = Fetched({TopicPartition("posts", 1): before})
    held[TP] = failed

    assert held[TP] is failed
    assert list(held) == [TopicPartition("posts", 1), TP]
