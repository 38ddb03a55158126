"""Brokers for the bench: a real Kafka and the embedded one, with the topics that a run needs, and records on them."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from deploy.kafka.broker import KafkaBroker
from tests.bench.workload.data import Record

STATE = "-state"  # how compacted topics end
FLUSH_EVERY = 50_000
WAIT_S, LOOK_S = 5.0, 0.05


def create(bootstrap: str, topics: Mapping[str, int]) -> None:
    """Make topics (name -> partitions) that keep records of any date."""
    made = [
        NewTopic(
            name, count, 1, config={"cleanup.policy": "compact"} if name.endswith(STATE) else {"retention.ms": "-1"}
        )
        for name, count in topics.items()
    ]
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for future in admin.create_topics(made).values() if made else ():
        future.result()
    while any(len(admin.list_topics(name, WAIT_S).topics[name].partitions) < count for name, count in topics.items()):
        time.sleep(LOOK_S)  # what is sent to a partition that nobody knows yet is lost


@contextlib.contextmanager
def real(topics: Mapping[str, int]) -> Iterator[str]:
    """An Apache Kafka with these topics; its address."""
    with KafkaBroker() as broker:
        bootstrap = broker.start()
        create(bootstrap, topics)
        yield bootstrap


@contextlib.contextmanager
def embedded(topics: Mapping[str, int]) -> Iterator[str]:
    """The cluster inside confluent-kafka, with these topics, in a process of its own; its address."""
    named = [f"{name}:{count}" for name, count in topics.items()]
    command = [sys.executable, "-m", "agents.embedded_broker", *named]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def load(bootstrap: str, topic: str, records: Iterable[Record]) -> None:
    """Put records where they say, dated as they say.

    Raises:
        RuntimeError: the broker did not take them all.
    """
    refused = list[str]()

    def told(error: object, _message: object) -> None:
        if error is not None:
            refused.append(str(error))

    producer = Producer(
        {"bootstrap.servers": bootstrap, "linger.ms": 50, "queue.buffering.max.messages": 2 * FLUSH_EVERY}
    )
    for number, (partition, key, value, at) in enumerate(records, 1):
        producer.produce(topic, value, key, partition=partition, timestamp=at, on_delivery=told)
        if not number % FLUSH_EVERY:
            producer.flush()
    producer.flush()
    if refused:
        raise RuntimeError(f"{topic}: {len(refused)} records were not taken: {refused[0]}")


def ends(bootstrap: str, topic: str, partitions: int) -> list[int]:
    """The offset after the last record of every partition."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "ends"})
    found = [consumer.get_watermark_offsets(TopicPartition(topic, number))[1] for number in range(partitions)]
    consumer.close()
    return found


def everything(bootstrap: str, topic: str, partitions: int) -> list[bytes]:
    """All values of a topic."""
    due = sum(ends(bootstrap, topic, partitions))
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "all", "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, number, 0) for number in range(partitions)])
    values = list[bytes]()
    while len(values) < due:
        values += [
            message.value()
            for message in consumer.consume(min(10_000, due - len(values)), WAIT_S)
            if not message.error()
        ]
    consumer.close()
    return values
