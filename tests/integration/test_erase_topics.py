"""Erasing a person from topics, on both brokers: scores, tombstones of their posts, dead letters; others stay."""

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from agents.erasing_topics import Topics
from agents.feeding import EMBEDDED_API, producer
from pipeline.dead_letter_queue import Address, letter
from pipeline.dead_letters import dead_letter, replay_mark
from pipeline.erasure import Person
from pipeline.replay import LogRecord
from schemas.codec import Malformed
from schemas.interaction import Tombstone
from schemas.topics import INFLUENCE, POSTS, POSTS_DLQ, TOMBSTONES
from tests.builders import START
from tests.integration.stack import POSTS as PARTITIONS

pytestmark = [pytest.mark.embedded, pytest.mark.kafka]
KEY, DID = "0123456789abcdef0123456789abcdef", "did:plc:ewvi7nxzyoun6zhxrhs64oiz"
ANN = Person(KEY, (DID,))
TOMBSTONE = Tombstone(subject=f"author:{KEY}", op="delete_author", effective_at=START, reason="gdpr")


def nothing() -> None:
    """Nobody looks at the progress."""


def bad(value: str) -> tuple[str, int, bytes | None, bytes | None, list[tuple[str, bytes]]]:
    """A dead letter."""
    one = dead_letter(POSTS.name, 1, LogRecord(7, START, b"k", value.encode()), Malformed("invalid_json", "no JSON"))
    return one.topic, 1, one.key, one.value, list(one.headers)


def held(bootstrap: str, api: tuple[int, int] | None, topic: str) -> list[tuple[bytes | None, bytes | None]]:
    """Keys and values that a topic has."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, api_version=api)
    tps = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    consumer.assign(tps)
    consumer.seek_to_beginning(*tps)
    ends, found = consumer.end_offsets(tps), []
    while any(consumer.position(tp) < end for tp, end in ends.items()):
        for records in consumer.poll(500).values():
            found += [(record.key, record.value) for record in records]
    consumer.close()
    return found


def test_a_person_goes_and_everybody_else_stays(broker: tuple[str, bool]) -> None:
    bootstrap, embedded = broker
    api = EMBEDDED_API if embedded else None
    sender = producer([bootstrap], api)
    for number, value in enumerate(["{one", f"{{ {DID}", "{two", "{replayed", f"{{ {DID} again", "{three"]):
        topic, partition, key, payload, headers = bad(value)
        sender.send(topic, payload, key=key, partition=partition, headers=headers)
        if value == "{replayed":
            found = letter(Address(topic, 1, number), LogRecord(number, START, key, payload, tuple(headers)))
            mark = replay_mark(found)
            sender.send(topic, mark.value, key=mark.key, partition=1, headers=list(mark.headers))
    for key in (f"{KEY}/", f"{KEY}/acme", "another/acme"):
        sender.send(INFLUENCE.name, b"{}", key=key.encode(), partition=0)
    for key in (f"post:bsky:{DID}/3k", "post:bsky:did:plc:another/3k"):
        sender.send(TOMBSTONES.name, b"{}", key=key.encode(), partition=0)
    sender.flush()
    sender.close()
    topics = Topics([bootstrap], api, ANN)
    topics.bury(TOMBSTONE, PARTITIONS)
    keys, letters = topics.keys(nothing), topics.letters([POSTS_DLQ.name], nothing)
    topics.remove(keys)

    assert {key for _, _, key in keys} == {f"{KEY}/".encode(), f"{KEY}/acme".encode(), f"post:bsky:{DID}/3k".encode()}
    assert {place: found.naming for place, found in letters.items()} == {(POSTS_DLQ.name, 1): 2}
    assert topics.keys(nothing) == []
    assert f"author:{KEY}".encode() in dict(held(bootstrap, api, TOMBSTONES.name))
    if embedded:  # librdkafka's cluster keeps what it has
        with pytest.raises(KafkaError):
            topics.rewrite(letters, nothing)
        return
    topics.rewrite(letters, nothing)
    assert sorted(value for _, value in held(bootstrap, api, POSTS_DLQ.name)) == [b"{one", b"{three", b"{two"]
    assert topics.letters([POSTS_DLQ.name], nothing) == {}
