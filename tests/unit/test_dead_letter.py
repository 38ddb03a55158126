"""A dead letter keeps what failed, where it stood and why."""

from hashlib import sha256

import pytest

from pipeline.dead_letters import dead_letter
from pipeline.replay import LogRecord
from schemas.codec import Malformed
from schemas.dead_letter import PAYLOAD_CAP, attempts, headers, read, replayed, replayed_offset

WHY = Malformed("wrong_type", "Expected `str` – got 投诉")
HUGE = b"x" * 10_000_000


def test_headers_read_back_as_they_were_written():
    sent = headers("social.posts.v1", 3, 41, WHY.reason, WHY.detail, b"\xff{")
    rejected = read(sent, b"\xff{", appended_at=1_700_000_000_000)

    assert (rejected.topic, rejected.partition, rejected.offset) == ("social.posts.v1", 3, 41)
    assert (rejected.reason, rejected.detail) == (WHY.reason, WHY.detail)
    assert (rejected.bytes, rejected.sha256) == (2, sha256(b"\xff{").hexdigest())
    assert (rejected.payload, rejected.at) == ("�{", 1_700_000_000_000)


def test_a_long_payload_is_cut_and_known_by_the_hash_of_the_whole():
    output = dead_letter("t", 0, LogRecord(0, 0, None, HUGE), WHY)
    named = dict(output.headers)

    assert output.value == HUGE[:PAYLOAD_CAP]
    assert named["tocsin-payload-bytes"] == b"10000000"
    assert named["tocsin-payload-sha256"] == sha256(HUGE).hexdigest().encode()


def test_a_long_key_is_cut_too():
    assert dead_letter("t", 0, LogRecord(0, 0, HUGE, b"{"), WHY).key == HUGE[:PAYLOAD_CAP]


def test_it_goes_to_the_topic_named_after_the_bad_one_on_the_same_partition_with_the_same_key():
    output = dead_letter("t", 5, LogRecord(0, 0, b"k", b"{"), WHY)

    assert (output.topic, output.partition, output.key, output.value) == ("t.dlq", 5, b"k", b"{")


def test_a_tombstone_has_an_empty_payload():
    output = dead_letter("t", 0, LogRecord(0, 0, None, None), WHY)

    assert (output.key, output.value) == (None, b"")


def test_a_detail_with_half_a_character_can_be_sent():
    sent = headers("t", 0, 0, "wrong_type", "\ud800", b"")

    assert dict(sent)["__connect.errors.exception.message"] == b"?"


def test_a_record_that_is_no_dead_letter_of_ours_is_refused():
    with pytest.raises(KeyError):
        read((("other", b"x"),), b"{", appended_at=0)


def test_a_null_header_is_an_empty_one():
    sent = tuple(item for item in headers("t", 0, 0, "empty", "why", b"") if not item[0].endswith("message"))
    nothing = ("__connect.errors.exception.message", None)

    assert read((*sent, nothing), b"", appended_at=0).detail == ""  # type: ignore[arg-type]  # what Kafka may send


@pytest.mark.parametrize(
    ("said", "number"),
    [(None, 1), (b"1", 1), (b"7", 7), (b"0", 1), (b"-3", 1), (b"many", 1), (b"", 1), (b"9" * 19, 1), (b"\xd9\xa3", 1)],
)
def test_a_record_is_the_first_attempt_unless_its_header_counts_more(said: bytes | None, number: int):
    assert attempts(() if said is None else (("tocsin-attempts", said),)) == number


def test_a_record_that_was_replayed_keeps_the_number_of_its_attempt():
    output = dead_letter("t", 0, LogRecord(0, 0, None, b"{", (("tocsin-attempts", b"3"),)), WHY)

    assert attempts(output.headers) == 3


def test_a_mark_names_the_offset_of_a_letter_and_a_letter_is_no_mark():
    assert replayed_offset(replayed(4711)) == 4711
    assert replayed_offset(headers("t", 0, 0, "empty", "why", b"")) is None
