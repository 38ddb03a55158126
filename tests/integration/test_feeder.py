"""The feeder on both brokers: nothing lost, each partition in order, what is too large in the dead letters."""

import threading
from collections.abc import Iterator

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from agents.feeding import EMBEDDED_API, Feeder, Lag, Pace
from pipeline.feed import TICK_KEY, Send
from schemas import dead_letter
from schemas.topics import POSTS, POSTS_DLQ
from tests.integration.stack import POSTS as PARTITIONS

pytestmark = [pytest.mark.embedded, pytest.mark.kafka]
RECORDS = 6_000


@pytest.fixture
def feeder(broker: tuple[str, bool]) -> Iterator[Feeder]:
    made = Feeder([broker[0]], api(broker))
    yield made
    made.close()


def api(broker: tuple[str, bool]) -> tuple[int, int] | None:
    return EMBEDDED_API if broker[1] else None


def sends(count: int) -> list[Send]:
    """Posts, every tenth record a tick."""
    return [Send(n % PARTITIONS, TICK_KEY if n % 10 == 0 else b"author", b"%d" % n, 1_000 * n) for n in range(count)]


def read(broker: tuple[str, bool], topic: str, partition: int) -> list:
    tp = TopicPartition(topic, partition)
    consumer = KafkaConsumer(bootstrap_servers=broker[0], api_version=api(broker), auto_offset_reset="earliest")
    consumer.assign([tp])
    end, records = consumer.end_offsets([tp])[tp], []
    consumer.seek_to_beginning()
    while len(records) < end:
        records += consumer.poll(1_000).get(tp, [])
    consumer.close()
    return records


def test_every_record_arrives_once_and_in_the_order_of_its_partition(broker: tuple[str, bool], feeder: Feeder):
    seen: list[Send] = []
    fed = feeder.feed(sends(RECORDS), Pace(), lambda: False, seen.append)
    logs = [[record.value for record in read(broker, POSTS.name, partition)] for partition in range(PARTITIONS)]

    assert logs == [[b"%d" % n for n in range(partition, RECORDS, PARTITIONS)] for partition in range(PARTITIONS)]
    assert (fed.posts, fed.ticks, fed.refused) == (RECORDS * 9 // 10, RECORDS // 10, 0)
    assert seen == sends(RECORDS)


def test_a_record_too_large_for_the_log_is_a_dead_letter_and_its_neighbours_arrive(
    broker: tuple[str, bool], feeder: Feeder
):
    huge = b"x" * (17 << 20)
    fed = feeder.feed(
        [*sends(3), Send(1, b"author", huge, 9_000), *sends(5)[3:]], Pace(), lambda: False, lambda _: None
    )
    (letter,) = read(broker, POSTS_DLQ.name, 1)
    rejected = dead_letter.read(tuple(letter.headers), letter.value, 0)

    assert (fed.posts + fed.ticks, fed.refused) == (5, 1)
    assert (rejected.topic, rejected.partition, rejected.reason) == (POSTS.name, 1, "too_long")
    assert (rejected.bytes, letter.value) == (len(huge), huge[: dead_letter.PAYLOAD_CAP])
    assert [record.value for record in read(broker, POSTS.name, 1)] == [b"1"]


def test_lag_is_the_distance_from_the_commit_of_the_slowest_stage(broker: tuple[str, bool], feeder: Feeder):
    feeder.feed(sends(40), Pace(), lambda: False, lambda _: None)
    lag = Lag([broker[0]], "tests", api(broker))
    before = lag.worst()
    committing = KafkaConsumer(bootstrap_servers=broker[0], api_version=api(broker), group_id="tests.listen")
    committing.assign([TopicPartition(POSTS.name, partition) for partition in range(PARTITIONS)])
    at = [9, 10, 4, 10]
    committing.commit({
        TopicPartition(POSTS.name, partition): OffsetAndMetadata(offset, "", -1) for partition, offset in enumerate(at)
    })  # fmt: skip
    committing.close()
    after = lag.worst()
    lag.close()

    assert (before, after) == (10, 6)


def test_the_feed_waits_as_long_as_it_is_told_to_hold(broker: tuple[str, bool], feeder: Feeder):
    held, release = threading.Event(), threading.Event()
    seen: list[Send] = []
    asked_at: list[int] = []

    def hold() -> bool:
        if len(seen) < 500 or release.is_set():
            return False
        asked_at.append(len(seen))
        if len(asked_at) > 1:  # asked again: what was sent before the first time has been flushed
            held.set()
        return True

    feeding = threading.Thread(target=feeder.feed, args=(sends(1_200), Pace(), hold, seen.append))
    feeding.start()
    asked = held.wait(20)
    before = sum(len(read(broker, POSTS.name, partition)) for partition in range(PARTITIONS))
    release.set()
    feeding.join(20)

    assert asked
    assert (before, len(seen)) == (500, 1_200)
