"""The outputs of one partition, in the order of the log: one FIFO queue, one sender, every acknowledgement awaited."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any, NoReturn

from pipeline.stage import Output

PENDING = 5_000  # unacknowledged outputs before whoever fills the outbox waits

Send = Callable[[Output], Awaitable[Awaitable[Any]]]
GiveUp = Callable[[str], NoReturn]


class Outbox:
    """Filled without an await after each change of state: progress never overtakes the partials it speaks of.

    An output leaves the queue only when the producer has it: a sender that is cancelled may repeat it, never lose it.
    """

    def __init__(self, send: Send, give_up: GiveUp) -> None:
        self._send, self._give_up = send, give_up
        self._queue: deque[Output] = deque()
        self._sending = asyncio.Lock()
        self._pending: set[asyncio.Future[Any]] = set()

    @property
    def idle(self) -> bool:
        """Nothing queued, nothing unacknowledged."""
        return not self._queue and not self._pending

    def put(self, outputs: Iterable[Output]) -> None:
        """Queue outputs."""
        self._queue.extend(outputs)

    async def send(self) -> None:
        """Hand everything queued to the producer, one sender at a time."""
        async with self._sending:
            while self._queue:
                output = self._queue[0]
                try:
                    future = asyncio.ensure_future(await self._send(output))
                except Exception as error:  # noqa: BLE001  # Faust would restart the agent and read on without it
                    self._give_up(f"{_named(output)} failed: {error!r}")
                self._queue.popleft()
                self._pending.add(future)
                future.add_done_callback(partial(self._sent, output))

    async def settle(self) -> None:
        """Wait until everything put in so far is acknowledged."""
        await self.send()
        await self._acknowledged()

    async def make_room(self) -> None:
        """Wait while too much is unacknowledged."""
        if len(self._pending) > PENDING:
            await self._acknowledged()

    async def _acknowledged(self) -> None:
        waiting = set(self._pending)
        if waiting:
            await asyncio.wait(waiting)

    def _sent(self, output: Output, future: asyncio.Future[Any]) -> None:
        self._pending.discard(future)
        if future.cancelled():
            self._give_up(f"{_named(output)} was cancelled")
        elif error := future.exception():
            self._give_up(f"{_named(output)} failed: {error!r}")


def _named(output: Output) -> str:
    return f"a send of {len(output.value or b'')} bytes to {output.topic}/{output.partition}"
