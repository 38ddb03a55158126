"""A real Prometheus of one's own, as the Debian package installs it, in which a minute of a rule is a second."""

import json
import os
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pytest

from agents.embedded import free_address

PATIENCE_S = 30.0
_MINUTES = re.compile(r"\b(\d+)m\b")
CONFIGURATION = """
global: {{scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 200ms}}
rule_files: [{rules}]
scrape_configs:
  - job_name: tocsin
    static_configs: [{{targets: ["{worker}"]}}]
alerting:
  alertmanagers:
    - static_configs: [{{targets: ["{alertmanager}"]}}]
"""


def program(name: str) -> str:
    """Where it is. Where it is not installed: a skip, and a failure if CI=true."""
    found = shutil.which(name)
    if found is None:
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse(f"{name} is not installed. On Debian and Ubuntu: apt install prometheus")
    return str(found)


class PrometheusServer:
    """One process that scrapes ``worker`` and tells ``alertmanager``; ends with the context."""

    def __init__(self, folder: Path, rules: str, worker: str, alertmanager: str) -> None:
        self.address, self._log = free_address(), folder / "prometheus.log"
        hurried, configuration = folder / "rules.yaml", folder / "prometheus.yaml"
        hurried.write_text(_MINUTES.sub(r"\1s", rules), encoding="utf-8")
        configuration.write_text(
            CONFIGURATION.format(rules=hurried, worker=worker, alertmanager=alertmanager), encoding="utf-8"
        )
        self._command = [
            program("prometheus"), f"--config.file={configuration}", f"--storage.tsdb.path={folder / 'prometheus'}",
            f"--web.listen-address={self.address}", "--rules.alert.resend-delay=1s",
        ]  # fmt: skip

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        self.wait(lambda: self.ask("vector(1)") != [], "it does not answer")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE_S)

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """The samples of an instant query; an expression that it refuses is an error with its words."""
        query = urllib.parse.urlencode({"query": expression})
        try:
            with urllib.request.urlopen(f"http://{self.address}/api/v1/query?{query}", timeout=PATIENCE_S) as reply:
                found: list[dict[str, Any]] = json.load(reply)["data"]["result"]
        except urllib.error.HTTPError as error:
            if error.code == 503:  # it is starting
                return []
            raise ValueError(f"{expression}: {error.read().decode()}") from error
        except (urllib.error.URLError, ConnectionError):
            return []
        return found

    def wait(self, holds: Callable[[], bool], complaint: str, seconds: float = PATIENCE_S) -> None:
        """Wait until something holds; fails with the ``complaint`` and the log."""
        end = time.monotonic() + seconds
        while not holds():
            assert self._process.poll() is None, self._log.read_text(encoding="utf-8")
            assert time.monotonic() < end, f"{complaint}\n{self._log.read_text(encoding='utf-8')[-3000:]}"
            time.sleep(0.05)
