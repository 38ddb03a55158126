"""The console of ``tocsin demo --keep``: a process beside the worker, on a free port of this machine."""

import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from urllib.error import URLError

from agents.embedded import Embedded, NotReady, free_address

READY_S = 60.0
STOP_S = 10.0


@contextlib.contextmanager
def running(embedded: Embedded) -> Iterator[str]:
    """Serve the console over what ``embedded`` stores; the address of its incidents. It ends with the context.

    Raises:
        NotReady: it ended or was not ready within a minute.
    """
    address = free_address()
    given = {
        "KAFKA": embedded.bootstrap, "EMBEDDED_BROKER": "true", "HTTP": embedded.http, "CONSOLE_LISTEN": address,
        "CONSOLE_CLICKHOUSE": f"http://{embedded.clickhouse}/tocsin",
    }  # fmt: skip
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")}
    environment |= {f"TOCSIN_{key}": value for key, value in given.items()}
    path = embedded.folder / "console.log"
    with path.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(  # our own
            [sys.executable, "-m", "agents", "console"], env=environment, stdout=log, stderr=log
        )
    try:
        _wait_ready(process, address, str(path))
        yield f"http://{address}/incidents"
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_ready(process: "subprocess.Popen[bytes]", address: str, log: str) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(f"http://{address}/healthz", timeout=2).close()  # our own loopback
            return
        time.sleep(0.1)
    raise NotReady(f"the console is not ready; its log is {log}")
