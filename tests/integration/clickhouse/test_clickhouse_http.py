"""Another process reads the embedded engine over HTTP, with ClickHouse's own client, and can do nothing but read."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import clickhouse_connect
import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error

from agents import clickhouse_http
from agents.clickhouse import connect

pytestmark = pytest.mark.embedded
READONLY = "164"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    client = connect(f"chdb://{tmp_path_factory.mktemp('engine')}?database=http")
    client.command("CREATE DATABASE http", use_database=False)
    client.command("CREATE TABLE posts (n UInt64, text String, at DateTime64(3, 'UTC')) ENGINE = MergeTree ORDER BY n")
    client.command(
        "INSERT INTO posts SELECT number, concat('漏水 ', toString(number)), 1790000000.5 FROM numbers(1000)"
    )
    yield client
    client.close()


@pytest.fixture
async def server(engine: Client) -> AsyncIterator[TestServer]:
    with ThreadPoolExecutor(1) as executor:
        async with TestServer(clickhouse_http.application(engine, executor)) as server:
            yield server


Ask = Callable[..., Any]


@pytest.fixture
def ask(server: TestServer) -> Ask:
    """Status, exception code and body of one query."""

    async def ask(sql: str, **options: str) -> tuple[int, str | None, str]:
        async with ClientSession() as session, session.post(server.make_url("/"), data=sql, params=options) as reply:
            return reply.status, reply.headers.get("X-ClickHouse-Exception-Code"), await reply.text()

    return ask


async def test_the_client_of_clickhouse_reads_rows_with_parameters(server: TestServer) -> None:
    def read() -> list[Any]:
        with clickhouse_connect.get_client(host=server.host, port=server.port, database="http") as client:
            found = client.query(
                "SELECT n, text FROM posts WHERE n IN {wanted:Array(UInt64)} AND text != {other:String} ORDER BY n",
                parameters={"wanted": [1, 2, 3], "other": "it's; \\ 漏水\n\t"},
            )
            return [*found.result_rows, client.command("SELECT count() FROM posts"), client.ping()]

    assert await asyncio.to_thread(read) == [(1, "漏水 1"), (2, "漏水 2"), (3, "漏水 3"), 1000, True]


async def test_the_client_of_clickhouse_hears_of_errors_by_their_code(server: TestServer) -> None:
    def fail() -> int | None:
        client = clickhouse_connect.get_client(host=server.host, port=server.port, database="http")
        with client, pytest.raises(Error) as failure:
            client.query("SELECT nope FROM posts")
        return failure.value.code

    assert await asyncio.to_thread(fail) == 47


@pytest.mark.parametrize(
    ("sql", "options", "body"),
    [
        ("SELECT 1", {}, "1\n"),
        ("SELECT 1 AS x FORMAT JSONEachRow", {}, '{"x":1}\n'),
        ("SELECT 1 AS x", {"default_format": "JSONEachRow"}, '{"x":1}\n'),
        ("SELECT 1 AS x FORMAT CSV", {"default_format": "JSONEachRow"}, "1\n"),
        ("SELECT {x:String}", {"param_x": "it's"}, "it\\'s\n"),
        ("SELECT timezone(), at FROM posts LIMIT 1", {}, "UTC\t2026-09-21 14:13:20.500\n"),
        ("", {}, "Ok.\n"),
        ("EXISTS posts", {}, "1\n"),
        ("SELECT 1 WHERE 0", {}, ""),
    ],
)
async def test_a_query_is_answered_in_the_format_asked_for(
    ask: Ask, sql: str, options: dict[str, str], body: str
) -> None:
    assert await ask(sql, **options) == (200, None, body)


async def test_a_query_in_the_url_is_answered_too(server: TestServer) -> None:
    async with ClientSession() as session:
        async with session.get(server.make_url("/"), params={"query": "SELECT 1 AS x FORMAT JSON"}) as reply:
            kind, document = reply.content_type, json.loads(await reply.text())
        async with session.get(server.make_url("/ping")) as pong:
            text = await pong.text()

    assert (kind, document["data"], text) == ("application/json", [{"x": 1}], "Ok.\n")


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO posts VALUES (1, '', 0)",
        "DROP TABLE posts",
        "CREATE TABLE t (n UInt8) ENGINE = Memory",
        "ALTER TABLE posts DELETE WHERE 1",
        "SELECT 1; DROP TABLE posts",
        "WITH 1 AS x INSERT INTO posts SELECT x, '', 0",
        "SET readonly = 0",
        "SELECT 1 SETTINGS readonly = 0",
        "SELECT 1 SETTINGS max_execution_time = 0",
        "USE system",
        "SYSTEM FLUSH LOGS",
        "SELECT file('/etc/passwd')",
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "DESCRIBE TABLE file('/etc/passwd')",
        "DESCRIBE TABLE url('http://127.0.0.1:1/')",
        "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
        "SELECT * FROM s3('http://127.0.0.1:1/b/x')",
        "SELECT * FROM remote('127.0.0.1:1', system.one)",
        "SELECT * FROM python('x')",
        "SELECT * FROM executable('cat', 'TSV', 'a String')",
        "SELECT * FROM default.`/etc/passwd`",
        "SELECT aiGenerate('x')",
    ],
)
async def test_whatever_does_more_than_read_the_tables_is_refused(ask: Ask, engine: Client, sql: str) -> None:
    status, code, _ = await ask(sql)

    assert (status, code) == (400, READONLY)
    assert engine.command("SELECT count() FROM http.posts") == 1000


async def test_no_file_is_written(ask: Ask, tmp_path: Path) -> None:
    target = tmp_path / "out"
    status, code, _ = await ask(f"SELECT 1 INTO OUTFILE '{target}'")

    assert (status, code, target.exists()) == (400, READONLY, False)


async def test_a_setting_in_the_url_is_refused(ask: Ask) -> None:
    assert (await ask("SELECT 1", max_execution_time="0"))[:2] == (400, READONLY)


async def test_another_database_is_named_as_unknown(ask: Ask) -> None:
    assert (await ask("SELECT 1", database="system"))[:2] == (400, "81")


async def test_a_format_that_is_a_python_object_is_unknown(ask: Ask) -> None:
    assert (await ask("SELECT 1", default_format="DataFrame"))[:2] == (400, "73")


async def test_an_answer_too_large_is_an_error_and_does_not_spill_into_the_next(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(clickhouse_http._LIMITS, "max_result_bytes", 1_000_000)
    await ask("SELECT nope")  # reopens the handle, with the lower limit

    assert (await ask("SELECT number FROM numbers(100000000)"))[:2] == (400, "396")
    assert await ask("SELECT 2") == (200, None, "2\n")


async def test_a_query_that_takes_too_long_is_ended(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(clickhouse_http._LIMITS, "max_execution_time", 1)
    await ask("SELECT nope")  # reopens the handle, with the lower limit

    assert (await ask("SELECT count() FROM numbers(1000000000000)"))[:2] == (400, "159")


async def test_a_compressed_body_of_the_native_protocol_is_refused(server: TestServer) -> None:
    async with ClientSession() as session, session.post(server.make_url("/"), data=b"\x82\xff\x00") as reply:
        assert reply.headers["X-ClickHouse-Exception-Code"] == "48"


def test_a_server_is_not_served_again(engine: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "uri", "http://127.0.0.1:8123")

    with pytest.raises(ValueError, match="embedded"), ThreadPoolExecutor(1) as executor:
        clickhouse_http.application(engine, executor)
