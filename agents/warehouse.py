"""The worker's ClickHouse: connected and migrated once it answers, so that a dead store never stops detection."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

from agents.clickhouse import connect
from agents.migrations import migrate
from agents.store import inserter

_log = structlog.get_logger(__name__)


class Warehouse:
    """A client that is opened when it is first needed. ``open``, ``insert`` and ``close`` run in ``executor``'s thread.

    ``on_open`` is called when it answers for the first time. Until then
    ``insert`` raises what the driver raises, which ``agents.store`` waits out.
    """

    def __init__(self, url: str, on_open: Callable[[], None]) -> None:
        self.executor = ThreadPoolExecutor(1, thread_name_prefix="clickhouse")
        self._url, self._on_open = url, on_open
        self._client: Client | None = None

    @property
    def is_open(self) -> bool:
        """Whether it has answered, and its tables are current."""
        return self._client is not None

    def open(self) -> Client:
        """The client, its tables current."""
        if self._client is None:
            client = connect(self._url)
            for done in migrate(client):
                _log.info("migrated", what=done)
            self._client = client
            self._on_open()
        return self._client

    def insert(self, table: str, lines: bytes, token: str) -> None:
        """One insert, see ``agents.store.inserter``."""
        try:
            client = self.open()
        except DatabaseError as error:
            if error.code is None:
                raise
            raise OperationalError(str(error)) from error  # without its code, for no row is to blame for a migration
        inserter(client)(table, lines, token)

    def close(self) -> None:
        """Close the client, if there is one."""
        if self._client is not None:
            self._client.close()
