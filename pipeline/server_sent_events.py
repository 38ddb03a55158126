"""Server-sent events in a stream of bytes: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_END = re.compile(rb"\r\n\r\n|\n\n|\r\r|\r\n\n|\n\r\n")
_LONGEST_END = 4


class Block(NamedTuple):
    """What stood between two empty lines, as it came; None if it was longer than is read."""

    text: bytes | None

    def field(self, name: bytes) -> bytes:
        """The values of a field, joined by line feeds; empty if there is none."""
        found = [line.partition(b":") for line in (self.text or b"").splitlines()]
        return b"\n".join(value.removeprefix(b" ") for field, _, value in found if field == name)


class Blocks:
    """Cuts a stream into blocks; of one that is too long only its end is waited for. Holds at most ``cap`` bytes."""

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._rest, self._overlong = b"", False

    def feed(self, chunk: bytes) -> Iterator[Block]:
        """The blocks that end in ``chunk``; those of comments and of nothing, too, because they are signs of life."""
        data = self._rest + chunk
        at = 0
        for end in _END.finditer(data):
            yield self._block(data[at : end.start()])
            at = end.end()
        self._rest = data[at:]
        if len(self._rest) > self._cap:
            self._overlong, self._rest = True, self._rest[-_LONGEST_END + 1 :]

    def _block(self, text: bytes) -> Block:
        overlong, self._overlong = self._overlong or len(text) > self._cap, False
        return Block(None if overlong else text)
