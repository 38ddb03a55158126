"""A real Prometheus Alertmanager of one's own, as the Debian package installs it."""

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from agents.embedded import free_address

PROGRAMS = ("prometheus-alertmanager", "alertmanager")  # Debian's name, upstream's name
PATIENCE_S = 30.0
CONFIGURATION = """
route:
  receiver: responders
  group_by: [alertname, brand, incident]
  group_wait: 100ms
  group_interval: 200ms
receivers:
  - name: responders
    webhook_configs:
      - url: {url}
        send_resolved: true
"""


class AlertmanagerUnavailable(RuntimeError):  # noqa: N818  # a condition of the machine, named as what it is
    """The program is missing. The message says what to install."""


class AlertmanagerServer:
    """One process, which tells the webhook ``receiver`` of alerts; ends with the context."""

    def __init__(self, folder: Path, receiver: str) -> None:
        program = next(filter(None, map(shutil.which, PROGRAMS)), None)
        if program is None:
            raise AlertmanagerUnavailable(
                "a real Alertmanager is not installed. On Debian and Ubuntu: apt install prometheus-alertmanager"
            )
        self.address, self._log = free_address(), folder / "alertmanager.log"
        configuration = folder / "alertmanager.yaml"
        configuration.write_text(CONFIGURATION.format(url=receiver), encoding="utf-8")
        self._command = [
            program, f"--config.file={configuration}", f"--storage.path={folder / 'alertmanager'}",
            f"--web.listen-address={self.address}", "--cluster.listen-address=",
        ]  # fmt: skip

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        self.wait(self._ready, "it is not ready")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE_S)

    def alerts(self) -> list[dict[str, Any]]:
        """What burns, as the API tells it."""
        with urllib.request.urlopen(f"http://{self.address}/api/v2/alerts", timeout=PATIENCE_S) as reply:
            found: list[dict[str, Any]] = json.load(reply)
        return found

    def wait(self, holds: Callable[[], bool], complaint: str) -> None:
        """Wait until something holds; fails with the ``complaint`` and the log."""
        end = time.monotonic() + PATIENCE_S
        while not holds():
            assert self._process.poll() is None, self._log.read_text(encoding="utf-8")
            assert time.monotonic() < end, f"{complaint}\n{self._log.read_text(encoding='utf-8')}"
            time.sleep(0.02)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.address}/-/ready", timeout=PATIENCE_S):
                return True
        except (urllib.error.URLError, ConnectionError):
            return False
