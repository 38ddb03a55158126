"""A whole worker as its own process, and what the bench reads off it: progress, seconds of its stages, CPU, disk."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from agents.embedded import free_address

READY_S, STOP_S, LOOK_S = 90.0, 40.0, 0.1
QUIET = 3  # looks in a row without lag before everything counts as read
_TICKS = os.sysconf("SC_CLK_TCK")
_STAGE_SECONDS = re.compile(r'^tocsin_stage_seconds_total\{stage="(\w+)"\} (\S+)$', re.MULTILINE)


class Failed(RuntimeError):  # noqa: N818  # named as what it did
    """The worker ended or did not get on; the text ends with its log."""


class WorkerProcess:
    """``tocsin worker`` with these settings, without TOCSIN_; as a context it is ready inside and stopped after."""

    def __init__(self, bootstrap: str, folder: Path, settings: Mapping[str, str]) -> None:
        self._http, self._clickhouse, self._log = free_address(), free_address(), folder / "worker.log"
        given = {
            "KAFKA": bootstrap, "HTTP": self._http, "CLICKHOUSE_HTTP": self._clickhouse,
            "CLICKHOUSE": f"chdb://{folder / 'chdb'}?database=tocsin", **settings,
        }  # fmt: skip
        own = {key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "agents", "worker"], stdout=log, stderr=log,
                env=own | {f"TOCSIN_{key}": value for key, value in given.items()},
            )  # fmt: skip

    def __enter__(self) -> Self:
        try:
            self._wait(lambda: self._get("/readyz") != "", READY_S, "not ready")
        except Failed:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _get(self, path: str) -> str:
        try:
            with urllib.request.urlopen(f"http://{self._http}{path}", timeout=5) as reply:
                return reply.read().decode()
        except OSError:
            return ""

    def _wait(self, condition: Callable[[], bool], seconds: float, complaint: str) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._process.poll() is None:
            if condition():
                return
            time.sleep(LOOK_S)
        raise Failed(f"the worker is {complaint}:\n{self._log.read_text(errors='replace')[-3000:]}")

    def wait_read(self, reached: Mapping[str, int], seconds: float) -> None:
        """Until these stages have read so many records, and no stage has any left.

        Raises:
            Failed: it takes longer.
        """
        quiet = 0

        def done() -> bool:
            nonlocal quiet
            stages = json.loads(self._get("/healthz") or "{}").get("stages", {})
            read = stages and all(stages[name]["reached"] >= count for name, count in reached.items())
            quiet = quiet + 1 if read and not any(stage["lag"] for stage in stages.values()) else 0
            return quiet >= QUIET

        self._wait(done, seconds, f"not done with {dict(reached)}")

    def stage_seconds(self) -> dict[str, float]:
        """Seconds that each stage computed so far."""
        return {name: float(value) for name, value in _STAGE_SECONDS.findall(self._get("/metrics"))}

    def cpu(self) -> tuple[float, float]:
        """CPU seconds of the process so far, and of the embedded engine's threads, which have names of their own."""
        process = Path(f"/proc/{self._process.pid}")
        threads = [_spent(thread) for thread in (process / "task").iterdir()]
        return _spent(process)[1], sum(spent for name, spent in threads if not name.startswith("python"))

    def bytes_of_a_row(self, table: str) -> float:
        """Bytes on disk for one row of a table."""
        sql = (
            "SELECT sum(bytes_on_disk) / sum(rows) FROM system.parts "
            f"WHERE active AND database = 'tocsin' AND table = '{table}' FORMAT TSV"
        )
        address = f"http://{self._clickhouse}/?query={urllib.parse.quote(sql)}"
        with urllib.request.urlopen(address, timeout=10) as reply:
            return float(reply.read())


def _spent(folder: Path) -> tuple[str, float]:
    """Name and CPU seconds, which are the 12th and 13th field after the name in ``stat``."""
    text = (folder / "stat").read_text()
    fields = text[text.rindex(")") + 2 :].split()
    return text[text.index("(") + 1 : text.rindex(")")], (int(fields[11]) + int(fields[12])) / _TICKS
