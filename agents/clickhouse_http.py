"""ClickHouse's HTTP protocol, for reading only, over the engine embedded in this process: dashboards connect here."""

import asyncio
import re
from collections.abc import Mapping
from concurrent.futures import Executor
from typing import NamedTuple
from uuid import uuid4

import chdb
from aiohttp import web
from clickhouse_connect.driver.binding import quote_identifier
from clickhouse_connect.driver.client import Client

from agents.read_only_sql import Banned, NotReading, check

MAX_SECONDS = 10  # a query
MAX_RESULT_BYTES = 64 << 20
MAX_QUERY_BYTES = 1 << 20
MAX_MEMORY_BYTES = 2 << 30

READONLY, UNKNOWN_DATABASE, UNKNOWN_FORMAT, NOT_IMPLEMENTED, UNKNOWN_EXCEPTION = 164, 81, 73, 48, 1002
_CODE = re.compile(r"Code: (\d+)")
_LIMITS = {
    "max_execution_time": MAX_SECONDS,
    "max_result_bytes": MAX_RESULT_BYTES,
    "result_overflow_mode": "throw",
    "max_memory_usage": MAX_MEMORY_BYTES,
    "session_timezone": "UTC",
    "readonly": 1,  # the last: after it nothing can be set, not even back
}
# Read-only, the engine still reads files by file(), writes them by INTO OUTFILE and fetches URLs by DESCRIBE url().
_FORMATS = "SELECT name FROM system.formats WHERE is_output"
_BANNED_CALLS = "SELECT lower(name) FROM system.table_functions WHERE NOT allow_readonly AND name != 'format'"
_BANNED_WORDS = (
    "SELECT lower(name) FROM system.functions WHERE name ILIKE 'ai%' OR name IN ('file', 'catboostEvaluate')"
)
# What the protocol itself carries in the URL; anything else there is a setting.
_PROTOCOL = frozenset({
    "query", "database", "default_format", "user", "password", "query_id", "session_id", "session_timeout",
    "session_check", "wait_end_of_query", "buffer_size", "send_progress_in_http_headers",
    "http_headers_progress_interval_ms", "enable_http_compression", "client_protocol_version",
    "cancel_http_readonly_queries_on_client_close", "role",
})  # fmt: skip


class _Failed(Exception):  # noqa: N818  # named as what happened to the query
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class _Answer(NamedTuple):
    body: bytes
    format: str


class _Reader:
    """A read-only handle on the engine of this process; every method blocks and belongs in one thread."""

    def __init__(self, path: str, database: str) -> None:
        self._path, self.database = path, database
        self._open()
        self._formats = {name.lower(): name for name in self._names(_FORMATS)}
        self._banned = Banned(
            words=frozenset({"outfile", *self._names(_BANNED_WORDS)}), calls=frozenset(self._names(_BANNED_CALLS))
        )

    def _open(self) -> None:
        self._handle = chdb.connect(self._path)  # type: ignore[no-untyped-call]  # chdb has no types
        self._handle.query(f"USE {quote_identifier(self.database)}")
        for name, value in _LIMITS.items():
            self._handle.query(f"SET {name} = '{value}'")

    def _names(self, sql: str) -> list[str]:
        return str(self._handle.query(sql, "TabSeparated").bytes().decode()).split()

    def close(self) -> None:
        self._handle.close()

    def query(self, sql: str, default_format: str, parameters: Mapping[str, str]) -> _Answer:
        try:
            asked = check(sql, self._banned) or default_format
        except NotReading as refusal:
            raise _Failed(READONLY, str(refusal)) from None
        chosen = self._formats.get(asked.lower())  # chdb has formats of its own, which are Python objects
        if chosen is None:
            raise _Failed(UNKNOWN_FORMAT, f"Unknown format {asked}")
        try:
            body = self._handle.query(sql, chosen, params=dict(parameters)).bytes()
        except RuntimeError as error:
            self.close()  # the handle would put what the failed query had written before the next answer
            self._open()
            code = _CODE.search(str(error))
            raise _Failed(int(code[1]) if code else UNKNOWN_EXCEPTION, str(error)) from None
        return _Answer(body or b"", chosen)


