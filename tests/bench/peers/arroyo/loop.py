"""Workload W on sentry-arroyo: one stream processor for each topic, state in dicts, offsets committed each second."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from arroyo.backends.kafka import KafkaConsumer, KafkaPayload, build_kafka_consumer_configuration
from arroyo.commit import ONCE_PER_SECOND
from arroyo.processing import StreamProcessor
from arroyo.processing.strategies import CommitOffsets, ProcessingStrategy, ProcessingStrategyFactory, RunTask
from arroyo.types import Commit, Message, Partition, Topic
from confluent_kafka import Producer
from fold import Meter, Scores, Task, Windows, task

Step = Callable[[Message[KafkaPayload]], Any]


class Steps(ProcessingStrategyFactory[KafkaPayload]):
    """One function, then the commit."""

    def __init__(self, step: Step) -> None:
        self._step = step

    def create_with_partitions(
        self,
        commit: Commit,
        partitions: Mapping[Partition, int],  # noqa: ARG002  # arroyo calls by name
    ) -> ProcessingStrategy[KafkaPayload]:
        """The strategy for these partitions."""
        return RunTask(self._step, CommitOffsets(commit))


def processor(given: Task, topic: str, step: Step) -> StreamProcessor[KafkaPayload]:
    """One that reads a topic from its beginning."""
    settings = build_kafka_consumer_configuration(
        {"fetch.queue.backoff.ms": 1}, group_id=f"{given.run}-{topic}", auto_offset_reset="earliest",
        bootstrap_servers=[given.bootstrap], queued_max_messages_kbytes=65_536, queued_min_messages=100_000,
    )  # fmt: skip
    return StreamProcessor(KafkaConsumer(settings), Topic(topic), Steps(step), ONCE_PER_SECOND, join_timeout=1.0)


def main() -> None:
    """Read both topics, one after the other; the time from one to the other is not counted."""
    given, windows, scores, loads = task(), Windows(), Scores(), orjson.loads
    producer, meter, read = Producer({"bootstrap.servers": given.bootstrap, "linger.ms": 5}), Meter(), 0

    def post(message: Message[KafkaPayload]) -> Any:  # noqa: ANN401  # arroyo's
        nonlocal read
        meter.start()
        closed = windows.add(loads(message.payload.value))
        if closed:
            producer.produce(given.windows, closed)
            producer.poll(0)
        read += 1
        return message.payload

    def interaction(message: Message[KafkaPayload]) -> Any:  # noqa: ANN401  # arroyo's
        nonlocal read
        meter.start()
        scores.add(loads(message.payload.value))
        read += 1
        return message.payload

    for topic, step, ends in (
        (given.posts, post, given.post_ends), (given.interactions, interaction, given.interaction_ends),
    ):  # fmt: skip
        runs, due = processor(given, topic, step), read + sum(ends)
        while read < due:
            runs._run_once()  # run() ends by a signal alone
        producer.flush()
        meter.pause()
        runs._shutdown()  # same
    meter.report(read, len(scores.held), scores.sum(given.end_ms))


if __name__ == "__main__":
    main()
