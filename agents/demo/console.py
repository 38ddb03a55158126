"""The console of ``tocsin demo --keep``: a process beside the worker, on a free port of this machine."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

from agents.embedded import Embedded, free_address, stop, wait_ready


@contextlib.contextmanager
def running(embedded: Embedded) -> Iterator[str]:
    """Serve the console over what ``embedded`` stores; the address of its incidents. It ends with the context.

    Raises:
        NotReady: it ended or was not ready within a minute.
    """
    address, path = free_address(), embedded.folder / "console.log"
    given = {
        "KAFKA": embedded.bootstrap, "EMBEDDED_BROKER": "true", "HTTP": embedded.http, "CONSOLE_LISTEN": address,
        "CONSOLE_CLICKHOUSE": f"http://{embedded.clickhouse}/tocsin",
    }  # fmt: skip
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")}
    environment |= {f"TOCSIN_{key}": value for key, value in given.items()}
    command = [sys.executable, "-m", "agents", "console"]
    with path.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, text=True)  # noqa: S603
    try:
        wait_ready(process, f"http://{address}/healthz", path)
        yield f"http://{address}/incidents"
    finally:
        stop(process)
