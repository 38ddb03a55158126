"""Creating and checking the topics of the catalogue on a real broker, through kafka-python."""

from collections.abc import Sequence
from typing import NamedTuple

from kafka import KafkaAdminClient

from agents.brokers import connection
from schemas.topics import DAY_MS, Topic, catalogue

COMPACTED_MS = DAY_MS  # after so long what was replaced or removed is gone from the disk, though the topic is quiet
IN_SYNC = 2  # with two replicas in all, the loss of either would stop every write


class Counts(NamedTuple):
    """Partitions of the two topic families, the replication factor, and the sources that have topics of their own."""

    posts: int
    brand: int
    replication: int
    sources: tuple[str, ...] = ()  # whose payloads are adapted

    @property
    def topics(self) -> tuple[Topic, ...]:
        """What there must be."""
        return catalogue(self.sources)

    def of(self, topic: Topic) -> int:
        """Partitions of one topic."""
        return self.brand if topic.family == "brand" else self.posts

    def durable(self) -> dict[str, str]:
        """Where there are enough replicas to miss one, what is acknowledged is on two brokers."""
        return {"min.insync.replicas": str(IN_SYNC)} if self.replication > IN_SYNC else {}


def config(topic: Topic) -> dict[str, str]:
    """The topic's broker-side settings."""
    kept = {} if topic.retention_ms is None else {"retention.ms": str(topic.retention_ms)}
    policy = {"cleanup.policy": "compact", "max.compaction.lag.ms": str(COMPACTED_MS)} if topic.compacted else {}
    return {**policy, **kept, **topic.config}


def create(bootstrap: Sequence[str], counts: Counts) -> list[str]:
    """Create what is missing; the names created.

    Raises:
        kafka.errors.KafkaError: the broker refuses or is not there.
    """
    admin = KafkaAdminClient(**connection(bootstrap))
    try:
        there = set(admin.list_topics())
        missing = [topic for topic in counts.topics if topic.name not in there]
        if missing:
            wanted = {
                topic.name: {
                    "num_partitions": counts.of(topic), "replication_factor": counts.replication,
                    "configs": config(topic) | counts.durable(),
                }
                for topic in missing
            }  # fmt: skip
            admin.create_topics(wanted, wait_for_metadata=True)
        return [topic.name for topic in missing]
    finally:
        admin.close()


def check(bootstrap: Sequence[str], counts: Counts) -> list[str]:
    """What is wrong with the topics, one line each; empty when all is well."""
    admin = KafkaAdminClient(**connection(bootstrap))
    try:
        described = {
            topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics() if topic.get("partitions")
        }
    finally:
        admin.close()
    problems = []
    for topic in counts.topics:
        found = described.get(topic.name)
        if found is None:
            problems.append(f"{topic.name}: missing; run `tocsin topics create`")
        elif found != counts.of(topic):
            problems.append(f"{topic.name}: {found} partitions where the settings say {counts.of(topic)}")
    return problems
