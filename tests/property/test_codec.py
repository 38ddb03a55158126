"""Any bytes give a record or a reason, never an exception."""

import json
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codec import Decoder, Malformed, encode
from schemas.post import SocialPost
from schemas.vocabulary import RejectReason
from tests.builders import post

POSTS: Decoder[SocialPost] = Decoder(SocialPost)
GOOD = json.loads(encode(post("1", 0, "acme 投诉", reach=3)))
REASONS = set(get_args(RejectReason))

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
some = settings(max_examples=50, deadline=None)
fields = st.sampled_from(SocialPost.__struct_fields__)


def judged(data: bytes) -> None:
    """A record that can be written again, or a reason that fits a header."""
    answer = POSTS.decode(data)
    if isinstance(answer, Malformed):
        assert answer.reason in REASONS
        assert 0 < len(answer.detail) <= 500
    else:
        assert POSTS.decode(encode(answer)) == answer


@some
@given(st.binary(max_size=200))
def test_any_bytes(data):
    judged(data)


@some
@given(st.dictionaries(fields, anything, max_size=5))
def test_any_json_in_any_field(changes):
    judged(json.dumps(GOOD | changes).encode())


@some
@given(st.integers(0, len(encode(post("1", 0)))), st.binary(max_size=8))
def test_a_good_record_with_a_hole_torn_in(at, noise):
    good = encode(post("1", 0))
    judged(good[:at] + noise + good[at + len(noise) :])


@some
@given(st.dictionaries(fields, anything, max_size=5), st.integers(2, 2**70))
def test_a_later_version_is_always_told_as_such(changes, version):
    answer = POSTS.decode(json.dumps(GOOD | changes | {"schema_version": version}, allow_nan=True).encode())

    assert isinstance(answer, Malformed)
    assert answer.reason in {"unsupported_schema", "invalid_json", "invalid_unicode"}
