"""The feeder: appends a plan to the posts log with kafka-python, at a pace and within a lag limit."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import MessageSizeTooLargeError

from agents.brokers import connection
from agents.faust_app import MAX_REQUEST_BYTES
from pipeline.feed import TICK_KEY, Send
from schemas.dead_letter import PAYLOAD_CAP, headers
from schemas.topics import BRAND_LOG, POSTS, POSTS_DLQ, SIGNALS

EMBEDDED_API = (2, 3)  # the embedded cluster answers newer handshakes so that kafka-python cannot read them
LOOK_EVERY = 500  # records between two looks at lag and clock
WAIT_S = 0.05


@dataclass(frozen=True, slots=True)
class Pace:
    """``speed`` event seconds pass in one second (0: as fast as may be), at most ``rate`` records/s (0: any)."""

    speed: float = 0.0
    rate: float = 0.0

    def due(self, sent: int, event_s: float) -> float:
        """Seconds after the start at which the next record may leave."""
        by_event = event_s / self.speed if self.speed else 0.0
        return max(by_event, sent / self.rate if self.rate else 0.0)


@dataclass(slots=True)
class Fed:
    """What a feed did."""

    posts: int = 0
    ticks: int = 0
    refused: int = 0  # larger than the broker takes; sent to the dead letters instead


class Lag:
    """Records that the groups of a worker have not committed yet."""

    def __init__(self, bootstrap: Sequence[str], group: str, api_version: tuple[int, int] | None) -> None:
        pairs = (("listen", POSTS), ("watch", BRAND_LOG), ("store", SIGNALS), ("store", BRAND_LOG))
        self._topics = [(stage, topic.name) for stage, topic in pairs]
        self._consumers = {
            stage: KafkaConsumer(
                **connection(bootstrap), group_id=f"{group}.{stage}", enable_auto_commit=False,
                **({"api_version": api_version} if api_version else {}),
            )
            for stage in ("listen", "watch", "store")
        }  # fmt: skip

    def worst(self) -> int:
        """The largest lag of any partition."""
        behind = [0]
        for stage, topic in self._topics:
            consumer = self._consumers[stage]
            tps = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
            ends = consumer.end_offsets(tps)
            behind += [end - (consumer.committed(tp) or 0) for tp, end in ends.items()]
        return max(behind)

    def close(self) -> None:
        """Close the connections."""
        for consumer in self._consumers.values():
            consumer.close()


def producer(bootstrap: Sequence[str], api_version: tuple[int, int] | None) -> KafkaProducer:
    """A producer with one request in flight, so that a retry cannot reorder a partition. It tries for two minutes."""
    return KafkaProducer(
        **connection(bootstrap), acks="all", linger_ms=20, enable_idempotence=False,
        max_in_flight_requests_per_connection=1, max_request_size=MAX_REQUEST_BYTES, batch_size=1 << 17,
        **({"api_version": api_version} if api_version else {}),
    )  # fmt: skip


class Feeder:
    """Appends sends in order.

    A record that the broker refuses for its size goes to the dead letters; any other failure is raised.
    """

    def __init__(self, bootstrap: Sequence[str], api_version: tuple[int, int] | None = None) -> None:
        self._producer = producer(bootstrap, api_version)
        self._failed: deque[tuple[Send, Exception]] = deque()  # filled by the producer's thread

    def feed(self, sends: Iterable[Send], pace: Pace, hold: Callable[[], bool], on_send: Callable[[Send], None]) -> Fed:
        """Append everything; ``hold`` is asked from time to time whether to wait, ``on_send`` told of each record.

        Raises:
            kafka.errors.KafkaError: a record could not be appended; what came after it may be on the log.
        """
        fed, began, first = Fed(), time.monotonic(), None
        for number, send in enumerate(sends):
            first = send.at if first is None else first
            due = began + pace.due(number, (send.at - first) / 1000)
            if number % LOOK_EVERY == 0 or due > time.monotonic():
                self._wait(due, hold)
                self._mend(fed)
            self._append(send, fed)
            on_send(send)
        self._producer.flush()
        self._mend(fed)
        self._producer.flush()
        return fed

    def _wait(self, due: float, hold: Callable[[], bool]) -> None:
        if hold():
            self._producer.flush()
        while hold():
            time.sleep(WAIT_S)
        time.sleep(max(0.0, due - time.monotonic()))

    def _append(self, send: Send, fed: Fed) -> None:
        try:
            sent = self._producer.send(POSTS.name, send.value, key=send.key, partition=send.partition)
        except MessageSizeTooLargeError as error:
            self._refuse(send, error, fed)
            return
        sent.add_errback(partial(self._note, send))
        if send.key == TICK_KEY:
            fed.ticks += 1
        else:
            fed.posts += 1

    def _note(self, send: Send, error: Exception) -> None:
        self._failed.append((send, error))

    def _mend(self, fed: Fed) -> None:
        """Deal with what failed after it was handed to the producer."""
        while self._failed:
            send, error = self._failed.popleft()
            if not isinstance(error, MessageSizeTooLargeError):
                raise error
            fed.posts -= 1
            self._refuse(send, error, fed)

    def _refuse(self, send: Send, error: MessageSizeTooLargeError, fed: Fed) -> None:
        fed.refused += 1
        stamped = headers(POSTS.name, send.partition, -1, "too_long", str(error), send.value)
        self._producer.send(
            POSTS_DLQ.name, send.value[:PAYLOAD_CAP], key=send.key, partition=send.partition, headers=list(stamped)
        )

    def close(self) -> None:
        """Flush and close."""
        self._producer.close()
