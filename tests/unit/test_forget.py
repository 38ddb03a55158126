"""Forget: every partition of posts and of the brand log hears of a tombstone."""

import msgspec
import pytest

from pipeline.forget import Forget
from pipeline.listen import Partitions
from schemas.interaction import Tombstone
from schemas.withdrawal import Withdrawal
from tests.builders import START, records

POST = Tombstone(subject="post:x:1", op="delete_post", effective_at=START, reason="platform", extra={"a": "secret"})


def passed_on(*values: msgspec.Struct | bytes | None) -> list[tuple[str, int, Withdrawal | None]]:
    """Topic, partition and withdrawal of each output; of a dead letter there is none."""
    decode = msgspec.json.Decoder(Withdrawal).decode
    outputs = Forget(0, Partitions(2, 1)).apply(records(values))
    return [
        (output.topic, output.partition, None if output.topic.endswith(".dlq") else decode(output.value or b""))
        for output in outputs
    ]


def test_every_partition_of_both_logs_is_told_the_subject_and_nothing_else():
    gone = Withdrawal(subject="post:x:1")

    assert passed_on(POST) == [
        ("social.posts.v1", 0, gone), ("social.posts.v1", 1, gone), ("social.brand-log.v1", 0, gone),
    ]  # fmt: skip


@pytest.mark.parametrize("op", ["delete_post", "delete_author", "withhold", "protect", "suspend"])
def test_whatever_the_platform_asks_for_withdraws(op):
    assert [said.back for *_, said in passed_on(msgspec.structs.replace(POST, op=op)) if said] == [False] * 3


def test_an_undone_tombstone_is_passed_on_as_such_and_a_place_is_nothing_to_forget():
    assert [said.back for *_, said in passed_on(msgspec.structs.replace(POST, op="undo")) if said] == [True] * 3
    assert passed_on(msgspec.structs.replace(POST, op="scrub_geo")) == []


@pytest.mark.parametrize(
    "value", [b"", b"{", b"[]", b'{"subject":"nobody"}', b'{"subject":"post:1","op":"delete_post"}']
)
def test_what_is_no_tombstone_is_a_dead_letter_and_those_behind_it_are_passed_on(value):
    assert [topic for topic, _, _ in passed_on(value, POST)] == [
        "social.tombstones.v1.dlq", "social.posts.v1", "social.posts.v1", "social.brand-log.v1",
    ]  # fmt: skip


def test_there_is_no_brake_on_forgetting():
    assert len(passed_on(*[b"{"] * 1_000, POST)) == 1_003


def test_a_key_that_was_removed_from_the_compacted_topic_says_nothing():
    assert passed_on(None) == []
