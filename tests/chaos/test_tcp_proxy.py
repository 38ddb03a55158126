"""What the faults of a slow network stand on: the proxy does to bytes what it says."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.chaos.tcp_proxy import HOST, TcpProxy

DELAY_S = 0.2
BYTES = 50_000


@pytest.fixture
def proxy() -> Iterator[TcpProxy]:
    """Before a server that sends everything back."""

    def echo() -> None:
        connection, _ = server.accept()
        with connection:
            while received := connection.recv(4096):
                connection.sendall(received)

    with socket.create_server((HOST, 0)) as server:
        thread = threading.Thread(target=echo)
        thread.start()
        with TcpProxy(server.getsockname()[1]) as made:
            yield made
        thread.join()


@pytest.fixture
def client(proxy: TcpProxy) -> Iterator[socket.socket]:
    """A connection through it."""
    with socket.create_connection((HOST, proxy.port), timeout=10) as connection:
        yield connection


def there_and_back(client: socket.socket, sent: bytes) -> float:
    """Seconds until all that was sent has come back as it was."""
    began = time.monotonic()
    client.sendall(sent)

    assert client.makefile("rb").read(len(sent)) == sent
    return time.monotonic() - began


def test_bytes_are_late_by_the_delay_of_each_direction(proxy, client) -> None:
    there_and_back(client, b"hello")
    proxy.delay_s = DELAY_S

    assert there_and_back(client, b"slow") >= 2 * DELAY_S


def test_no_more_bytes_pass_than_the_throttle_lets(proxy, client) -> None:
    proxy.bytes_per_s = 2 * BYTES
    there_and_back(client, b"x" * BYTES)

    assert there_and_back(client, b"y" * BYTES) >= 0.5


def test_nothing_passes_while_it_is_frozen_and_everything_afterwards(proxy, client) -> None:
    there_and_back(client, b"hello")
    proxy.freeze()
    client.settimeout(0.5)
    client.sendall(b"waiting")
    with pytest.raises(TimeoutError):
        client.recv(1)
    client.settimeout(10)
    proxy.thaw()

    assert client.makefile("rb").read(7) == b"waiting"


def test_an_end_is_handed_on(client) -> None:
    client.sendall(b"last words")
    client.shutdown(socket.SHUT_WR)

    assert client.makefile("rb").read() == b"last words"
