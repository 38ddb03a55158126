"""Workload W as a plain loop over confluent-kafka: no recovery, no rebalancing, nothing but the work."""

import orjson
from confluent_kafka import Consumer, Producer, TopicPartition
from fold import Meter, Scores, Windows, task

BATCH, WAIT_S = 1_000, 0.02
EARLIEST = -2


def main() -> None:
    """Read everything."""
    given, meter, windows, scores = task(), Meter(), Windows(), Scores()
    consumer = Consumer({
        "bootstrap.servers": given.bootstrap, "group.id": given.run, "enable.auto.commit": False,
        "queued.min.messages": 100_000, "queued.max.messages.kbytes": 65_536, "fetch.queue.backoff.ms": 1,
    })  # fmt: skip
    consumer.assign([
        TopicPartition(topic, number, EARLIEST)
        for topic, ends in ((given.posts, given.post_ends), (given.interactions, given.interaction_ends))
        for number in range(len(ends))
    ])  # fmt: skip
    producer, read, loads = Producer({"bootstrap.servers": given.bootstrap, "linger.ms": 5}), 0, orjson.loads
    while read < given.events:
        messages = consumer.consume(BATCH, WAIT_S)
        for message in messages:
            meter.start()
            if message.topic() == given.posts:
                closed = windows.add(loads(message.value()))
                if closed:
                    producer.produce(given.windows, closed)
            else:
                scores.add(loads(message.value()))
        read += len(messages)
        producer.poll(0)
    producer.flush()
    meter.report(read, len(scores.held), scores.sum(given.end_ms))


if __name__ == "__main__":
    main()
