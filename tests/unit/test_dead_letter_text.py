"""A dead letter at a terminal: all that is known, nothing that drives the terminal, never endless."""

import re

import pytest

from pipeline.dead_letter_queue import Address, Letter, letter
from pipeline.dead_letter_text import SHOWN, pretty, told
from pipeline.dead_letters import dead_letter
from pipeline.replay import LogRecord
from schemas.codec import Malformed

AT = 1_800_000_000_000
HOSTILE = "\x1b]0;owned\x07\u202egnp.exe\x9b31m\r\x08"
DRIVING = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]")


def shown(value: bytes, key: bytes | None = b"author", detail: str = "why", replayed: bool = False) -> str:
    output = dead_letter("social.posts.v1", 3, LogRecord(41, AT, key, value), Malformed("wrong_type", detail))
    found = letter(Address(output.topic, 3, 9), LogRecord(9, AT, output.key, output.value, output.headers))
    assert isinstance(found, Letter)
    return "\n".join(told(found, replayed=replayed))


def test_it_says_where_when_why_and_how_often():
    text = shown(b"{}")

    assert text.startswith("social.posts.v1.dlq/3/9: dead letter of social.posts.v1/3/41\n")
    for line in (
        "written   2027-01-15T08:00:00.000+00:00", "reason    wrong_type: why", "attempts  1", "key       author",
        "payload   2 bytes, whole", "tocsin-reason-code: wrong_type",
    ):  # fmt: skip
        assert f"\n{line}\n" in text


def test_it_says_that_a_letter_was_replayed_and_that_a_key_is_missing():
    text = shown(b"{}", key=None, replayed=True)

    assert "attempts  1, replayed since\n" in text
    assert "key       none\n" in text


def test_a_payload_that_was_cut_is_said_to_be():
    assert "payload   70,000 bytes, cut to 65,536, so it cannot be replayed\n" in shown(b"x" * 70_000)


@pytest.mark.parametrize("place", ["value", "JSON", "key", "detail"])
def test_nothing_in_it_drives_the_terminal(place: str):
    hostile = HOSTILE.encode()
    text = {
        "value": lambda: shown(hostile), "JSON": lambda: shown(b'{"a": "%s"}' % "\u202egnp.exe".encode()),
        "key": lambda: shown(b"{}", key=hostile), "detail": lambda: shown(b"{}", detail=HOSTILE),
    }[place]()  # fmt: skip

    assert "gnp.exe" in text
    assert [line for line in text.split("\n") if DRIVING.search(line)] == []


def test_json_is_indented_and_its_escapes_stay_escaped():
    assert pretty(rb'{"text":"\u001b[31m","n":[1]}') == [
        "{", r'  "text": "\u001b[31m",', '  "n": [', "    1", "  ]", "}",
    ]  # fmt: skip


@pytest.mark.parametrize("payload", [b'{"text": ', b"plain words", "泽沃".encode()])
def test_what_is_no_json_is_shown_as_it_is(payload: bytes):
    assert pretty(payload) == [payload.decode()]


def test_bytes_that_are_no_text_are_shown_by_their_numbers():
    assert pretty(b"\xff\xfe") == [r"\xff\xfe"]


def test_nesting_that_breaks_a_parser_is_shown_as_it_is():
    assert pretty(b"[" * 30_000)[0] == "[" * SHOWN


def test_a_long_payload_is_cut_and_says_so():
    lines = pretty(b"x" * (SHOWN + 7))

    assert lines == ["x" * SHOWN, "... 7 more characters"]
