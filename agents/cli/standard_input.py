"""Lines of a pipe in batches, as they come: a pause ends a batch, and no line is too long for the memory."""

import os
import select
from collections.abc import Iterator

_CHUNK = 1 << 18  # bytes that are read at once
_PAUSE_S = 0.05
_MOST = 1 << 23  # bytes of a batch


def batches(stream: int, size: int, longest: int) -> Iterator[list[bytes | None]]:
    """At most ``size`` lines of a file descriptor at a time, without their ends; None for one longer than ``longest``.

    A batch is smaller when the writer pauses, so that nothing waits for posts that may not come.
    """
    lines: list[bytes | None] = []
    rest, long = b"", False
    while chunk := os.read(stream, _CHUNK):
        *ended, rest = (rest + chunk).split(b"\n")
        for line in ended:
            lines.append(None if long or len(line) > longest else line)
            long = False
        if long or len(rest) > longest:
            rest, long = b"", True
        while len(lines) >= size or sum(len(line or b"") for line in lines) > _MOST:
            yield lines[:size]
            lines = lines[size:]
        if lines and not select.select([stream], [], [], _PAUSE_S)[0]:
            yield lines
            lines = []
    if rest or long:
        lines.append(None if long else rest)
    if lines:
        yield lines
