"""Looking for what tombstones name, again and again: rows may reach ClickHouse after their tombstone."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor

import structlog
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error

from agents.redacting import redact

EVERY_S = 20.0
LATELY_S = 600  # tombstones as old are looked at each time: what they name is still on its way, or is repeated
HOUR_S = 3_600.0
LONG_S = 8 * 86_400  # as old once an hour and at the start: a topic of signals is kept for a week

_log = structlog.get_logger(__name__)


class Sweep:
    """Redacts while ``mine`` says that this worker is the one to do it. ``open`` gives the client.

    Steps run in ``executor``, which is not that of the inserts: rows go on being stored meanwhile.
    """

    def __init__(self, open_: Callable[[], Client], executor: Executor, mine: Callable[[], bool]) -> None:
        self._open, self._executor, self._mine = open_, executor, mine
        self._long = float("-inf")  # monotonic time of the last long look

    async def run(self) -> None:
        """Look for ever."""
        while True:
            if self._mine():
                await self.once(time.monotonic())
            await asyncio.sleep(EVERY_S)

    async def once(self, now: float) -> None:
        """Look once; what fails is tried the next time."""
        long = now - self._long >= HOUR_S
        loop, changed = asyncio.get_running_loop(), Counter[str]()
        try:
            client = await loop.run_in_executor(self._executor, self._open)
            steps = redact(client, LONG_S if long else LATELY_S)
            while (step := await loop.run_in_executor(self._executor, next, steps, None)) is not None:
                changed[step.table] += step.rows
        except (Error, OSError) as error:
            _log.warning("redaction_retried", error=str(error)[:500])
            return
        if long:
            self._long = now
        if changed.total():
            _log.info("redacted", **{table: rows for table, rows in changed.items() if rows})
