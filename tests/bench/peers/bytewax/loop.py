"""Workload W on Bytewax: ``windows`` by its event-time windows, ``state`` by a function over state; no recovery."""

import math
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import bytewax.operators as op
import bytewax.operators.windowing as wop
import orjson
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.testing import run_main
from fold import DECAY_MS, WINDOW_MS, Meter, decayed, score, task, written

EARLIEST = -2
GIVEN, METER = task(), Meter()
TOLD = {"events": 0}
WAIT = timedelta(seconds=10)  # its clock runs on between posts: without patience a pause makes them late
ALIGNED = datetime(2023, 1, 1, tzinfo=UTC)
SCORES: dict[str, tuple[float, int]] = {}  # the last that was told of each author, for the report


class Told(StatelessSinkPartition[tuple[str, tuple[float, int]]]):
    """Keeps the last score of each author."""

    def write_batch(self, items: list[tuple[str, tuple[float, int]]]) -> None:
        """Take a batch."""
        SCORES.update(items)


class Report(DynamicSink[tuple[str, tuple[float, int]]]):
    """A sink in this process."""

    def build(self, _step_id: str, _worker_index: int, _worker_count: int) -> Told:
        """The sink of the only worker."""
        return Told()


def source(topic: str) -> KafkaSource:
    """A topic from its beginning to its present end."""
    faster = {"queued.min.messages": "100000", "fetch.queue.backoff.ms": "1"}
    return KafkaSource(
        [GIVEN.bootstrap], [topic], tail=False, starting_offset=EARLIEST, batch_size=1_000, add_config=faster
    )


def post(message: Any) -> tuple[str, tuple[int, float]]:  # noqa: ANN401  # a KafkaSourceMessage
    """Brand -> time and score."""
    METER.start()
    TOLD["events"] += 1
    read = orjson.loads(message.value)
    return read["brand"], (read["ts"], score(read["text"]))


def interaction(message: Any) -> tuple[str, tuple[int, float]]:  # noqa: ANN401  # same
    """Author -> time and weight."""
    METER.start()
    TOLD["events"] += 1
    read = orjson.loads(message.value)
    return read["author"], (read["ts"], read["w"])


def fold(window: list[Any], value: tuple[int, float]) -> list[Any]:
    """One post into its window."""
    window[0] = value[0] // WINDOW_MS
    window[1] += 1
    window[2] += value[1]
    window[3] += value[1] < 0
    return window


def merge(one: list[Any], other: list[Any]) -> list[Any]:
    """Two halves of a window."""
    return [max(one[0], other[0]), *(a + b for a, b in zip(one[1:], other[1:], strict=True))]


def by_state(window: list[Any] | None, value: tuple[int, float]) -> tuple[list[Any], list[Any] | None]:
    """The same without the library's windows."""
    minute, closed = value[0] // WINDOW_MS, None
    if window is None or window[0] < minute:
        closed, window = window, [minute, 0, 0.0, 0]
    return fold(window, value), closed


def author(held: tuple[float, int] | None, value: tuple[int, float]) -> tuple[tuple[float, int], tuple[float, int]]:
    """One interaction into the score of its author."""
    at, weight = value
    now = (weight if held is None else held[0] * math.exp((held[1] - at) / DECAY_MS) + weight, at)
    return now, now


def windowed(posts: Any) -> Any:  # noqa: ANN401  # a keyed stream
    """Brand -> window, of closed windows."""
    if sys.argv[2] == "state":
        told = op.stateful_map("windows", posts, by_state)
        return op.filter("closed", told, lambda item: item[1] is not None)
    clock = wop.EventClock(
        ts_getter=lambda value: datetime.fromtimestamp(value[0] / 1000, UTC), wait_for_system_duration=WAIT
    )
    minutes = wop.TumblingWindower(length=timedelta(milliseconds=WINDOW_MS), align_to=ALIGNED)
    out = wop.fold_window("windows", posts, clock, minutes, lambda: [0, 0, 0.0, 0], fold, merge)
    return op.map("unnumbered", out.down, lambda item: (item[0], item[1][1]))


def main() -> None:
    """Run to the end of both topics."""
    flow = Dataflow("w")
    posts = op.map("post", op.input("posts", flow, source(GIVEN.posts)), post)
    closed = windowed(posts)
    messages = op.map("written", closed, lambda item: KafkaSinkMessage(None, written(item[0], *item[1])))
    op.output("out", messages, KafkaSink([GIVEN.bootstrap], GIVEN.windows))
    given = op.map("interaction", op.input("interactions", flow, source(GIVEN.interactions)), interaction)
    op.output("scores", op.stateful_map("authors", given, author), Report())
    run_main(flow)
    total = sum(decayed(value, since, GIVEN.end_ms) for value, since in SCORES.values())
    METER.report(TOLD["events"], len(SCORES), total)


if __name__ == "__main__":
    main()
