"""Workload W's posts as a plain loop that passes marked posts on at once; ends with its standard input."""

import sys
import threading

import orjson
from confluent_kafka import Consumer, Producer, TopicPartition
from fold import Windows, task

BATCH, WAIT_S = 1_000, 0.005
LINGER_MS = 5  # as a worker's producer
EARLIEST = -2
ALARM = b'"alarm":true'


def main() -> None:
    """Read until told to end."""
    given, windows, loads, ended = task(), Windows(), orjson.loads, threading.Event()
    consumer = Consumer({"bootstrap.servers": given.bootstrap, "group.id": given.run, "enable.auto.commit": False})
    consumer.assign([TopicPartition(given.posts, number, EARLIEST) for number in range(len(given.post_ends))])
    producer = Producer({"bootstrap.servers": given.bootstrap, "linger.ms": LINGER_MS})
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not ended.is_set():
        for message in consumer.consume(BATCH, WAIT_S):
            value = message.value()
            windows.add(loads(value))
            if ALARM in value:
                producer.produce(given.windows, value)
        producer.poll(0)


if __name__ == "__main__":
    main()
