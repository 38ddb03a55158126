"""Connecting to ClickHouse: an embedded engine or a server, behind the same client with the same pinned settings."""

from os.path import realpath
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client

DATABASE = "tocsin"  # where the URL names none
CONNECT_SECONDS = 10
REPLY_SECONDS = 60
_TLS_OPTIONS = frozenset({"ca_cert", "client_cert", "client_cert_key"})
_PINNED = MappingProxyType({
    "async_insert": 0,  # an acknowledged insert is stored, and its token is honoured
    "insert_deduplicate": 1,
    "max_insert_threads": 1,  # block numbers are part of deduplication, so blocks are cut in order
    "max_partitions_per_insert_block": 0,  # a backfill spans years; refusing it would stall the topic
    "input_format_skip_unknown_fields": 1,  # a newer producer may be a field ahead of the migrations
    "input_format_null_as_default": 0,  # a null where none may be is an error (numbers take it as 0 all the same)
    "input_format_read_datetime_number_as_raw_value": 1,  # from 26.8 on, integers are seconds unless told; ours are ms
})  # fmt: skip


def connect(url: str) -> Client:
    """A client of ``chdb:///directory?database=name`` or ``http(s)://user:password@host:port/database``.

    The database need not exist yet: ``agents.migrations.migrate`` creates it. One thread at a time may use the client.
    An embedded directory belongs to one process. For https, ``ca_cert``, ``client_cert`` and ``client_cert_key`` may
    name files in the query part.

    Raises:
        ValueError: the URL is of neither kind; the message never repeats it, for it holds a password.
        clickhouse_connect.driver.exceptions.Error: nobody answers, or refuses.
    """
    client = _open(url)
    for name, value in _PINNED.items():
        if name in client.server_settings:  # an older server does not know the newer ones, and does not need them
            client.set_client_setting(name, value)
    return client


def connect_reader(url: str) -> Client:
    """A client of the same URLs that only asks: it sets nothing, so that read-only users and endpoints let it.

    Raises:
        ValueError: the URL is of neither kind, or names an embedded directory that is not there.
        clickhouse_connect.driver.exceptions.Error: nobody answers, or refuses.
    """
    directory = embedded_in(url)
    if directory and not directory.is_dir():
        raise ValueError("there is no embedded ClickHouse in the directory of its URL")
    return _open(url, compress=False)  # the worker's own endpoint does not know how


def _open(url: str, **more: Any) -> Client:  # noqa: ANN401  # the driver's options
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    if parts.scheme == "chdb" and parts.path:
        client = clickhouse_connect.get_client(interface="chdb", path=realpath(unquote(parts.path)))
        database = database_of(url)
    elif parts.scheme in {"http", "https"} and parts.hostname:
        client = clickhouse_connect.get_client(**_server(parts, options), **more)
        database = unquote(parts.path.strip("/")) or DATABASE
    else:
        raise ValueError("a ClickHouse URL is chdb:///directory or http(s)://user:password@host:port/database")
    client.database = database  # only now: connecting to a database that does not exist fails
    return client


def embedded_in(url: str) -> Path | None:
    """The directory of the embedded engine that the URL names; None for a server."""
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "chdb" and parts.path else None


def database_of(url: str) -> str:
    """The database that the URL of an embedded engine names."""
    return dict(parse_qsl(urlsplit(url).query)).get("database", DATABASE)


def _server(parts: SplitResult, options: dict[str, str]) -> dict[str, Any]:
    unknown = sorted(options.keys() - _TLS_OPTIONS)
    if unknown:
        raise ValueError(f"unknown options in the ClickHouse URL: {', '.join(unknown)}")
    return {
        "interface": parts.scheme,
        "host": parts.hostname,
        "port": parts.port or (8443 if parts.scheme == "https" else 8123),
        "username": unquote(parts.username or "default"),
        "password": unquote(parts.password or ""),
        "connect_timeout": CONNECT_SECONDS,
        "send_receive_timeout": REPLY_SECONDS,
        "autogenerate_session_id": False,  # sessions lock; nothing here needs one
        **options,
    }
