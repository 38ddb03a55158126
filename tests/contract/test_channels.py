"""What every channel promises, over one list of examples: the records that they say, nothing lost, nothing raised."""

import json

import pytest
from jsonschema import Draft202012Validator

from pipeline.adapting import RECORD_CAP, Written, adapt
from schemas.codec import Malformed
from schemas.export import documents
from tests.channel_examples import (
    ABSENT,
    ADAPTERS,
    RECEIPT,
    Example,
    Json,
    answers,
    examples,
    field,
    kind,
    leaves,
    lost,
    wanted,
)

EXAMPLES = list(examples())
SCHEMAS = {
    name.partition(".")[0]: Draft202012Validator(json.loads(content))
    for name, content in documents().items()
    if name.startswith(("SocialPost", "Interaction", "Tombstone"))
}
DEEP = 100_000

every = pytest.mark.parametrize("source", sorted(ADAPTERS))
each = pytest.mark.parametrize("example", EXAMPLES, ids=[f"{one.source}: {one.about}" for one in EXAMPLES])


@every
def test_every_channel_has_examples_of_what_it_takes_and_what_it_rejects(source: str):
    kinds = {record["record"] for example in EXAMPLES if example.source == source for record in example.records}

    assert "rejected" in kinds
    assert kinds - {"rejected"}


@each
def test_an_example_gives_its_records(example: Example):
    given = example.answers()

    assert [kind(one) for one in given] == [record["record"] for record in example.records]
    for one, record in zip(given, example.records, strict=True):
        for path, value in record.items():
            if path == "detail":
                assert value in field(one, path)
            elif path != "record":
                assert field(one, path) == wanted(path, value), path


@each
def test_what_is_written_keeps_to_the_published_schema(example: Example):
    for one in example.answers():
        if isinstance(one, Written):
            SCHEMAS[type(one.record).__name__].validate(json.loads(one.value))


@each
def test_no_leaf_of_the_source_is_lost(example: Example):
    if isinstance(example.payload, str) or any(record["record"] == "rejected" for record in example.records):
        return  # a document is no tree of leaves, and a rejected payload is kept whole

    payload = example.payload
    if isinstance(payload, dict) and isinstance(payload.get("payload"), str):  # JSON inside of JSON
        payload = {**payload, "payload": json.loads(payload["payload"])}

    assert lost(payload, [one for one in example.answers() if isinstance(one, Written)]) == []


@each
def test_fields_that_nobody_knows_are_extra(example: Example):
    if not isinstance(example.payload, dict) or "rejected" in {record["record"] for record in example.records}:
        return
    given = answers(example.source, {**example.payload, "zz_unheard_of": {"deep": ["a secret of the source"]}})
    told = {leaf for one in given if isinstance(one, Written) for leaf in leaves(json.loads(one.value)["extra"])}

    assert "a secret of the source" in told


@each
def test_the_same_payload_gives_the_same_bytes(example: Example):
    assert example.answers() == example.answers()


@each
def test_authors_are_pseudonyms_under_the_secret_and_name_it(example: Example):
    other = adapt(ADAPTERS[example.source], json.dumps(example.payload).encode(), RECEIPT._replace(secret=b"another"))
    for one, two in zip(example.answers(), other, strict=True):
        for path in ("author", "actor"):
            author = field(one, path)
            if author not in (None, ABSENT):
                assert author["key_id"] == "test"
                assert author["native_id"] != author["author_key"]
                assert author["author_key"] != field(two, path)["author_key"]


@every
@pytest.mark.parametrize(
    "payload",
    [
        b"", b"   ", b"null", b"1", b"true", b"[]", b"{}", b'""', b"[[]]", b"[null]", b"{", b'{"a":', b"NaN",
        b"\xff\xfe", b'{"id": 1e400}',
        b'{"text": "\\ud800"}', "起火".encode("gbk"), b"[" * DEEP, b'{"a":' * DEEP, b"<" * DEEP,
        b"<a>" * DEEP, b"\x00" * 10, b"[" * DEEP + b"]" * DEEP, b'{"data":' * 90 + b"1" + b"}" * 90,
    ],
    ids=lambda payload: repr(payload[:12]),
)  # fmt: skip
def test_whatever_comes_gets_a_verdict(source: str, payload: bytes):
    given = adapt(ADAPTERS[source], payload, RECEIPT)

    assert given
    assert all(isinstance(one, Malformed) and one.reason != "adapter_failed" for one in given)


@each
def test_gigantic_texts_are_cut_and_say_so(example: Example):
    for one in answers(example.source, enlarged(example.payload)):
        if isinstance(one, Written):
            assert len(one.value) <= RECORD_CAP
            text = field(one, "text")
            assert text is ABSENT or len(text) < 65_536 or field(one, "text_truncated")


def enlarged(value: Json) -> Json:
    """The payload with texts of two megabytes in all."""
    if isinstance(value, dict):
        return {name: enlarged(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [enlarged(inner) for inner in value]
    return value + "火a" * 100_000 if isinstance(value, str) and " " in value and "\n" not in value else value


def test_items_of_a_list_have_verdicts_of_their_own():
    given = answers("x_v2", [{"id": "1", "text": "good"}, {"id": "2"}, {"id": "3", "text": "good"}])

    assert [kind(one) for one in given] == ["post", "rejected", "post"]


def test_what_a_recorder_wrote_around_a_payload_is_kept():
    (given,) = answers("x_v2", {"_file": "capture.json", "body": {"id": "1", "text": "good"}})

    assert field(given, "extra.envelope") == {"_file": "capture.json"}


def test_a_record_that_kafka_would_refuse_leaves_its_extra_out():
    (given,) = answers("x_v2", {"id": "1", "text": "good", "unknown": "x" * 2_000_000})

    assert field(given, "extra.left_out_bytes") > RECORD_CAP


def test_envelopes_in_envelopes_are_opened_once():
    payload = b'{"_a":1,"body":' * 5_000 + b"1" + b"}" * 5_000
    (given,) = adapt(ADAPTERS["x_v2"], payload, RECEIPT)

    assert isinstance(given, Malformed)
