"""A network that is slow, or that stops without a word, between a worker and its broker."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agents import topic_admin
from deploy.kafka.broker import HOST, KafkaBroker, answers, free_ports
from tests.chaos import books, feeds
from tests.chaos.crew import Member, metric
from tests.chaos.tcp_proxy import TcpProxy
from tests.integration.stack import BRAND, POSTS, Stack

pytestmark = [pytest.mark.chaos, pytest.mark.kafka]
FOLDED = 'tocsin_records_total{stage="listen"}'
OWNED = 'tocsin_partitions{stage="listen"}'
RESTORES = 'tocsin_restore_seconds_count{stage="listen"}'
ROUND_TRIP_S, NARROW = 0.5, 400_000  # bytes per second
SLOW_S = FROZEN_S = 30  # five sessions
BUSY = 0.3  # of one core


@pytest.fixture
def proxy() -> Iterator[TcpProxy]:
    """Before the second port of ``kafka``: who comes by it is sent back to it."""
    with TcpProxy(free_ports(1)[0]) as made:
        yield made


@pytest.fixture
def kafka(request: pytest.FixtureRequest, proxy: TcpProxy) -> Iterator[KafkaBroker]:
    """A fresh real broker with all topics; who does not come through the proxy notices nothing of it."""
    request.getfixturevalue("real_kafka")  # says plainly what is missing
    with KafkaBroker(door=(proxy.target, proxy.port)) as broker:
        topic_admin.create([broker.start()], topic_admin.Counts(POSTS, BRAND, 1))
        yield broker


def start(stack: Stack, proxy: TcpProxy) -> None:
    """Start a worker that knows the broker through the proxy only."""
    stack.launch(kafka=f"{HOST}:{proxy.port}")
    stack.wait(stack.ready, 90, "the worker is not ready")


@dataclass(slots=True)
class Look:
    """What can be seen of a worker and its way to the broker at one time."""

    stack: Stack
    proxy: TcpProxy
    at: float = field(default_factory=time.monotonic)
    round_trip: float = 0.0  # seconds that a question to the broker takes; 0: no answer
    folded: float = 0.0
    cpu: float = 0.0  # seconds computed so far, in itself and for the kernel

    def __post_init__(self) -> None:
        asked = time.monotonic()
        if answers(self.proxy.port):
            self.round_trip = time.monotonic() - asked
        self.folded = metric(self.stack.http, FOLDED)
        fields = Path(f"/proc/{self.stack.worker.pid}/stat").read_text().rpartition(")")[2].split()
        self.cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def wait(self, seconds: float) -> "Look":
        """Look again when so much time has passed."""
        self.stack.wait(lambda: time.monotonic() > self.at + seconds, 2 * seconds, "the clock stands still")
        return Look(self.stack, self.proxy)


def test_a_broker_half_a_second_away_makes_the_worker_late_and_nothing_else(stack, proxy, httpserver, pager) -> None:
    pager()
    start(stack, proxy)
    sends = feeds.a_day(61, feeds.day_script())
    left, looks = iter(range(len(sends))), [Look(stack, proxy)]

    def slow_down() -> None:
        proxy.delay_s, proxy.bytes_per_s = ROUND_TRIP_S / 2, NARROW
        looks.append(Look(stack, proxy))

    def heal() -> None:
        looks.append(looks[-1].wait(SLOW_S))
        proxy.delay_s, proxy.bytes_per_s = 0.0, 0

    events = {len(sends) // 6: slow_down, 5 * len(sends) // 6: heal}
    stack.feed(sends, lambda _send: events.pop(next(left), lambda: None)())
    books.check(stack, httpserver)
    fast, slow, still_slow = looks

    assert 0 < fast.round_trip < ROUND_TRIP_S <= min(slow.round_trip, still_slow.round_trip)
    assert 0 < slow.folded < still_slow.folded < len(sends)
    assert stack.log.read_text().count("worker_started") == 1
    assert stack.stop() == 0


def test_a_network_frozen_for_longer_than_a_session_costs_neither_records_nor_cpu(
    stack, proxy, httpserver, pager
) -> None:
    """Another worker takes over meanwhile; what the frozen one had sent arrives when it is an old story."""
    pager()
    start(stack, proxy)
    sends = feeds.a_day(62, feeds.day_script())
    other, left, looks = Member(stack, "other"), iter(range(len(sends))), list[Look]()
    other.launch()
    stack.wait(lambda: other.owned() > 0, 60, "the other got no partition")
    restores = metric(stack.http, RESTORES)

    def freeze() -> None:
        looks.append(Look(stack, proxy))
        proxy.freeze()

    def thaw() -> None:
        stack.wait(lambda: other.owned() == POSTS, 60, "nobody took over")
        looks.append(looks[0].wait(FROZEN_S))
        proxy.thaw()

    events = {len(sends) // 3: freeze, 2 * len(sends) // 3: thaw}
    stack.feed(sends, lambda _send: events.pop(next(left), lambda: None)(), max_lag=len(sends))
    books.check(stack, httpserver)
    before, frozen = looks

    assert before.round_trip > 0
    assert frozen.round_trip == 0
    assert (frozen.cpu - before.cpu) / (frozen.at - before.at) < BUSY
    assert metric(stack.http, RESTORES) > restores
    assert other.end(signal.SIGTERM) == 0
    assert stack.log.read_text().count("worker_started") == 1
    assert stack.stop() == 0
