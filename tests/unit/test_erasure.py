"""Who is searched for, and that nobody else is found."""

import pytest

from pipeline.erasure import Person, waits
from schemas.topics import ALERTS, INFLUENCE, POSTS, POSTS_DLQ
from tests.fakes.faust_world import Record

KEY = "0123456789abcdef0123456789abcdef"
DID = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"
ANN = Person(KEY, (DID,), ("ann.example",))


def named(value: str, person: Person = ANN) -> bool:
    return person.named_in(Record(0, value=value.encode()))


@pytest.mark.parametrize(
    "value",
    [f'{{"did":"{DID}"}}', f"at://{DID}/app.bsky.feed.post/3k", '{"handle":"ann.example"}', KEY, f"x {KEY}/acme"],
)
def test_a_name_is_found_as_a_word(value):
    assert named(value)


@pytest.mark.parametrize(
    "value", ["", f"{DID}2", f"{KEY}0", "joann.example", "ann.example.org", "ann-example", "annXexample"]
)
def test_a_name_inside_of_another_is_not(value):
    assert not named(value)


def test_key_and_headers_are_searched_too():
    assert ANN.named_in(Record(0, key=KEY.encode(), value=None))
    assert ANN.named_in(Record(0, value=None, headers=(("__connect.errors.exception.message", DID.encode()),)))
    assert not ANN.named_in(Record(0, value=None))


def test_short_names_are_not_searched_for_and_none_at_all_finds_nobody():
    short = Person("a1", ("7",), ("bo",))

    assert short.unsearched == ("a1", "7", "bo")
    assert (short.pattern, short.uid_pattern) == ("", "")
    assert not named("a1 7 bo", short)
    assert not named("", short)


def test_only_a_long_native_id_tells_whose_post_it_is():
    assert Person(KEY, ("1234567890",)).uid_pattern == ""
    assert DID.replace(":", ":") in ANN.uid_pattern.replace("\\", "")


def test_a_name_is_no_regular_expression():
    assert not named("anything at all", Person(".*.*.*.*", ("(((((((((((((",), ("[[[[[[[",)))


def test_topics_that_expire_are_told_until_when_and_the_others_are_cleaned():
    told = {wait.topic: wait.until for wait in waits([POSTS, ALERTS, INFLUENCE, POSTS_DLQ], 1_000)}

    assert told == {POSTS.name: 1_000 + 7 * 86_400_000, ALERTS.name: 1_000 + 90 * 86_400_000}
