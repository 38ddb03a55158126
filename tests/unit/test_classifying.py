"""Every line gives one answer in its place: a verdict, or what is wrong with it."""

import json

import msgspec
import pytest

from pipeline.text.classifying import LONGEST, Classifier, Unreadable, Verdict
from pipeline.text.fingerprint import fingerprints
from pipeline.text.safety import Safety
from tests.builders import Keywords

NUMBER = 41  # of the line, where it has no id
GOOD = b'{"id":"g","text":"bad"}'


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(Keywords(), Safety())


def answered(classifier: Classifier, *lines: bytes | None) -> list[dict[str, object]]:
    return [json.loads(msgspec.json.encode(answer)) for answer in classifier.lines(lines, NUMBER)]


def test_a_verdict_has_all_columns(classifier: Classifier):
    (answer,) = answered(classifier, b'{"id":"p1","text":"this is bad, it exploded","likes":3}')

    assert answer == {
        "id": "p1", "lang": "en", "sentiment": "neg", "polarity": -0.5, "complaint_p": 0.9,
        "category": "product_quality", "severity": 3, "intensity": 0.5, "intent": "none", "why": ["exploded", "bad"],
        "fingerprint": f"{fingerprints(['this is bad, it exploded'])[0]:016x}",
    }  # fmt: skip


def test_what_is_no_complaint_has_no_category(classifier: Classifier):
    assert [answer["category"] for answer in answered(classifier, b'{"text":"good"}', GOOD)] == [
        "none",
        "product_quality",
    ]


@pytest.mark.parametrize(
    ("line", "key"),
    [
        (b'{"id":"a","text":"x"}', "a"),
        (b'{"id":12345678901234567890123,"text":"x"}', 12345678901234567890123),
        (b'{"id":1.50,"text":"x"}', 1.5),
        (b'{"id":{"a":[1]},"text":"x"}', {"a": [1]}),
        (b'{"id":0,"text":"x"}', 0),
        (b'{"id":"","text":"x"}', ""),
        (b'{"text":"x"}', NUMBER),
        (b'{"id":null,"text":"x"}', NUMBER),
    ],
)
def test_an_id_comes_back_as_it_is_and_a_line_without_one_gets_its_number(
    classifier: Classifier, line: bytes, key: object
):
    assert answered(classifier, line)[0]["id"] == key


@pytest.mark.parametrize(
    ("line", "key", "said"),
    [
        (b"", NUMBER, "the line is empty"),
        (b" \r", NUMBER, "the line is empty"),
        (b"nul", NUMBER, "not JSON"),
        (b'{"id":1,"text":"a"', NUMBER, "not JSON"),
        (b'{"id":1,"text":"a"} {', NUMBER, "not JSON"),
        (b'{"id":1,"text":"a\x00b"}', NUMBER, "not JSON"),
        (b"\x00" * 9, NUMBER, "not JSON"),
        (b"[1]", NUMBER, "Expected `object`, got `array`"),
        (b'"text"', NUMBER, "Expected `object`, got `str`"),
        (b'{"id":7}', 7, "there is no field 'text'"),
        (b'{"id":7,"Text":"a"}', 7, "there is no field 'text'"),
        (b'{"id":7,"text":5}', 7, "Expected `str`, got `int`"),
        (b'{"id":7,"text":null}', 7, "Expected `str`, got `null`"),
        (b'{"id":7,"text":["a"]}', 7, "Expected `str`, got `array`"),
        (b'{"id":"l","text":"caf\xe9"}', "l", "not JSON in UTF-8"),
        (b'{"id":"s","text":"\\ud800"}', "s", "surrogate"),
        (b'{"id":"\\ud800","text":5}', NUMBER, "surrogate"),
        (b'{"id":1,"text":"a","x":' + b"[" * 50_000 + b"]" * 50_000 + b"}", NUMBER, "depth limit"),
        (b'{"id":9,"text":"' + b"a" * LONGEST + b'"}', NUMBER, "longer than 1048576 bytes"),
        (None, NUMBER, "longer than 1048576 bytes"),
        ('{"id":1,"text":"a"}'.encode("utf-16"), NUMBER, "not JSON"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_read_says_why_in_its_place(
    classifier: Classifier, line: bytes | None, key: object, said: str
):
    before, answer, after = answered(classifier, GOOD, line, GOOD)

    assert set(answer) == {"id", "error"}
    assert answer["id"] == (NUMBER + 1 if key == NUMBER else key)
    assert said in str(answer["error"])
    assert len(str(answer["error"])) <= 200
    assert before == after
    assert before["id"] == "g"


@pytest.mark.parametrize(
    "line", [b'\xef\xbb\xbf{"id":"u","text":"a"}', b'{"id":"u","text":"a\\u0000b"}', b'  {"id":"u","text":""}\r']
)
def test_marks_blanks_escaped_zeros_and_empty_texts_are_read(classifier: Classifier, line: bytes):
    (answer,) = answered(classifier, line)

    assert answer["id"] == "u"
    assert "error" not in answer


def test_a_line_just_short_enough_is_read(classifier: Classifier):
    frame = b'{"id":9,"text":""}'
    (answer,) = answered(classifier, frame[:-2] + b"a" * (LONGEST - len(frame)) + frame[-2:])

    assert answer["id"] == 9
    assert "error" not in answer


def test_answers_come_in_the_order_of_the_lines(classifier: Classifier):
    answers = list(classifier.lines([GOOD, b"", GOOD, b"5"], 1))

    assert [type(answer) for answer in answers] == [Verdict, Unreadable, Verdict, Unreadable]
