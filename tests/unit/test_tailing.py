"""A line of `tocsin tail`: what it says, for whom it is shown, and that strangers' words drive nothing."""

import json
import re

import pytest
from msgspec.structs import replace

from pipeline.dead_letter_queue import Address, letter
from pipeline.dead_letters import dead_letter, replay_mark
from pipeline.languages import TAGS
from pipeline.page_text import page
from pipeline.replay import LogRecord
from pipeline.tailing import Line, Wanted, line_of
from schemas.codec import Malformed, encode
from schemas.dead_letter import Headers
from schemas.topics import ALERTS, PAGES, POSTS
from tests.contract.notifying import charger

AT = 1_800_000_000_000
HOSTILE = "\x1b]0;owned\x07\u202egnp.exe\x9b31m\r\n\u2028\x08"
DRIVING = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]")
ALERT = charger()
PAGE = page(ALERT, 1)


def line(topic: str, value: bytes | None, language: str = "en", headers: Headers = ()) -> Line:
    found = line_of(Address(topic, 2, 7), LogRecord(7, AT, b"key", value, headers), language)
    assert found is not None
    return found


def of_letter(detail: str = "why", payload: bytes = b"{") -> Line:
    output = dead_letter(POSTS.name, 3, LogRecord(41, AT, b"k", payload), Malformed("invalid_json", detail))
    return line(output.topic, output.value, headers=output.headers)


def test_a_line_of_an_alert_says_whose_how_grave_why_and_whether_it_rang():
    text = line(ALERTS.name, encode(ALERT)).text()

    for said in (ALERT.brand, ALERT.severity.upper(), ALERT.event, ALERT.reason, ALERT.incident_id, "paged:"):
        assert said in text
    assert text.endswith("[social.alerts.v1/2/7]")
    assert "no page:" in line(ALERTS.name, encode(replace(ALERT, paged=False))).text()


@pytest.mark.parametrize("language", TAGS)
def test_a_line_of_a_page_is_its_title_in_the_language_of_pages(language: str):
    assert PAGE.title[language] in line(PAGES.name, encode(PAGE), language).text()


def test_a_line_of_a_dead_letter_names_the_bad_record_and_keeps_its_payload_to_itself():
    found = of_letter(payload=b"a secret of a stranger")

    assert f"{POSTS.name}/3/41: why" in found.text()
    assert "invalid_json" in found.text()
    assert "stranger" not in found.text() + found.json()
    assert json.loads(found.json())["record"]["offset"] == 41


def test_json_holds_the_whole_record_and_its_address():
    found = json.loads(line(ALERTS.name, encode(ALERT)).json())

    assert found.pop("record") == json.loads(encode(ALERT))
    assert found == {
        "kind": "alert", "topic": ALERTS.name, "partition": 2, "offset": 7, "written": AT, "brand": ALERT.brand,
        "severity": ALERT.severity, "word": ALERT.event,
    }  # fmt: skip


@pytest.mark.parametrize(
    "found",
    [
        line(ALERTS.name, encode(replace(ALERT, brand=HOSTILE, reason=HOSTILE, detectors=(HOSTILE,)))),
        line(PAGES.name, encode(replace(PAGE, brand=HOSTILE, title={"en": HOSTILE}, body={"en": HOSTILE}))),
        of_letter(HOSTILE),
        line(ALERTS.name, HOSTILE.encode()),
        line(ALERTS.name, b'{"event": "\xc2\x9b31m"}'),
    ],
)
def test_nothing_in_a_line_drives_the_terminal(found: Line):
    assert DRIVING.findall(found.text()) == []
    assert DRIVING.findall(found.json()) == []


def test_json_means_the_same_after_its_control_characters_are_escaped():
    found = json.loads(line(PAGES.name, encode(replace(PAGE, title={"en": HOSTILE}))).json())

    assert found["record"]["title"] == {"en": HOSTILE}


def test_a_time_that_is_none_is_shown_as_it_is():
    assert line(ALERTS.name, encode(ALERT)).at() == "2027-01-15 08:00:00"
    assert line(ALERTS.name, encode(ALERT))._replace(written=2**62).at() == str(2**62)


@pytest.mark.parametrize("value", [b"", b"[]", b"\xff", b'{"alert_id": 1}', b"[" * 100_000])
def test_what_cannot_be_read_is_a_line_for_everybody(value: bytes):
    found = line(ALERTS.name, value)

    assert found.word == "unreadable"
    assert Wanted(brands=frozenset(["other"]), severity="critical").includes(found)


def test_a_tombstone_and_the_mark_of_a_replay_are_no_lines():
    output = dead_letter(POSTS.name, 3, LogRecord(41, AT, None, b"{"), Malformed("invalid_json", ""))
    found = letter(Address(output.topic, 3, 9), LogRecord(9, AT, None, output.value, output.headers))
    assert found is not None
    mark = replay_mark(found)

    assert line_of(Address(ALERTS.name, 0, 1), LogRecord(1, AT, b"k", None), "en") is None
    assert line_of(Address(mark.topic, 0, 1), LogRecord(1, AT, mark.key, mark.value, mark.headers), "en") is None


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        (Wanted(), True),
        (Wanted(brands=frozenset([ALERT.brand])), True),
        (Wanted(brands=frozenset(["other"])), False),
        (Wanted(severity="critical"), False),
        (Wanted(severity="error"), True),
        (Wanted(severity="warning"), True),
        (Wanted(since=AT), True),
        (Wanted(since=AT + 1), False),
    ],
)
def test_an_alert_is_shown_to_who_asks_for_its_brand_and_at_most_its_severity(wanted: Wanted, shown: bool):
    assert wanted.includes(line(ALERTS.name, encode(replace(ALERT, severity="error")))) == shown


@pytest.mark.parametrize(
    ("wanted", "topics"),
    [
        (Wanted(), [ALERTS.name, PAGES.name, "d"]),
        (Wanted(frozenset(["page"])), [PAGES.name]),
        (Wanted(frozenset(["letter"])), ["d"]),
        (Wanted(severity="error"), [ALERTS.name, PAGES.name]),
        (Wanted(frozenset(["letter"]), frozenset(["acme"])), []),
    ],
)
def test_only_topics_that_can_hold_it_are_read(wanted: Wanted, topics: list[str]):
    assert wanted.topics(("d",)) == topics
