"""A TCP proxy in a thread of its own: late, narrow or frozen, all of which may change while bytes are on their way."""

import asyncio
import contextlib
import threading
import time
from typing import Self

HOST = "127.0.0.1"
CHUNK = 1 << 14
HELD = 64  # chunks on their way in one direction of a connection; then the sender feels it

Way = asyncio.Queue[tuple[float, bytes]]  # when to hand it on (monotonic), and what; nothing is the end


class TcpProxy:
    """Listens on ``port`` and hands everything on to ``target`` on loopback, and back.

    ``delay_s`` is added in each direction, ``bytes_per_s`` (0: any) is the most that passes in each direction of a
    connection. While it is frozen nothing passes, and connections stay; new ones are taken, too.
    """

    def __init__(self, target: int) -> None:
        self.target, self.port = target, 0
        self.delay_s, self.bytes_per_s = 0.0, 0
        self._flowing, self._serving = asyncio.Event(), set[asyncio.Task[None]]()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        self.thaw()
        self.port = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def freeze(self) -> None:
        """Let nothing pass from now on."""
        self._loop.call_soon_threadsafe(self._flowing.clear)

    def thaw(self) -> None:
        """Let pass what waits, and all that follows."""
        self._loop.call_soon_threadsafe(self._flowing.set)

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._accept, HOST, 0)
        return self._server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self.target)
        except OSError:
            writer.close()
            return
        there, back = Way(HELD), Way(HELD)
        taking = [asyncio.create_task(self._take(reader, there)), asyncio.create_task(self._take(far_reader, back))]
        giving = [asyncio.create_task(self._give(there, far_writer)), asyncio.create_task(self._give(back, writer))]
        try:
            with contextlib.suppress(OSError):
                await asyncio.gather(*giving)
        finally:
            for task in [*taking, *giving]:
                task.cancel()
            far_writer.close()
            writer.close()

    async def _take(self, reader: asyncio.StreamReader, way: Way) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(CHUNK):
                await way.put((time.monotonic() + self.delay_s, chunk))
        await way.put((time.monotonic() + self.delay_s, b""))

    async def _give(self, way: Way, writer: asyncio.StreamWriter) -> None:
        due, chunk = await way.get()
        while chunk:
            narrow_s = len(chunk) / self.bytes_per_s if self.bytes_per_s else 0.0
            await asyncio.sleep(max(due - time.monotonic(), narrow_s))
            await self._flowing.wait()
            writer.write(chunk)
            await writer.drain()
            due, chunk = await way.get()
        await self._flowing.wait()
        writer.write_eof()
