"""``tocsin dlq`` on both brokers: letters are counted, shown and replayed, each once; what must not be is refused."""

import json
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from agents.feeding import EMBEDDED_API, producer
from pipeline.dead_letters import dead_letter
from pipeline.replay import LogRecord
from pipeline.stage import Output
from schemas.codec import Malformed
from schemas.dead_letter import attempts
from schemas.topics import POSTS, POSTS_DLQ, STORE_DLQ
from schemas.vocabulary import RejectReason
from tests.fakes.command_line import Run, run_in_process  # noqa: F401  # a fixture

pytestmark = [pytest.mark.embedded, pytest.mark.kafka]
MANY = 450  # more than two chunks of a replay


class Kafka(NamedTuple):
    """A broker and a producer on it."""

    bootstrap: str
    api: tuple[int, int] | None
    producer: KafkaProducer

    def write(self, *outputs: Output) -> None:
        """Append and wait."""
        for one in outputs:
            self.producer.send(one.topic, one.value, key=one.key, partition=one.partition, headers=list(one.headers))
        self.producer.flush()

    def read(self, topic: str, partition: int) -> list:
        """All records of a partition."""
        tp = TopicPartition(topic, partition)
        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap, api_version=self.api)
        consumer.assign([tp])
        consumer.seek_to_beginning()
        end, records = consumer.end_offsets([tp])[tp], []
        while len(records) < end:
            records += consumer.poll(1_000).get(tp, [])
        consumer.close()
        return records


@pytest.fixture
def kafka(broker: tuple[str, bool], monkeypatch: pytest.MonkeyPatch) -> Iterator[Kafka]:
    """The broker that the commands are told of."""
    bootstrap, embedded = broker
    monkeypatch.setenv("TOCSIN_KAFKA", bootstrap)
    monkeypatch.setenv("TOCSIN_EMBEDDED_BROKER", str(embedded).lower())
    api = EMBEDDED_API if embedded else None
    made = Kafka(bootstrap, api, producer([bootstrap], api))
    yield made
    made.producer.close()


def letter(offset: int, value: bytes = b"{", reason: RejectReason = "invalid_json", partition: int = 1) -> Output:
    record = LogRecord(offset, 0, b"author %d" % offset, value)
    return dead_letter(POSTS.name, partition, record, Malformed(reason, "why \x1b[31m"))


def counts(run: Run, *options: str) -> list[tuple[str, int, int, int]]:
    """Reason, letters, cut and replayed of each group."""
    ended = run("dlq", "list", "--json", *options)
    assert (ended.status, ended.err) == (0, "")
    groups = [json.loads(line) for line in ended.out.splitlines()]
    return [(group["reason"], group["letters"], group["cut"], group["replayed"]) for group in groups]


def test_letters_of_all_dead_letter_topics_are_listed_and_shown(kafka: Kafka, run: Run):
    before = counts(run)
    row = b'{"post_uid":"x:1"}'
    refused = letter(3, row, "insert_refused")._replace(topic=STORE_DLQ.name, partition=0)
    kafka.write(letter(0), letter(1), letter(2, b"x" * 70_000, "too_long", partition=3), refused)
    listed = run("dlq", "list").out
    shown = [run("dlq", "show", where) for where in (f"{POSTS.name}/1/1", f"{POSTS_DLQ.name}/1/1", f"{POSTS.name}/1/7")]

    assert before == []
    assert sorted(counts(run)) == [("insert_refused", 1, 0, 0), ("invalid_json", 2, 0, 0), ("too_long", 1, 1, 0)]
    assert counts(run, "--topic", POSTS.name, "--reason", "too_long", "--since", "1h") == [("too_long", 1, 1, 0)]
    assert counts(run, "--since", "2100-01-01") == []
    assert f"{POSTS_DLQ.name}/1/1 " in listed
    assert f"{STORE_DLQ.name}/0/0 " in listed
    assert shown[0].out == shown[1].out
    assert shown[0].out.startswith(f"{POSTS_DLQ.name}/1/1: dead letter of {POSTS.name}/1/1\n")
    assert "\x1b" not in shown[0].out
    assert (shown[2].status, shown[2].err.count("\n")) == (2, 1)


def test_a_replay_appends_each_whole_record_as_it_was_and_only_once(kafka: Kafka, run: Run):
    kafka.write(*(letter(offset, b"{%d" % offset) for offset in range(MANY)), letter(MANY, b"x" * 70_000, "too_long"))
    tried = run("dlq", "replay", "--dry-run")
    untouched = kafka.read(POSTS.name, 1)
    first, second = run("dlq", "replay"), run("dlq", "replay")
    records = kafka.read(POSTS.name, 1)

    assert (tried.out.splitlines()[0], untouched) == (f"{MANY} letters would be replayed", [])
    assert first.out.splitlines()[0] == f"{MANY} letters replayed"
    assert "1 cannot be" in first.out
    assert second.out.splitlines()[0] == "0 letters replayed"
    assert f"{MANY} had been replayed before" in second.out
    assert [(one.key, one.value) for one in records] == [(b"author %d" % n, b"{%d" % n) for n in range(MANY)]
    assert {attempts(one.headers) for one in records} == {2}
    assert sorted(counts(run)) == [("invalid_json", MANY, 0, MANY), ("too_long", 1, 1, 0)]


@pytest.mark.parametrize("broker", ["embedded"], indirect=True)
def test_only_the_reason_asked_for_is_replayed(kafka: Kafka, run: Run):
    kafka.write(letter(0), letter(1, b"{}", "missing_field"), letter(2))
    run("dlq", "replay", "--reason", "missing_field")

    assert [one.value for one in kafka.read(POSTS.name, 1)] == [b"{}"]


@pytest.mark.parametrize("broker", ["embedded"], indirect=True)
def test_a_letter_of_a_partition_that_is_no_more_is_refused_by_name(kafka: Kafka, run: Run):
    kafka.write(letter(0, partition=9)._replace(partition=1))
    ended = run("dlq", "replay")

    assert ended.status == 2
    assert "social.posts.v1.dlq/1/0: social.posts.v1 has no partition 9" in ended.err
    assert [kafka.read(POSTS.name, partition) for partition in range(4)] == [[]] * 4
