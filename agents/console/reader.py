"""Asking ClickHouse for the console: a few connections, each in a thread of its own, with a limit on patience."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec
import structlog
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error

from agents.clickhouse import connect_reader

CONNECTIONS = 4
PATIENCE_S = 10.0

Row = dict[str, Any]
T = TypeVar("T")
_log = structlog.get_logger(__name__)


class Unavailable(Exception):  # noqa: N818  # named as what it is
    """ClickHouse did not answer, or not this; the message is its own and may hold names of tables."""


def readable(rows: Sequence[Row], read: Callable[[Row], T]) -> list[T]:
    """What ``read`` makes of the rows; one that it cannot read, as of a newer worker, is left out and logged."""
    found = []
    for row in rows:
        try:
            found.append(read(row))
        except msgspec.MsgspecError as error:
            _log.warning("console_row_unreadable", error=str(error)[:500])
    return found


class Reader:
    """Reads with one URL of ``agents.clickhouse``. Say ``close`` when done."""

    def __init__(self, url: str) -> None:
        self._url, self._local = url, threading.local()
        self._executor = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="console")
        self._clients: list[Client] = []

    async def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """Rows by column name. ``parameters`` are bound by ClickHouse, never pasted.

        Raises:
            Unavailable: no answer, a refusal, or none in time.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await loop.run_in_executor(self._executor, self._ask, sql, dict(parameters or {}))
        except (Error, OSError) as error:  # TimeoutError is an OSError
            _log.warning("console_query_failed", error=str(error)[:500])
            raise Unavailable(str(error)) from error

    async def section(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[Row] | None:
        """The same for a part that a page can do without: None where it is not to be had."""
        try:
            return await self.rows(sql, parameters)
        except Unavailable:
            return None

    def _ask(self, sql: str, parameters: dict[str, Any]) -> list[Row]:
        client: Client | None = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = connect_reader(self._url)
            self._clients.append(client)
        answer = client.query(sql, parameters=parameters)
        return [dict(zip(answer.column_names, row, strict=True)) for row in answer.result_rows]

    def close(self) -> None:
        """Close the connections; what is being asked is waited for no longer."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        for client in self._clients:
            client.close()
