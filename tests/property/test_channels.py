"""Payloads whose leaves are deleted or retyped, and payloads of anything, never raise and never break a record."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.adapting import Written, adapt
from pipeline.channels._counts import number_in
from pipeline.channels._html import plain
from pipeline.channels._texts import body, by_bytes, by_utf16
from pipeline.channels._times import milliseconds, relative_to
from schemas.codec import Decoder, Malformed
from schemas.record import EARLIEST_MS, LATEST_MS
from tests.channel_examples import ADAPTERS, RECEIPT, Example, Json, examples, lost

TREES = [one for one in examples() if isinstance(one.payload, dict | list)]
Path = tuple[str | int, ...]

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["62.4万", "/Date(1)/", "٣", "²", "-1", "1e999", "<p>", "x" * 2_000, "at://a/b/c", "0"])
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
many = settings(max_examples=150, deadline=None)
some = settings(max_examples=40, deadline=None)


def paths(value: Json, path: Path = ()) -> Iterator[Path]:
    """Where everything inside of a value is."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in inside:
        yield (*path, name)
        yield from paths(inner, (*path, name))


@st.composite
def damaged(draw) -> tuple[Example, Json]:
    """An example, and its payload with one to four places deleted or given a value of another type."""
    example = draw(st.sampled_from(TREES))
    payload = json.loads(json.dumps(example.payload))
    for _ in range(draw(st.integers(1, 4))):
        *above, name = draw(st.sampled_from(list(paths(payload)) or [()])) or [None]
        holder = payload
        for step in above:
            holder = holder[step]
        if name is None:
            break
        if draw(st.booleans()):
            del holder[name]
        else:
            holder[name] = draw(anything)
    return example, payload


def judged(answers: list[Written | Malformed]) -> None:
    """Every answer is a record that its readers accept, or a reason other than a defect of ours."""
    assert answers
    for one in answers:
        if isinstance(one, Malformed):
            assert one.reason != "adapter_failed", one.detail
            assert 0 < len(one.detail) <= 500
        else:
            assert Decoder(type(one.record)).decode(one.value) == one.record


@many
@given(damaged())
def test_damaged_payloads(case):
    example, payload = case
    answers = adapt(ADAPTERS[example.source], json.dumps(payload).encode(), RECEIPT)

    judged(answers)
    nested = "event" in example.about or "websocket" in example.about  # JSON inside of JSON
    if not nested and all(isinstance(one, Written) for one in answers):
        assert lost(payload, answers) == []


@pytest.mark.parametrize("source", sorted(ADAPTERS))
@some
@given(payload=anything)
def test_any_json(source, payload):
    judged(adapt(ADAPTERS[source], json.dumps(payload).encode(), RECEIPT))


@pytest.mark.parametrize("source", sorted(ADAPTERS))
@some
@given(payload=st.binary(max_size=300))
def test_any_bytes(source, payload):
    judged(adapt(ADAPTERS[source], payload, RECEIPT))


@pytest.mark.parametrize("source", ["email", "wechat", "rss", "mastodon", "csv"])
@some
@given(data=st.data())
def test_a_document_with_a_hole_torn_in(source, data):
    documents = [one.payload for one in examples() if one.source == source and isinstance(one.payload, str)]
    document = data.draw(st.sampled_from(documents)).encode()
    at = data.draw(st.integers(0, len(document)))
    torn = document[:at] + data.draw(st.binary(max_size=12)) + document[at + data.draw(st.integers(0, 12)) :]

    judged(adapt(ADAPTERS[source], torn, RECEIPT))


@many
@given(st.text(st.characters(exclude_characters="<")))
def test_what_a_browser_hides_is_hidden(text):
    assert plain(f"<p>seen</p><script>{text}</script><style>{text}</style><!-- {text} -->").text == "seen"


@many
@given(st.text(), st.integers(-5, 60), st.integers(-5, 60))
def test_a_piece_by_bytes_or_utf16_is_a_piece_of_the_text(text, start, length):
    text = text.encode("utf-8", "replace").decode()
    for piece in (by_bytes(text, start, start + length), by_utf16(text, start, length)):
        assert piece is None or (piece and piece in text)


@many
@given(st.text(max_size=40) | st.integers() | st.floats())
def test_a_time_is_of_our_century_or_none(value):
    for found in (milliseconds(value), relative_to(RECEIPT.received_at, str(value))):
        assert found is None or EARLIEST_MS <= found <= LATEST_MS


@many
@given(st.integers(0, 10**9), st.sampled_from(["", "万", "亿", "k", "m"]), st.sampled_from(["", "+", "次播放"]))
def test_larger_counts_in_words_are_larger(number, unit, suffix):
    smaller, larger = number_in(f"{number}{unit}{suffix}"), number_in(f"{number + 1}{unit}{suffix}")

    assert smaller is not None
    assert larger is not None
    assert smaller < larger


@many
@given(st.text(st.characters(codec="utf-8"), max_size=50))
def test_a_body_is_normal_and_bounded(text):
    assert body(body(text)) == body(text)
    assert len(body(text * 3_000)) <= 65_536
