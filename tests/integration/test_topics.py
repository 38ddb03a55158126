"""The catalogue on a real Kafka: made once, checked against the settings, and configured as it says."""

import itertools
from dataclasses import replace

import pytest
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import KafkaError

from agents import topic_admin
from agents.topic_admin import Counts
from schemas.topics import BRAND_LOG, LISTEN_STATE, POSTS, SIGNALS, TOPICS, Topic

pytestmark = pytest.mark.kafka
COUNTS = Counts(posts=4, brand=3, replication=1)
_numbers = itertools.count()


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> tuple[Topic, ...]:
    """The catalogue under names that no other test uses."""
    prefix = f"test{next(_numbers)}"
    named = tuple(replace(topic, name=f"{prefix}.{topic.name}") for topic in TOPICS)
    monkeypatch.setattr(topic_admin, "catalogue", lambda _sources: named)
    return named


def test_creating_makes_what_is_missing_and_nothing_twice(
    real_kafka: str, catalogue: tuple[Topic, ...], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(topic_admin, "catalogue", lambda _sources: catalogue[:-2])
    some = topic_admin.create([real_kafka], COUNTS)
    monkeypatch.setattr(topic_admin, "catalogue", lambda _sources: catalogue)
    rest, again = topic_admin.create([real_kafka], COUNTS), topic_admin.create([real_kafka], COUNTS)

    assert some + rest == [topic.name for topic in catalogue]
    assert (len(rest), again) == (2, [])
    assert topic_admin.check([real_kafka], COUNTS) == []


def test_wrong_partition_counts_and_missing_topics_are_named(
    real_kafka: str, catalogue: tuple[Topic, ...], monkeypatch: pytest.MonkeyPatch
):
    signals, log, posts = (catalogue[TOPICS.index(topic)].name for topic in (SIGNALS, BRAND_LOG, POSTS))
    monkeypatch.setattr(
        topic_admin, "catalogue", lambda _sources: [topic for topic in catalogue if topic.name != signals]
    )
    topic_admin.create([real_kafka], COUNTS)
    monkeypatch.setattr(topic_admin, "catalogue", lambda _sources: catalogue)
    problems = topic_admin.check([real_kafka], COUNTS._replace(brand=5))

    assert f"{signals}: missing; run `tocsin topics create`" in problems
    assert f"{log}: 3 partitions where the settings say 5" in problems
    assert not [problem for problem in problems if problem.startswith(f"{posts}:")]


def test_the_broker_keeps_every_setting_of_the_catalogue(real_kafka: str, catalogue: tuple[Topic, ...]):
    topic_admin.create([real_kafka], COUNTS)
    with KafkaAdminClient(bootstrap_servers=real_kafka) as admin:
        asked = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in catalogue]
        described = admin.describe_configs(asked)["topic"]
    found = {topic.name: {name: value["value"] for name, value in described[topic.name].items()} for topic in catalogue}
    posts, state = (found[catalogue[TOPICS.index(topic)].name] for topic in (POSTS, LISTEN_STATE))

    assert all(topic_admin.config(topic).items() <= found[topic.name].items() for topic in catalogue)
    assert posts["message.timestamp.type"] == "LogAppendTime"
    assert state["cleanup.policy"] == "compact"


@pytest.mark.usefixtures("catalogue")
def test_a_broker_that_refuses_is_an_error_and_not_silence(real_kafka: str):
    with pytest.raises(KafkaError):
        topic_admin.create([real_kafka], COUNTS._replace(replication=3))
    problems = topic_admin.check([real_kafka], COUNTS)

    assert len([problem for problem in problems if "missing" in problem]) == len(TOPICS)
