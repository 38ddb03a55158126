"""A dead letter keeps what failed, where it stood and why."""

from hashlib import sha256

import pytest

from pipeline.dead_letters import dead_letter
from pipeline.replay import LogRecord
from schemas.codec import Malformed
from schemas.dead_letter import PAYLOAD_CAP, headers, read

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
