"""Cursors on the compacted topic ``tocsin.collect.state.v1``: read back at start, written behind acknowledgements."""

import time
from collections.abc import Awaitable, Callable, Iterable

from agents.checkpoints import read_latest
from pipeline.feed import partition_of
from schemas.codec import Decoder, encode
from schemas.cursor import Cursor
from schemas.topics import COLLECT_STATE

Send = Callable[[str, int, bytes, bytes], Awaitable[object]]  # topic, partition, key, value; ends when acknowledged

_DECODER: Decoder[Cursor] = Decoder(Cursor)


class CursorUnreadable(Exception):  # noqa: N818  # named as what it is
    """Somebody else wrote to the topic of cursors, or a later version did."""


class Cursors:
    """The cursors of one source's streams. Two collectors of one stream repeat payloads and lose none."""

    def __init__(self, source: str, partitions: int) -> None:
        self._source, self._partitions = source, partitions
        self._kept: dict[str, str] = {}  # by stream, as the topic has them

    def _key(self, stream: str) -> bytes:
        return f"{self._source}/{stream}".encode()

    async def read(self, bootstrap: str, streams: Iterable[str]) -> dict[str, str]:
        """The position of each stream that has one.

        Raises:
            CursorUnreadable: one is there and is none, so nobody knows where to begin.
            aiokafka.errors.KafkaError: the broker is not there.
        """
        places = {stream: partition_of(self._key(stream), self._partitions) for stream in streams}
        latest = await read_latest(bootstrap, COLLECT_STATE.name, sorted(set(places.values())))
        for stream, partition in places.items():
            value = latest[partition].values.get(self._key(stream).decode())
            cursor = _DECODER.decode(value)
            if isinstance(cursor, Cursor):
                self._kept[stream] = cursor.position
            elif value is not None:
                raise CursorUnreadable(f"the cursor of {stream} cannot be read ({cursor.detail}); say --from")
        return dict(self._kept)

    async def save(self, stream: str, position: str | None, send: Send) -> None:
        """Keep a position behind which all is acknowledged; nothing if it is kept already."""
        if position is None or self._kept.get(stream) == position:
            return
        key = self._key(stream)
        value = encode(Cursor(stream=stream, position=position, at=int(time.time() * 1000)))
        await send(COLLECT_STATE.name, partition_of(key, self._partitions), key, value)
        self._kept[stream] = position
