"""Workers of workload W that are driven from outside: started, waited for, let go together, heard in the end."""

import subprocess
from collections.abc import Sequence

from tests.bench.peers.fold import Task
from tests.bench.workload.subjects import Result, Subject, Wrong, command, environment, parsed

READY = "ready"
SLOWEST_S = 120.0


class Driven:
    """One process that says when it is ready."""

    def __init__(self, subject: Subject, task: Task) -> None:
        self.name = subject.name
        self._process = subprocess.Popen(
            command(subject, task), env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def wait(self) -> None:
        """Until it is ready.

        Raises:
            Wrong: it ended before.
        """
        for line in self._process.stdout:
            if line.strip() == READY:
                return
        raise Wrong(f"{self.name}: it ended with status {self._process.wait()} before it was ready")

    def go(self) -> None:
        """Let it begin."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """End it without a word, as ``kill -9`` does."""
        self._process.kill()
        self._process.communicate()

    def end(self) -> str:
        """Close its input; what it said at last."""
        try:
            return self._process.communicate(timeout=SLOWEST_S)[0]
        except subprocess.TimeoutExpired as late:
            self._process.kill()
            raise Wrong(f"{self.name}: not done after {SLOWEST_S:.0f} s") from late


def together(subject: Subject, task: Task, workers: int) -> list[Result]:
    """So many processes share a task; all are ready before the first begins.

    Raises:
        Wrong: one of them failed.
    """
    running = [Driven(subject, task) for _ in range(workers)]
    for one in running:
        one.wait()
    for one in running:
        one.go()
    outputs = [one.end() for one in running]
    try:
        return [parsed(output) for output in outputs]
    except (ValueError, IndexError, TypeError) as error:
        raise Wrong(f"{subject.name}: {outputs!r}"[:2_000]) from error


def seconds(results: Sequence[Result]) -> float:
    """From the first record of any to the last of all."""
    return max(one.ended for one in results) - min(one.began for one in results if one.began)
