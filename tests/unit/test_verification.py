"""One topic held against what is decided: repeats, order, where a state begins, and what retention has removed."""

import msgspec
import pytest

from pipeline.field_differences import explain
from pipeline.replay import LogRecord
from pipeline.stage import Output
from pipeline.verification import Clash, Since, Transcript

TOPIC = "social.minutes.v1"
ALL, LATER = Since(), Since(closed=300, waiting=frozenset({100}))


def output(name: str) -> Output:
    return Output(TOPIC, 0, b"acme", name.encode())


def transcript(text: str, since: Since = ALL, *, begins_late: bool = False) -> Transcript:
    """A topic with one record a letter."""
    made = Transcript(TOPIC, since, begins_late=begins_late)
    for offset, letter in enumerate(text):
        made.read(LogRecord(offset, 0, b"acme", letter.encode()))
    return made


def held(text: str, decided: str, *, begins_late: bool = False) -> tuple[Clash | None, int, int]:
    """The first clash, how many are the same, how many are gone."""
    made = transcript(text, begins_late=begins_late)
    clashes = [*map(made.expect, map(output, decided)), made.finish()]
    return next((clash for clash in clashes if clash), None), made.same, made.gone


@pytest.mark.parametrize("text", ["abc", "aabbcc", "abcabc", "ababcbc"])
def test_exact_repeats_collapse(text: str):
    assert held(text, "abc") == (None, 3, 0)


def test_what_is_decided_twice_stands_once():
    assert held("ab", "aba") == (None, 2, 0)


def test_the_same_value_under_another_key_is_another_record():
    made = transcript("a")

    assert made.expect(Output(TOPIC, 0, b"bolt", b"a")) == Clash(TOPIC, Output(TOPIC, 0, b"bolt", b"a"), 0)


@pytest.mark.parametrize(
    ("text", "clash"),
    [
        ("axc", Clash(TOPIC, output("b"), 1)),
        ("ac", Clash(TOPIC, output("b"), 1)),
        ("ab", Clash(TOPIC, output("c"), None)),
        ("", Clash(TOPIC, output("a"), None)),
        ("xabc", Clash(TOPIC, None, 0)),
        ("abcx", Clash(TOPIC, None, 3)),
        ("acb", Clash(TOPIC, None, 1)),
    ],
    ids=["altered", "lost", "lost at the end", "all lost", "added first", "added last", "in another order"],
)
def test_the_first_difference_is_named(text: str, clash: Clash):
    assert held(text, "abc")[0] == clash


def test_after_the_last_checkpoint_outputs_may_be_missing_but_must_not_differ():
    made = transcript("abx")
    expected = [made.expect(output("a")), made.allow(output("b")), made.allow(output("c"))]
    whole = transcript("ab")

    assert expected == [None, None, Clash(TOPIC, output("c"), 2)]
    assert [whole.expect(output("a")), whole.allow(output("b")), whole.allow(output("c"))] == [None] * 3
    assert whole.finish() is None


@pytest.mark.parametrize("text", ["cd", "cdcd", "dcd", "cdbcd"])
def test_what_retention_removed_is_gone_and_its_repeats_are_ignored(text: str):
    first = "abcd".index(text[0])

    assert held(text, "abcd", begins_late=True) == (None, 4 - first, first)


def test_a_topic_of_which_nothing_is_left_is_gone_and_no_difference():
    assert held("", "abc", begins_late=True) == (None, 0, 3)


def test_a_beginning_that_is_missing_for_no_reason_is_a_difference():
    assert held("bc", "abc")[0] == Clash(TOPIC, output("a"), 0)


def test_a_forged_beginning_does_not_pass_for_retention():
    assert held("xbc", "abc", begins_late=True)[0] == Clash(TOPIC, None, 0)


@pytest.mark.parametrize(
    ("record", "covered"),
    [
        ({"minute": 200}, False),
        ({"minute": 300}, True),
        ({"minute": 100, "revision": 1}, False),
        ({"minute": 100, "revision": 2}, True),
        ({"minute": 200, "revision": 2}, False),
        ({"at": 300}, False),
        ({"at": 301}, True),
        ([], False),
        ({"at": "x"}, False),
    ],
)
def test_a_state_knows_what_was_decided_after_it(record: object, covered: bool):
    assert LATER.covers(msgspec.json.encode(record)) is covered


def test_what_was_decided_before_the_state_is_not_compared_however_often_it_stands():
    made, values = Transcript(TOPIC, LATER, begins_late=True), [{"at": 300}, {"at": 400}, {"at": 300}, {"at": 500}]
    for offset, value in enumerate(values):
        made.read(LogRecord(offset, 0, b"acme", msgspec.json.encode(value)))
    clashes = [made.expect(output(msgspec.json.encode({"at": at}).decode())) for at in (400, 500)]

    assert (clashes, made.same, made.gone, made.finish()) == ([None, None], 2, 0, None)


def test_where_the_state_begins_nothing_is_excused_by_retention():
    made = Transcript(TOPIC, LATER, begins_late=True)
    made.read(LogRecord(7, 0, b"acme", b'{"at":300}'))

    assert made.expect(output('{"at":400}')) == Clash(TOPIC, output('{"at":400}'), None)


def test_a_difference_is_told_field_by_field():
    one = {"brand": "acme", "evidence": [{"text": "a"}, {"text": "b"}], "drivers": {"x": 1}}
    other = {"brand": "acme", "evidence": [{"text": "a"}, {"text": "c"}], "drivers": {}}

    assert explain(msgspec.json.encode(one), msgspec.json.encode(other)) == [
        'evidence[1].text: expected "b", found "c"',
        "drivers.x: expected 1, found nothing",
        "drivers: expected nothing, found {}",
    ]


def test_a_record_that_stands_alone_is_told_whole_and_safe_to_print():
    hostile = msgspec.json.encode({"text": "evil\u202e\u001b[31m\nline", "n": 1})

    assert explain(None, hostile) == ['text: found "evil\ufffd\\u001b[31m\\nline"', "n: found 1"]
    assert explain(b'{"n":1}', None) == ["n: expected 1"]
    assert explain(None, b"\xff{") == ['value: found "\ufffd{"']


def test_findings_about_single_posts_are_not_for_watch_to_explain():
    transcript = Transcript("social.findings.v1", Since(), begins_late=False)
    transcript.read(LogRecord(0, 0, b"acme", b'{"detector":"critical_post","at":5}'))

    assert transcript.finish() is None

    transcript.read(LogRecord(1, 0, b"acme", b'{"detector":"complaint_volume","at":5}'))

    assert transcript.finish() is not None
