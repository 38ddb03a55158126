"""How the catalogue becomes a broker's settings."""

import pytest

from agents.topic_admin import Counts, config
from schemas.topics import (
    BRAND_LOG,
    BRAND_LOG_DLQ,
    DAY_MS,
    INTERACTIONS,
    LISTEN_STATE,
    POSTS,
    SIGNALS,
    TOPICS,
    WATCH_STATE,
    Topic,
)

COUNTS = Counts(posts=8, brand=3, replication=1)


@pytest.mark.parametrize("topic", [POSTS, BRAND_LOG, INTERACTIONS], ids=lambda topic: topic.name)
def test_time_in_the_logs_that_stages_read_is_the_brokers(topic: Topic):
    assert config(topic)["message.timestamp.type"] == "LogAppendTime"


@pytest.mark.parametrize("topic", [LISTEN_STATE, WATCH_STATE], ids=lambda topic: topic.name)
def test_checkpoints_are_compacted_and_never_expire(topic: Topic):
    assert config(topic)["cleanup.policy"] == "compact"
    assert "retention.ms" not in config(topic)


@pytest.mark.parametrize("topic", [LISTEN_STATE, WATCH_STATE], ids=lambda topic: topic.name)
def test_a_restore_does_not_read_a_gigabyte_that_kafka_could_not_compact_yet(topic: Topic):
    assert int(config(topic)["max.message.bytes"]) < int(config(topic)["segment.bytes"]) <= 64 << 20


def test_other_topics_expire_as_the_catalogue_says():
    assert config(SIGNALS) == {"retention.ms": str(7 * DAY_MS)}


def test_a_stage_has_as_many_state_partitions_as_input_partitions():
    assert COUNTS.of(LISTEN_STATE) == COUNTS.of(POSTS) == 8
    assert COUNTS.of(WATCH_STATE) == COUNTS.of(BRAND_LOG) == COUNTS.of(BRAND_LOG_DLQ) == 3


@pytest.mark.parametrize(("replication", "in_sync"), [(1, None), (2, None), (3, "2"), (5, "2")])
def test_what_is_acknowledged_is_on_two_brokers_where_one_may_be_missing(replication: int, in_sync: str | None):
    assert COUNTS._replace(replication=replication).durable().get("min.insync.replicas") == in_sync


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_the_broker_gets_text_for_every_setting(topic: Topic):
    assert all(isinstance(value, str) for value in config(topic).values())
