"""Inserting lines into ClickHouse until they are stored: waits out an outage, singles out the lines it refuses."""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from hashlib import blake2b
from typing import NamedTuple

import structlog
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, Error, ProgrammingError

FIRST_DELAY = 0.2  # seconds
LONGEST_DELAY = 30.0  # seconds
MAX_DETAIL = 1_000  # characters of ClickHouse's message that are kept

# Codes that say "this row", with ClickHouse's names. Any other (no such table, no memory, read-only, too many parts, no
# network) says "not now": it is waited out, for no row is to blame and none may be lost.
DATA_CODES = frozenset({
    6,    # CANNOT_PARSE_TEXT
    25,   # CANNOT_PARSE_ESCAPE_SEQUENCE
    26,   # CANNOT_PARSE_QUOTED_STRING
    27,   # CANNOT_PARSE_INPUT_ASSERTION_FAILED
    38,   # CANNOT_PARSE_DATE
    41,   # CANNOT_PARSE_DATETIME
    53,   # TYPE_MISMATCH
    69,   # ARGUMENT_OUT_OF_BOUND
    70,   # CANNOT_CONVERT_TYPE
    72,   # CANNOT_PARSE_NUMBER
    117,  # INCORRECT_DATA
    130,  # CANNOT_READ_ARRAY_FROM_TEXT
    131,  # TOO_LARGE_STRING_SIZE
    321,  # VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
    349,  # CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
    376,  # CANNOT_PARSE_UUID
    407,  # DECIMAL_OVERFLOW
    467,  # CANNOT_PARSE_BOOL
    469,  # VIOLATED_CONSTRAINT
    632,  # UNEXPECTED_DATA_AFTER_PARSED_VALUE
    675,  # CANNOT_PARSE_IPV4
    676,  # CANNOT_PARSE_IPV6
    691,  # UNKNOWN_ELEMENT_OF_ENUM
})  # fmt: skip

_VARIABLE_PART = re.compile(r"\n|: \(in file/uri")
Insert = Callable[[str, bytes, str], None]
_log = structlog.get_logger(__name__)


class Refused(NamedTuple):
    """A line that ClickHouse will never take, and what it said."""

    line: bytes
    detail: str


def inserter(client: Client) -> Insert:
    """``insert(table, lines, token)`` through ``client``: blocking, for one thread at a time."""

    def insert(table: str, lines: bytes, token: str) -> None:
        settings = {"insert_deduplication_token": token}
        client.raw_insert(table, insert_block=lines, fmt="JSONEachRow", settings=settings)

    return insert


class Store:
    """Insert batches. A caller that waits for ``insert`` is slowed down by an outage instead of losing rows.

    ``on_retry`` hears the table of every attempt that failed and will be repeated.
    """

    def __init__(
        self,
        insert: Insert,
        executor: Executor,
        *,
        on_retry: Callable[[str], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._insert = insert
        self._executor = executor
        self._on_retry = on_retry
        self._sleep = sleep

    async def insert(self, table: str, lines: Sequence[bytes], token: str) -> list[Refused]:
        """Store ``lines``, each a JSON object; returns once all are stored but those returned.

        ``token`` says where the lines come from. An insert of the same lines under the same token counts once.

        Raises:
            ProgrammingError: the client was closed or misused; no waiting would help.
        """
        if not lines:
            return []
        body = b"\n".join(lines)
        # ClickHouse silently drops other rows under a token it knows, and a topic made anew counts from zero again.
        error = await self._until_answered(table, body, f"{token}:{blake2b(body, digest_size=16).hexdigest()}")
        if error is None:
            return []
        if len(lines) == 1:
            return [Refused(lines[0], _detail(error))]
        middle = len(lines) // 2
        return [*await self.insert(table, lines[:middle], token), *await self.insert(table, lines[middle:], token)]

    async def _until_answered(self, table: str, body: bytes, token: str) -> Error | None:
        """Insert until ClickHouse has taken the body (None) or refuses its contents."""
        loop = asyncio.get_running_loop()
        attempt = 0
        while True:
            try:
                return await loop.run_in_executor(self._executor, self._insert, table, body, token)
            except ProgrammingError:
                raise
            except DatabaseError as error:
                if error.code in DATA_CODES:
                    return error
                failure: Exception = error
            except OSError as error:
                failure = error
            delay = _delay(attempt)
            attempt += 1
            _log.warning("insert_retried", table=table, attempt=attempt, seconds=delay, error=str(failure)[:MAX_DETAIL])
            self._on_retry(table)
            await self._sleep(delay)


def _detail(error: Error) -> str:
    """What ClickHouse said, the same each time: without the stack and the embedded engine's temporary file."""
    return _VARIABLE_PART.split(str(error), maxsplit=1)[0][:MAX_DETAIL]


def _delay(attempt: int) -> float:
    """Seconds to wait: exponential, capped, and random between half and all of it so that workers spread out."""
    longest = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(attempt, 16))
    return longest * (0.5 + random.random() / 2)  # noqa: S311  # spreads load, guards nothing
