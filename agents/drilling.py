"""A drill on live topics: its posts go out, and what the stages make of them is read, in no consumer group."""

import time
from collections.abc import Iterator, Sequence

from kafka import KafkaConsumer, TopicPartition

from agents.brokers import connection
from agents.feeding import producer
from pipeline.drill_course import Course
from pipeline.drill_posts import Script
from pipeline.feed import partition_of
from schemas.codec import encode
from schemas.topics import ALERTS, BRAND_LOG, PAGES, POSTS

POLL_MS = 100
ACK_S = 30.0


class Drilling:
    """One drill. Say ``close`` when done."""

    def __init__(self, bootstrap: Sequence[str], api_version: tuple[int, int] | None, script: Script) -> None:
        self._script, self._producer = script, producer(bootstrap, api_version)
        self._consumer = KafkaConsumer(
            **connection(bootstrap), enable_auto_commit=False, auto_offset_reset="earliest",
            **({"api_version": api_version} if api_version else {}),
        )  # fmt: skip

    def follow(self) -> None:
        """Begin where the logs of the brand end now.

        Raises:
            LookupError: a topic is missing.
            kafka.errors.KafkaError: the broker is not there.
        """
        tps = []
        for topic in (BRAND_LOG.name, ALERTS.name, PAGES.name):
            known = self._consumer.partitions_for_topic(topic)
            if not known:
                raise LookupError(f"no topic {topic}; run `tocsin topics create`")
            tps.append(TopicPartition(topic, partition_of(self._script.brand.id.encode(), len(known))))
        self._consumer.assign(tps)
        for tp, end in self._consumer.end_offsets(tps).items():
            self._consumer.seek(tp, end)

    def run(self, course: Course, posts: int, seconds: float, patience_s: float) -> Iterator[int]:
        """Send ``posts`` over ``seconds``, hear for at most ``patience_s``; yields how many are sent, again and again.

        Whoever has enough stops listening.

        Raises:
            kafka.errors.KafkaError: a post could not be appended, or the broker went away.
        """
        partitions = len(self._producer.partitions_for(POSTS.name))
        began, sent, futures = time.monotonic(), 0, []
        while (now := time.monotonic() - began) < patience_s:
            while sent < posts and sent * seconds <= now * posts:
                said = self._script.post(sent, int(time.time() * 1000))
                key = said.post.post_uid.encode()
                where = partition_of(key, partitions)
                futures.append(self._producer.send(POSTS.name, encode(said), key=key, partition=where))
                sent += 1
            if sent == posts and futures:
                self._producer.flush(ACK_S)
                for future in futures:
                    future.get(ACK_S)
                futures = []
                course.sent(time.monotonic() - began)
            for tp, records in self._consumer.poll(POLL_MS).items():
                for record in records:
                    course.hear(tp.topic, record.value, time.monotonic() - began)
            yield sent

    def close(self) -> None:
        """Close the connections."""
        self._producer.close()
        self._consumer.close()
