"""Labelled files are read completely, or refused with the lines that are wrong."""

import io
import re

import pytest

from pipeline.text.labels import Labelled, jsonl, table


def csv(text: str) -> list[Labelled]:
    return table(io.StringIO(text, newline=""))


def test_json_lines_may_have_any_of_the_labels():
    lines = [
        b'\xef\xbb\xbf{"id":"1","text":"a","sentiment":"neg","complaint":1,"category":"safety","severity":3}\n', b"\n",
        b'{"text":"b","intent":"churn","phenomenon":"plain","lang":"en","intensity":-0.5,"category":"none"}\r\n',
    ]  # fmt: skip

    assert jsonl(lines) == [
        Labelled(text="a", sentiment="neg", complaint=1, category="safety", severity=3),
        Labelled(text="b", intent="churn", phenomenon="plain", lang="en", intensity=-0.5, category="none"),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"text":"a","sentiment":"bad"}', "line 2: Invalid enum value 'bad'"),
        (b'{"text":"a","complaint":2}', "line 2: Expected `int` <= 1"),
        (b'{"text":"a","severity":4}', "line 2: Expected `int` <= 3"),
        (b'{"text":"a","intensity":1.5}', "line 2: Expected `float` <= 1.0"),
        (b'{"sentiment":"neg"}', "line 2: Object missing required field `text`"),
        (b'{"text":"caf\xe9"}', "line 2: "),
        (b"{", "line 2: "),
    ],
)
def test_a_wrong_line_is_named(line: bytes, said: str):
    with pytest.raises(ValueError, match=re.escape(said)) as caught:
        jsonl([b'{"text":"a"}', line])

    assert str(caught.value).startswith("line 2: ")


@pytest.mark.parametrize(
    ("labels", "field", "values"),
    [
        (["neg", "pos", "neu"], "sentiment", ["neg", "pos", "neu"]),
        (["neg", "neg", "pos"], "sentiment", ["neg", "neg", "pos"]),
        (["0", "1", "1"], "complaint", [0, 1, 1]),
        (["0", "1", "0.5"], "intensity", [0.0, 1.0, 0.5]),
        (["-1", "1", "0"], "intensity", [-1.0, 1.0, 0.0]),
    ],
)
def test_what_the_labels_of_a_table_mean_follows_from_all_of_them(labels: list[str], field: str, values: list[object]):
    rows = csv("label,text,other\n" + "".join(f'{label}," a, ""b""\n",x\n' for label in labels))

    assert [getattr(row, field) for row in rows] == values
    assert [row.text for row in rows] == [' a, "b"\n'] * 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column text and label"),
        ("text,sentiment\na,neg\n", "no column label; the header is: text, sentiment"),
        ("text,label\n", "there is no labelled post"),
        ("text,label\na,neg\nb,angry\n", "row 2: 'angry' is no label; labels are neg, neu and pos"),
        ("text,label\na,neg\nb\n", "row 2: '' is no label"),
        ("text,label\na,2\n", "row 1: '2' is no label"),
        ("text,label\na,nan\n", "row 1: 'nan' is no label"),
        ("text,label\n" + "a,x\n" * 9, "; and 4 more"),
    ],
)
def test_a_table_that_says_nothing_usable_is_refused(text: str, said: str):
    with pytest.raises(ValueError, match=r"\w") as caught:
        csv(text)

    assert said in str(caught.value)
