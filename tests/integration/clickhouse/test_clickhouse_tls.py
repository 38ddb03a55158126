"""ClickHouse over TLS: both sides show a certificate, and who cannot prove to be the server is told no password."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import trustme
from aiohttp.test_utils import TestServer
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error

from agents import clickhouse_http
from agents.clickhouse import connect_reader
from tests.fakes.command_line import CANARY

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of a server at 127.0.0.1 and of a client, their authority, and another one."""
    made, authority = tmp_path_factory.mktemp("certificates"), trustme.CA()
    for name, identity in (("server", "127.0.0.1"), ("client", "worker.example.com")):
        issued = authority.issue_cert(identity)
        issued.private_key_pem.write_to_path(made / f"{name}.key")
        issued.cert_chain_pems[0].write_to_path(made / f"{name}.pem")
    authority.cert_pem.write_to_path(made / "ca.pem")
    trustme.CA().cert_pem.write_to_path(made / "other.pem")
    return made


@pytest.fixture
async def port(engine: Client, folder: Path) -> AsyncIterator[int]:
    """A server that asks clients for their certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(folder / "ca.pem"))
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    context.verify_mode = ssl.CERT_REQUIRED
    with ThreadPoolExecutor(1) as executor:
        server = TestServer(clickhouse_http.application(engine, executor), host="127.0.0.1")
        await server.start_server(ssl=context)
        assert server.port is not None
        yield server.port
        await server.close()


def ask(url: str) -> object:
    client = connect_reader(url)
    try:
        return client.command("SELECT 6 * 7")
    finally:
        client.close()


def url(host: str, port: int, folder: Path, **files: str) -> str:
    options = "&".join(f"{name}={folder / file}" for name, file in files.items())
    return f"https://tocsin:{CANARY}@{host}:{port}/tests?{options}"


async def test_a_server_is_read_with_an_authority_and_a_certificate_of_ours(port: int, folder: Path) -> None:
    trusted = url("127.0.0.1", port, folder, ca_cert="ca.pem", client_cert="client.pem", client_cert_key="client.key")

    assert await asyncio.to_thread(ask, trusted) == 42


@pytest.mark.parametrize(
    ("host", "files"),
    [
        ("127.0.0.1", {"ca_cert": "other.pem", "client_cert": "client.pem", "client_cert_key": "client.key"}),
        ("localhost", {"ca_cert": "ca.pem", "client_cert": "client.pem", "client_cert_key": "client.key"}),
        ("127.0.0.1", {"ca_cert": "ca.pem"}),
    ],
    ids=["another authority", "another host", "no certificate of ours"],
)
async def test_who_is_not_proven_is_refused_and_hears_no_password(
    port: int, folder: Path, host: str, files: dict[str, str]
) -> None:
    with pytest.raises(Error) as refused:
        await asyncio.to_thread(ask, url(host, port, folder, **files))

    assert CANARY not in str(refused.value)