def application(client: Client, executor: Executor) -> web.Application:
    """The endpoint over the engine that ``client`` (of ``agents.clickhouse.connect``) has open, for its database.

    It answers without credentials: the caller binds it to loopback. Queries run one after another on a handle of their
    own in ``executor``, which has one thread; not that of the inserts, or a slow dashboard delays them by up to
    ``MAX_SECONDS``.

    Raises:
        ValueError: the client is not an embedded one.
    """
    scheme, _, path = str(client.uri).partition("://")
    if scheme != "chdb":
        raise ValueError("a ClickHouse server answers HTTP itself; this endpoint is for the embedded engine")
    endpoint = _Endpoint(path, str(client.database), executor)
    app = web.Application(client_max_size=MAX_QUERY_BYTES)
    app.on_startup.append(endpoint.open)
    app.on_cleanup.append(endpoint.close)
    app.router.add_get("/ping", endpoint.ping)
    app.router.add_get("/", endpoint.answer)
    app.router.add_post("/", endpoint.answer)
    return app


class _Endpoint:
    def __init__(self, path: str, database: str, executor: Executor) -> None:
        self._path, self._database, self._executor = path, database, executor

    async def open(self, _app: web.Application) -> None:
        loop = asyncio.get_running_loop()
        self._reader = await loop.run_in_executor(self._executor, _Reader, self._path, self._database)

    async def close(self, _app: web.Application) -> None:
        await asyncio.get_running_loop().run_in_executor(self._executor, self._reader.close)

    async def ping(self, _request: web.Request) -> web.Response:
        return web.Response(text="Ok.\n")

    async def answer(self, request: web.Request) -> web.Response:
        identity = {"X-ClickHouse-Query-Id": request.query.get("query_id") or str(uuid4())}
        try:
            sql = await _statement(request)
            if not sql.strip():
                return web.Response(text="Ok.\n")  # as a server says to a bare request
            _check_options(request.query, self._database)
            default = request.headers.get("X-ClickHouse-Format") or request.query.get("default_format", "TabSeparated")
            parameters = {name[6:]: value for name, value in request.query.items() if name.startswith("param_")}
            loop = asyncio.get_running_loop()
            result = await loop.run_in_executor(self._executor, self._reader.query, sql, default, parameters)
        except _Failed as failure:
            identity["X-ClickHouse-Exception-Code"] = str(failure.code)
            return web.Response(status=400, text=f"{failure}\n", headers=identity)
        return web.Response(body=result.body, headers={**identity, **_described(result.format)})


async def _statement(request: web.Request) -> str:
    """The query of the URL followed by the body, as the protocol has it."""
    try:
        body = (await request.read()).decode()
    except UnicodeDecodeError:
        raise _Failed(NOT_IMPLEMENTED, "the body is not UTF-8 text; compressed ones are not read here") from None
    return "\n".join(part for part in (request.query.get("query", ""), body) if part)


def _check_options(options: Mapping[str, str], database: str) -> None:
    asked = options.get("database", "")
    if asked not in {"", "default", database}:
        raise _Failed(UNKNOWN_DATABASE, f"this endpoint serves the database {database}")
    for name in options:
        if name not in _PROTOCOL and not name.startswith("param_"):
            raise _Failed(READONLY, f"Cannot modify '{name}' setting in readonly mode")


def _described(chosen: str) -> dict[str, str]:
    return {
        "Content-Type": "application/json; charset=UTF-8" if chosen.startswith("JSON") else "text/plain; charset=UTF-8",
        "X-Content-Type-Options": "nosniff",
        "X-ClickHouse-Format": chosen,
        "X-ClickHouse-Timezone": "UTC",
    }
