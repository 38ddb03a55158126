"""Whatever bytes come, each line gives one line of JSON, with its id or its number."""

import json
from functools import cache

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.classifying import Classifier
from pipeline.text.model.reader import packaged
from pipeline.text.safety import Safety

SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8))
POSTS = st.fixed_dictionaries(
    {"id": SCALARS, "text": st.one_of(st.text(st.characters(exclude_categories=()), max_size=20), SCALARS)}
).map(lambda post: json.dumps(post).encode())
PIECES = st.sampled_from(
    [b"{", b"}", b'"id"', b":", b'"text"', b",", b'"', b"\\u", b"d800", b"\xff", b"\xef\xbb\xbf", b"1", b"\0"]
)
LINES = st.one_of(POSTS, st.binary(max_size=30), st.lists(PIECES, max_size=12).map(b"".join))


@cache
def classifier() -> Classifier:
    return Classifier(packaged("full"), Safety())


@given(st.lists(LINES, max_size=6), st.integers(0, 6))
def test_every_line_has_one_answer_that_is_json_and_cuts_do_not_show(lines: list[bytes], cut: int):
    answers = [msgspec.json.encode(answer) for answer in classifier().lines(lines, 1)]
    parts = [*classifier().lines(lines[:cut], 1), *classifier().lines(lines[cut:], 1 + len(lines[:cut]))]

    assert len(answers) == len(lines)
    assert answers == [msgspec.json.encode(answer) for answer in parts]
    for number, answer in enumerate(answers, 1):
        read = json.loads(answer.decode())
        assert read["id"] is not None
        assert ("error" in read) != ("fingerprint" in read)
        assert b"\n" not in answer
        assert read["id"] == number or lines[number - 1]


@given(st.lists(POSTS, max_size=6))
def test_an_id_that_is_there_comes_back(lines: list[bytes]):
    answers = [json.loads(msgspec.json.encode(answer)) for answer in classifier().lines(lines, 1)]

    for number, (line, answer) in enumerate(zip(lines, answers, strict=True), 1):
        given_id = json.loads(line)["id"]
        assert answer["id"] == (number if given_id is None else given_id)
