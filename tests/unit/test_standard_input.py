"""Lines come in batches: whole, in order, none too long, and without waiting for what may not come."""

import os
import threading
from collections.abc import Iterator

import pytest

from agents.cli.standard_input import batches


def piped(sent: bytes, size: int = 500, longest: int = 1_000) -> list[list[bytes | None]]:
    """The batches of what a writer sends and then ends."""
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as stream:
            stream.write(sent)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        return list(batches(reading, size, longest))
    finally:
        writer.join()
        os.close(reading)


def flat(found: list[list[bytes | None]]) -> list[bytes | None]:
    return [line for batch in found for line in batch]


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"", []),
        (b"a", [b"a"]),
        (b"a\n", [b"a"]),
        (b"\n", [b""]),
        (b"a\n\nb", [b"a", b"", b"b"]),
        (b"a\r\n", [b"a\r"]),
        (b"a\x00b\n", [b"a\x00b"]),
        (b"x" * 1_000 + b"\n", [b"x" * 1_000]),
        (b"x" * 1_001 + b"\ny", [None, b"y"]),
        (b"y\n" + b"x" * 1_001, [b"y", None]),
        (b"x" * 5_000_000 + b"\ny\n", [None, b"y"]),
        (b"y\n" + b"x" * 5_000_000, [b"y", None]),
        ((b"x" * 300_000 + b"\n") * 3, [None] * 3),
    ],
)
def test_lines_are_whole_and_one_too_long_is_none(sent: bytes, expected: list[bytes | None]):
    assert flat(piped(sent)) == expected


def test_a_batch_is_not_larger_than_asked():
    found = piped(b"a\n" * 1_203)

    assert max(map(len, found)) == 500
    assert flat(found) == [b"a"] * 1_203


def test_a_batch_of_long_lines_is_cut_before_it_fills_the_memory():
    found = piped((b"x" * 100_000 + b"\n") * 300, longest=1 << 20)

    assert max(sum(len(line or b"") for line in batch) for batch in found) < 1 << 24
    assert len(flat(found)) == 300


def test_a_pause_ends_a_batch(pipe: tuple[int, int]):
    reading, writing = pipe
    found = batches(reading, 500, 1_000)
    os.write(writing, b"a\nb\nhalf a li")

    assert next(found) == [b"a", b"b"]
    os.write(writing, b"ne\n")
    assert next(found) == [b"half a line"]
