"""Whatever bytes come, the answer is a record or the right reason why there is none."""

import pytest

from schemas.alert import Delivery
from schemas.brand_log import Bundle
from schemas.codec import MAX_DEPTH, MAX_DETAIL, Decoder, Malformed, encode
from schemas.post import SocialPost
from tests.builders import START, post

POSTS: Decoder[SocialPost] = Decoder(SocialPost)
FIELDS = {"post_uid": '"x:1"', "platform": '"x"', "channel": '"microblog"', "event_time": str(START)}


def written(**fields: str) -> bytes:
    """A post in JSON with some fields replaced or added, as JSON."""
    return ("{" + ",".join(f'"{name}":{value}' for name, value in (FIELDS | fields).items()) + "}").encode()


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


BAD: dict[str, tuple[bytes | None, str]] = {
    "tombstone": (None, "empty"),
    "no bytes": (b"", "empty"),
    "blank": (b"  ", "invalid_json"),
    "text": (b"hello", "invalid_json"),
    "cut off": (written()[:-1], "invalid_json"),
    "something after it": (written() + b" x", "invalid_json"),
    "control character": (written(text='"\x01"'), "invalid_json"),
    "NaN": (written(rating='{"value":NaN,"min":0,"max":5}'), "invalid_json"),
    "infinity": (written(rating='{"value":Infinity,"min":0,"max":5}'), "invalid_json"),
    "deep and cut off": (b"[" * 100_000, "not_an_object"),
    "broken rule, then no JSON": (written(platform='"usenet"')[:-1], "invalid_json"),
    "null": (b"null", "not_an_object"),
    "list": (b"[]", "not_an_object"),
    "string": (b'"x"', "not_an_object"),
    "number": (b"1", "not_an_object"),
    "true": (b"true", "not_an_object"),
    "nothing in it": (b"{}", "missing_field"),
    "missing in a part": (written(source="{}"), "missing_field"),
    "number as text": (written(text="1"), "wrong_type"),
    "list as author": (written(author="[]"), "wrong_type"),
    "text as time": (written(event_time='"2020-01-01"'), "wrong_type"),
    "fraction as time": (written(event_time="1.7e12"), "wrong_type"),
    "null as time": (written(event_time="null"), "wrong_type"),
    "text that is not base64": (written(raw='"***"'), "wrong_type"),
    "unknown platform": (written(platform='"usenet"'), "unknown_word"),
    "unknown word that sounds like another reason": (written(op='"missing required field"'), "unknown_word"),
    "unknown word that imitates a version": (written(op='"<= 1 - at `$.schema_version`"'), "unknown_word"),
    "ten megabytes of text": (written(text=f'"{"x" * 10_000_000}"'), "too_long"),
    "too many hashtags": (written(hashtags=str(["a"] * 257).replace("'", '"')), "too_long"),
    "empty id": (written(post_uid='""'), "out_of_range"),
    "year 1600": (written(event_time="-11676096000000"), "out_of_range"),
    "year 2200": (written(event_time="7258118400000"), "out_of_range"),
    "1e400": (written(rating='{"value":1e400,"min":0,"max":5}'), "out_of_range"),
    "1e400 where anything goes": (written(extra='{"a":1e400}'), "out_of_range"),
    "2**63": (written(revision=str(2**63)), "out_of_range"),
    "2**64": (written(revision=str(2**64)), "out_of_range"),
    "a number of 5,000 digits": (written(schema_version="1" * 5_000), "out_of_range"),
    "a version of 4,000 digits": (written(schema_version="1" * 4_000), "unsupported_schema"),
    "negative count": (written(metrics='{"likes":-1}'), "out_of_range"),
    "version 0": (written(schema_version="0"), "out_of_range"),
    "version 2": (written(schema_version="2"), "unsupported_schema"),
    "version 2 with an unknown word before it": (
        written(platform='"usenet"', schema_version="2"),
        "unsupported_schema",
    ),
    "version 2 and nothing else": (b'{"schema_version":2}', "unsupported_schema"),
    "lone surrogate": (written(text='"\\ud800"'), "invalid_unicode"),
    "lone low surrogate": (written(text='"\\udc00x"'), "invalid_unicode"),
    "lone surrogate as a key": (written(extra='{"\\ud800":1}'), "invalid_unicode"),
    "surrogate in UTF-8": (written().replace(b"x:1", b"\xed\xa0\x80"), "invalid_unicode"),
    "byte order mark": (b"\xef\xbb\xbf" + written(), "invalid_unicode"),
    "GBK": (written(text='"投诉"').decode().encode("gbk"), "invalid_unicode"),
    "UTF-16": (written().decode().encode("utf-16"), "invalid_unicode"),
    "deep": (written(extra=f'{{"a":{nested(MAX_DEPTH - 1)}}}'), "too_deep"),
    "deep in an unknown field": (written(unheard_of=nested(MAX_DEPTH)), "too_deep"),
    "very deep": (written(extra=f'{{"a":{nested(1_000)}}}'), "too_deep"),
    "absurdly deep": (written(extra=f'{{"a":{nested(100_000)}}}'), "too_deep"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(name):
    data, reason = BAD[name]
    answer = POSTS.decode(data)

    assert isinstance(answer, Malformed)
    assert answer.reason == reason


@pytest.mark.parametrize("name", BAD)
def test_a_detail_fits_a_header(name):
    answer = POSTS.decode(BAD[name][0])

    assert isinstance(answer, Malformed)
    assert 0 < len(answer.detail) <= MAX_DETAIL


def test_even_a_quoted_word_of_ten_megabytes_makes_a_short_detail():
    answer = POSTS.decode(written(op=f'"{"x" * 10_000_000}"'))

    assert isinstance(answer, Malformed)
    assert len(answer.detail) == MAX_DETAIL


GOOD = {
    "unknown field": written(unheard_of='{"a":[1]}'),
    "as deep as allowed": written(extra=f'{{"a":{nested(MAX_DEPTH - 2)}}}'),
    "wide, not deep": written(extra='{"a":[[]' + ",[]" * 5_000 + "]}"),
    "brackets in a text": written(text='"' + "[{" * 500 + '"'),
    "brackets and escaped quotes in a text": written(text='"' + '\\"[' * 500 + '"'),
    "characters beyond the first plane": written(text='"\\ud83d\\udd25"'),
    "a null character": written(text='"\\u0000"'),
}


@pytest.mark.parametrize("name", GOOD)
def test_odd_but_right_input_is_a_record(name):
    assert isinstance(POSTS.decode(GOOD[name]), SocialPost)


def test_of_a_key_that_is_there_twice_the_last_counts():
    answer = POSTS.decode(written()[:-1] + b',"text":"first","text":"last"}')

    assert isinstance(answer, SocialPost)
    assert answer.text == "last"


def test_a_record_reads_back_as_it_was_written():
    one = post("1", 0, "acme 投诉 🔥", reach=3)

    assert POSTS.decode(encode(one)) == one


def test_a_union_tells_its_members_apart_and_refuses_others():
    log: Decoder[Bundle | Delivery] = Decoder(Bundle | Delivery)
    stranger = log.decode(b'{"type":"parade"}')

    assert isinstance(stranger, Malformed)
    assert stranger.reason == "unknown_word"


def test_many_values_are_decoded_as_each_is():
    values = [*(data for data, _ in BAD.values()), *GOOD.values(), written()]

    assert POSTS.decode_all(values) == [POSTS.decode(value) for value in values]
