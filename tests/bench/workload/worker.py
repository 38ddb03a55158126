"""Workload W in a real worker: the two stages as Faust apps of their own, checkpointed each second.

``python -m tests.bench.workload.worker TASK once`` ends when everything was read and acknowledged; ``gated`` waits for
a line on standard input before it begins; ``alerts`` also rings for marked posts, and ends with standard input.
"""

import asyncio
import gc
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, NoReturn

from agents.composition import REWRITE_BYTES
from agents.crash_points import CrashPoints
from agents.faust_app import create_app
from agents.metrics import Metrics
from agents.part import Plan
from agents.runner import Runner
from agents.settings import Settings
from pipeline.stage import Input, Output, Stage
from tests.bench.peers.fold import Meter, Task, task
from tests.bench.workload.alarm import ALARM
from tests.bench.workload.stages import Scores, Windows

CHECKPOINT_S, LOOK_S = 1.0, 0.005
READY = "ready"


def give_up(reason: str) -> NoReturn:
    """End at once with a reason."""
    sys.stderr.write(f"{reason}\n")
    sys.stderr.flush()
    os._exit(70)


async def until(condition: Callable[[], bool]) -> None:
    """Wait; neither Faust nor the runner tells of what is waited for here."""
    while not condition():  # noqa: ASYNC110  # same
        await asyncio.sleep(LOOK_S)


class Ringing(Windows):
    """Windows, and an alert at once for every post that is marked."""

    def __init__(self, topic: str, partition: int) -> None:
        super().__init__(topic, partition)
        self._alerts = topic

    def apply(self, records: Sequence[Input]) -> list[Output]:
        """Count posts and ring."""
        alerts = [Output(self._alerts, 0, None, one.value) for one in records if ALARM in (one.value or b"")]
        super().apply(records)
        return alerts


class Work:
    """The worker: ``parts`` are the stages' names with what they read and where that ends."""

    def __init__(self, given: Task, mode: str) -> None:
        self.given, self.mode, self.meter, self.go = given, mode, Meter(), asyncio.Event()
        self.ends = {"windows": given.post_ends, "scores": given.interaction_ends}
        windows = Ringing if mode == "alerts" else Windows
        new: dict[str, Callable[[int], Stage]] = {
            "windows": lambda partition: self._metered(windows(given.windows, partition)),
            "scores": lambda partition: self._metered(Scores(partition)),
        }
        settings, metrics, fault = Settings(kafka=given.bootstrap, group=given.run), Metrics(), CrashPoints("")
        self.apps, self.runners = [], dict[str, Runner]()
        for name, topic, state in zip(new, (given.posts, given.interactions), given.states, strict=True):
            app = create_app(settings, name, metrics, give_up)
            plan = Plan(name, topic, state, new[name], checkpoint_s=CHECKPOINT_S, rewrite_bytes=REWRITE_BYTES)
            runner = self.runners[name] = Runner(app, given.bootstrap, plan, metrics, give_up, fault.of("listen"))
            app.agent(app.lane(topic), name=name)(self._gated(runner))
            self.apps.append(app)

    def _gated(self, runner: Runner) -> Any:  # noqa: ANN401  # a Faust agent
        async def run(stream: Any) -> AsyncIterator[None]:  # noqa: ANN401  # a Faust stream
            await self.go.wait()
            async for _ in runner.run(stream):
                yield

        return run

    def _metered(self, state: Stage) -> Stage:
        apply = state.apply

        def metered(records: Sequence[Input]) -> list[Output]:
            self.meter.start()
            return apply(records)

        state.apply = metered
        return state

    def finished(self) -> bool:
        """Everything owned was read, and what came of it is acknowledged."""
        return all(runner.settled for runner in self.runners.values()) and all(
            part.state.next >= self.ends[name][part.partition] and part.outbox.idle
            for name, runner in self.runners.items()
            for part in runner.parts.values()
        )

    async def run(self) -> None:
        """Start, work, report."""
        if self.mode == "once":
            self.go.set()
        await asyncio.gather(*(app.start() for app in self.apps))
        await until(lambda: all(runner.settled for runner in self.runners.values()))
        gc.collect()
        gc.freeze()
        tends = [asyncio.create_task(runner.tend()) for runner in self.runners.values()]
        sys.stdout.write(f"{READY}\n")
        sys.stdout.flush()
        if self.mode != "once":
            await asyncio.to_thread(sys.stdin.readline)
            self.go.set()
        await (self._until_told() if self.mode == "alerts" else self._until_read())
        del tends
        os._exit(0)

    async def _until_read(self) -> None:
        await until(self.finished)
        self.meter.pause()
        await asyncio.gather(*(runner.drain() for runner in self.runners.values()))
        states = [part.state for runner in self.runners.values() for part in runner.parts.values()]
        scores = [state for state in states if isinstance(state, Scores)]
        self.meter.report(
            sum(state.next for state in states), sum(one.authors for one in scores),
            sum(one.total(self.given.end_ms) for one in scores),
        )  # fmt: skip

    async def _until_told(self) -> None:
        """Let the loop's pauses be seen meanwhile; the first seconds are not steady yet."""
        stopped, pauses = asyncio.create_task(asyncio.to_thread(sys.stdin.read)), list[float]()
        while not stopped.done():
            before = time.monotonic()
            await asyncio.sleep(LOOK_S)
            pauses.append(time.monotonic() - before - LOOK_S)
        steady = pauses[len(pauses) // 4 :] or [0.0]
        sys.stdout.write(f"{json.dumps({'longest_pause_s': max(steady)})}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(Work(task(), sys.argv[2]).run())
