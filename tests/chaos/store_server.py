"""A ClickHouse server of its own for a stack: killed, started again, and told what to do to inserts."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.embedded import free_address
from tests.integration.stack import Stack

REPLY_S = 60  # it answers one request at a time, and may be told to be slow


class Warehouse:
    """The server ``clickhouse_server`` in a process of its own; the worker of the stack writes to it."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.folder, self.address = folder, free_address()
        stack.environment |= {
            "TOCSIN_CLICKHOUSE": f"http://default@{self.address}/tocsin", "TOCSIN_CLICKHOUSE_HTTP": "",
        }  # fmt: skip
        stack.clickhouse = self.address
        self._stack = stack
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        port = self.address.rpartition(":")[2]
        self.process = subprocess.Popen([sys.executable, "-m", "tests.chaos.clickhouse_server", self.folder, port])
        self._stack.wait(lambda: self.inserts() is not None, 60, "ClickHouse does not answer")

    def kill(self) -> None:
        """SIGKILL."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def fault(self, query: str) -> None:
        """Add a fault to the script, see ``insert_faults.Fault``."""
        self._ask("POST", f"?{query}")

    def heal(self) -> None:
        """End the script."""
        self._ask("DELETE")

    def inserts(self, fault: str | None = None) -> list[dict[str, Any]]:
        """All inserts since it was started, or those that met a fault: table, token, at, fault, status, code."""
        journal = json.loads(self._ask("GET"))
        return [insert for insert in journal if fault is None or insert["fault"] == fault]

    def _ask(self, method: str, query: str = "") -> bytes:
        request = urllib.request.Request(f"http://{self.address}/faults{query}", method=method)
        with urllib.request.urlopen(request, timeout=REPLY_S) as reply:
            return reply.read()


@pytest.fixture(name="warehouse")
def running_warehouse(stack: Stack, tmp_path: Path) -> Iterator[Warehouse]:
    """The stack's ClickHouse, running."""
    made = Warehouse(stack, tmp_path / "server")
    made.start()
    yield made
    made.kill()
