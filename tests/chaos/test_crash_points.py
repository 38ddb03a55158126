"""A worker that dies at every durable boundary, one after the other, loses nothing and counts nothing twice."""

import json
import signal
from collections.abc import Iterator, Sequence
from random import Random

import pytest
from kafka import KafkaProducer

from agents.crash_points import KILLED, POINTS, armed
from pipeline.feed import Send
from tests.chaos import books, feeds
from tests.integration.stack import Stack

PAGING = ("page: before page", "page: after page")  # passed when the crisis has come
PATIENCE_S = 240  # until a worker dies where it is armed; most of it is starting on a busy machine
NTH = 3  # a point is armed for one of its first passages
ONCE = {"restoring", "restored", "draining", "checkpoint kept", "before dead letter", "after dead letter"}  # in a life
KEEPING = "watch: checkpoint kept:1"  # passed by the first checkpoint of a partition, and then once a day
SIGNALS, STORE_LETTERS = "social.signals.v1", "tocsin.store.v1.dlq"
NO_SIGNAL = b'{"no": "signal"}'


class Gauntlet:
    """Feeds a day in pieces; before each one a worker is started that is armed with the next crash point."""

    def __init__(self, stack: Stack, points: Sequence[str]) -> None:
        self.stack, self.died = stack, list[str]()
        self._points: Iterator[str] = iter(points)
        self._point = ""

    def arm(self) -> None:
        """Start a worker that is to die at the next point; one that is to live when no point is left."""
        self._point = next(self._points, "")
        if not self._point:
            self.stack.start()
            return
        before = self._started()
        self.stack.launch(crash_at=self._point)
        if "dead letter" in self._point:
            self._spoil()
        if "draining" in self._point:
            self.stack.wait(lambda: self._started() > before, 90, "the worker does not start")
            self.stack.worker.send_signal(signal.SIGTERM)

    def _started(self) -> int:
        """Workers that were started and say so; before that, one told to stop has nothing to drain."""
        return self.stack.log.read_text().count("worker_started") if self.stack.log.exists() else 0

    def _spoil(self) -> None:
        """Put something on a topic that the store stage cannot read."""
        producer = KafkaProducer(
            bootstrap_servers=[self.stack.bootstrap], enable_idempotence=False,
            **({"api_version": self.stack.api} if self.stack.api else {}),
        )  # fmt: skip
        producer.send(SIGNALS, NO_SIGNAL, partition=0)
        producer.close()

    def fall(self) -> None:
        """Wait for the worker to die where it is armed, and start the next one."""
        status = self.stack.worker.wait(PATIENCE_S)
        last = json.loads(self.stack.log.read_text().splitlines()[-1])
        wanted = armed(self._point)

        assert status == KILLED
        assert (last["event"], last["point"], last["nth"]) == ("crash_point", wanted.point, wanted.nth)
        self.died.append(self._point)
        self.arm()


def every_point(seed: int) -> list[str]:
    """All points of the stages that a feed of posts sets to work, in a random order, at one of their first passages.

    Pages come later; raw payloads and interactions are none of this feed.
    """
    rng = Random(seed)
    points = [(stage, point) for stage in ("listen", "watch", "store") for point in POINTS[stage]]
    rng.shuffle(points)
    armed_at = [f"{stage}: {point}:{1 if point in ONCE else rng.randint(1, NTH)}" for stage, point in points]
    return sorted(armed_at, key=lambda point: point != KEEPING)


def run(stack: Stack, httpserver, points: Sequence[str], seed: int) -> None:
    """Feed a day; the worker dies at ``points`` before the crisis and at the pages in it."""
    day = feeds.day_script()
    sends = feeds.a_day(seed, day)
    before = next(number for number, send in enumerate(sends) if send.at >= day.onset)
    at_pages = next(number for number, send in enumerate(sends) if send.at >= day.statement)
    falls = [before * (number + 1) // (len(points) + 1) for number in range(len(points))]
    falls += [at_pages, at_pages + 1]
    gauntlet, left = Gauntlet(stack, [*points, *PAGING]), iter(range(len(sends)))

    def fall_here(_send: Send) -> None:
        if next(left) in falls:
            gauntlet.fall()

    gauntlet.arm()
    stack.feed(sends, fall_here, max_lag=len(sends))
    books.check(stack, httpserver)
    rejected = f"SELECT offset FROM rejected FINAL WHERE topic = '{SIGNALS}'"
    spoilt = [offset for _, offset, value, _ in stack.topic(SIGNALS) if value == NO_SIGNAL]
    letters = sorted({int(dict(headers)["__connect.errors.offset"]) for *_, headers in stack.topic(STORE_LETTERS)})

    assert gauntlet.died == [*points, *PAGING]
    assert len(spoilt) == sum("dead letter" in point for point in points)
    assert letters == spoilt
    assert sorted(row[0] for row in stack.query(rejected)) == spoilt
    assert stack.stop() == 0


@pytest.mark.embedded
def test_a_worker_that_dies_at_a_boundary_of_each_stage_leaves_exact_books(embedded_stack, httpserver, pager) -> None:
    pager()
    points = ["listen: manifest acknowledged:2", "watch: batch folded", "store: after insert:2"]
    run(embedded_stack, httpserver, points, seed=1)


@pytest.mark.chaos
@pytest.mark.kafka
@pytest.mark.parametrize("seed", [1, 2])
def test_a_worker_that_dies_at_every_boundary_leaves_exact_books(stack, httpserver, pager, seed: int) -> None:
    pager()
    run(stack, httpserver, every_point(seed), seed)
