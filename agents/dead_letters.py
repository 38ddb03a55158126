"""Reading the dead-letter topics and replaying letters, through kafka-python."""

import time
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from itertools import islice

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaTimeoutError

from agents.brokers import connection
from agents.commanding import TopicMissing
from agents.feeding import producer
from pipeline.dead_letter_queue import Address, Letter, letter
from pipeline.dead_letters import again, replay_mark
from pipeline.stage import Input, Output
from schemas.topics import DLQ

SILENCE_S = 30.0  # a broker that gives nothing for so long is gone
POLL_MS = 500
CHUNK = 200  # letters appended, acknowledged and then marked


class DeadLetters:
    """The dead-letter topics of one broker."""

    def __init__(self, bootstrap: Sequence[str], api_version: tuple[int, int] | None = None) -> None:
        self._bootstrap, self._api = bootstrap, api_version

    def records(self, topics: Iterable[str]) -> Iterator[tuple[Address, Input]]:
        """All that the topics hold at this moment, each partition in its order.

        Raises:
            kafka.errors.KafkaError: the broker is not there, has none of the topics, or falls silent.
        """
        consumer = KafkaConsumer(
            **connection(self._bootstrap), enable_auto_commit=False, auto_offset_reset="earliest",
            **({"api_version": self._api} if self._api else {}),
        )  # fmt: skip
        try:
            found = {topic: consumer.partitions_for_topic(topic) or () for topic in topics}
            tps = [TopicPartition(topic, number) for topic, numbers in found.items() for number in sorted(numbers)]
            if not tps:
                raise TopicMissing(f"there is none of {', '.join(found)}; run `tocsin topics create`")
            consumer.assign(tps)
            consumer.seek_to_beginning(*tps)
            yield from _until(consumer, consumer.end_offsets(tps))
        finally:
            consumer.close()

    def replay(self, topic: str, wanted: Container[Address], on_letter: Callable[[Letter], None]) -> None:
        """Append the bad records of the ``wanted`` letters of ``topic`` to it once more, and mark the letters.

        Bytes, key and partition are the original ones. A mark follows when its record is acknowledged: a crash in
        between leaves up to ``CHUNK`` letters that another replay appends again.

        Raises:
            kafka.errors.KafkaError: the broker is not there, refuses, or falls silent.
            ValueError: a letter is of a partition that the topic does not have.
        """
        found = (letter(*read) for read in self.records([f"{topic}{DLQ}"]) if read[0] in wanted)
        letters = (one for one in found if one is not None)
        sender = producer(self._bootstrap, self._api)
        try:
            known = sender.partitions_for(topic)
            while chunk := list(islice(letters, CHUNK)):
                for one in chunk:
                    if one.origin.partition not in known:
                        raise ValueError(f"{one.address}: {topic} has no partition {one.origin.partition}")
                _append(sender, map(again, chunk))
                _append(sender, map(replay_mark, chunk))
                for one in chunk:
                    on_letter(one)
        finally:
            sender.close()


def _until(consumer: KafkaConsumer, ends: dict[TopicPartition, int]) -> Iterator[tuple[Address, Input]]:
    heard = time.monotonic()
    while any(consumer.position(tp) < end for tp, end in ends.items()):
        polled = consumer.poll(POLL_MS)
        if polled:
            heard = time.monotonic()
        elif time.monotonic() - heard > SILENCE_S:
            raise KafkaTimeoutError(f"nothing came for {SILENCE_S:.0f} s")
        for tp, records in polled.items():
            for record in records:
                if record.offset < ends[tp]:
                    yield Address(tp.topic, tp.partition, record.offset), record


def _append(sender: KafkaProducer, outputs: Iterable[Output]) -> None:
    """Send, and wait until all are acknowledged."""
    futures = [
        sender.send(one.topic, one.value, key=one.key, partition=one.partition, headers=list(one.headers))
        for one in outputs
    ]
    sender.flush()
    for future in futures:
        future.get()
