"""Settings of a topic that are changed while everything runs, and what a broker makes of a record then."""

import contextlib
from collections.abc import Iterator

from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError

GIVEN_MS = 3_000


@contextlib.contextmanager
def changed(bootstrap: str, topic: str, setting: str, value: int) -> Iterator[None]:
    """One setting of a topic is ``value`` for a while, and then what it was."""
    with contextlib.closing(KafkaAdminClient(bootstrap_servers=bootstrap)) as admin:
        asked = ConfigResource(ConfigResourceType.TOPIC, topic)
        before = admin.describe_configs([asked], config_filter="all")["topic"][topic][setting]["value"]
        for now in (str(value), before):
            admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {setting: now})])
            if now != before:
                yield


def refusal(bootstrap: str, topic: str, value: bytes) -> str:
    """The name of the error with which one record is refused; an empty string if it is taken, and then it is there."""
    producer = KafkaProducer(
        bootstrap_servers=bootstrap, acks="all", retries=0, enable_idempotence=False, linger_ms=0,
        request_timeout_ms=GIVEN_MS, delivery_timeout_ms=GIVEN_MS + 1, max_block_ms=GIVEN_MS,
    )  # fmt: skip
    with contextlib.closing(producer):
        try:
            producer.send(topic, value, partition=0).get(2 * GIVEN_MS / 1_000)
        except KafkaError as error:
            return type(error).__name__
    return ""
