"""Rules of server-sent events that hold however a network cuts the stream."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from pipeline.server_sent_events import Blocks

CAP = 64
LINES = st.binary(max_size=20).map(lambda line: line.translate(None, b"\r\n"))
BLOCKS = st.lists(st.lists(LINES.filter(bool), min_size=1, max_size=3).map(b"\n".join), max_size=6)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in itertools.pairwise(edges)]


@given(BLOCKS, st.sampled_from([b"\n\n", b"\r\n\r\n", b"\r\r"]), st.lists(st.integers(min_value=0)))
def test_where_the_stream_is_cut_never_shows(texts: list[bytes], end: bytes, places: list[int]):
    blocks = Blocks(CAP)
    found = [
        block.text for chunk in cut(b"".join(text + end for text in texts), places) for block in blocks.feed(chunk)
    ]

    assert found == [text if len(text) <= CAP else None for text in texts]


@given(st.lists(st.binary(max_size=300)))
def test_nothing_is_held_that_is_longer_than_is_read(chunks: list[bytes]):
    blocks = Blocks(CAP)
    found = [block for chunk in chunks for block in blocks.feed(chunk)]

    assert len(blocks._rest) <= CAP
    assert all(len(block.text or b"") <= CAP for block in found)


def test_fields_are_read_and_comments_are_none():
    (thump, event) = Blocks(CAP).feed(b":thump\n\nevent: update\ndata: {\ndata: }\r\n\r\n")

    assert thump.field(b"event") == b""
    assert (event.field(b"event"), event.field(b"data")) == (b"update", b"{\n}")
