"""What a worker's metrics and memory were, second by second, and for how long an alerting rule's condition held."""

import operator
import re
import threading
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple, Self

from tests.integration.stack import Stack

_AND = re.compile(r"\s+and(?:\s+on\s*\([^)]*\))?\s+")  # a stack has one worker: what it would match on is equal
_CLAUSE = re.compile(r"(\S+) (==|>) ([\d.]+)")
_COMPARE = {"==": operator.eq, ">": operator.gt}


class Sign(NamedTuple):
    """One look: monotonic time, resident bytes, and all samples of the metrics."""

    at: float
    resident: int
    samples: dict[str, float]

    def holds(self, condition: str) -> bool:
        """Whether a condition in Prometheus' language holds: comparisons of one sample with a number, and-ed."""
        for clause in _AND.split(condition.strip()):
            sample, compare, number = _CLAUSE.fullmatch(clause).groups()
            if sample not in self.samples or not _COMPARE[compare](self.samples[sample], float(number)):
                return False
        return True


class VitalSigns:
    """Looks at the worker of a stack once a second, within a ``with``."""

    def __init__(self, stack: Stack) -> None:
        self.signs: list[Sign] = []
        self._stack, self._end = stack, threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(1):
            with urllib.request.urlopen(f"http://{self._stack.http}/metrics", timeout=20) as reply:
                lines = [line.rpartition(" ") for line in reply.read().decode().splitlines() if line[0] != "#"]
            samples = {sample: float(value) for sample, _, value in lines}
            status = Path(f"/proc/{self._stack.worker.pid}/status").read_text()
            resident = int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024
            self.signs.append(Sign(time.monotonic(), resident, samples))

    def held(self, condition: str) -> float:
        """The longest time in seconds for which a condition held without a break."""
        longest, since = 0.0, None
        for sign in self.signs:
            since = None if not sign.holds(condition) else since or sign.at
            longest = max(longest, sign.at - since if since else 0.0)
        return longest
