"""More workers of the same groups, beside the one with the store; and what any worker says about itself."""

import json
import re
import signal
import subprocess
import sys
import urllib.request

from agents.embedded import free_address
from tests.integration.stack import Stack

FAILED = 70


def metric(address: str, sample: str) -> float:
    """The value of one sample of a worker's metrics, for example ``tocsin_partitions{stage="listen"}``; 0 if absent."""
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=2) as reply:
        found = re.findall(rf"^{re.escape(sample)} (\S+)$", reply.read().decode(), re.MULTILINE)
    return float(found[0]) if found else 0.0


def gave_up(stack: Stack) -> str:
    """Wait for the worker of a stack to end itself; the reason it gives."""
    status = stack.worker.wait(90)
    last = json.loads(stack.log.read_text().splitlines()[-1])

    assert (status, last["event"]) == (FAILED, "worker_gives_up")
    return last["reason"]


class Member:
    """A worker of listen and watch on the groups of a stack; it may be started again and again."""

    def __init__(self, stack: Stack, name: str) -> None:
        self.stack, self.address = stack, free_address()
        self.log = stack.folder / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        """Start it; do not wait."""
        changes = {"TOCSIN_STAGES": "listen,watch", "TOCSIN_HTTP": self.address, "TOCSIN_CLICKHOUSE_HTTP": ""}
        command = [sys.executable, "-m", "agents", "worker"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=self.stack.environment | changes, stdout=log, stderr=log)

    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def end(self, number: signal.Signals) -> int:
        """Send it its last signal; the exit status."""
        self.send(number)
        assert self.process is not None
        return self.process.wait(40)

    def owned(self) -> int:
        """Posts partitions it owns, by its own metrics."""
        return int(metric(self.address, 'tocsin_partitions{stage="listen"}'))
