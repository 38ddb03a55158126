"""A cluster of three brokers that loses the one which coordinates a group, or two at once."""

import time

import pytest

from schemas.topics import WATCH_KEPT
from tests.chaos import books, feeds
from tests.chaos.crew import gave_up
from tests.chaos.kafka_cluster import SIZE
from tests.chaos.topic_settings import refusal
from tests.integration.stack import Stack

pytestmark = [pytest.mark.chaos, pytest.mark.kafka]
GROUP = "tocsin.listen"
AWAY_S = 10
UNREAD = WATCH_KEPT.name  # no stage reads it: a test may try to write there


def check(stack: Stack, httpserver, sends) -> None:
    """The books are exact, and every post that was acknowledged is on the log that they are compared with."""
    books.check(stack, httpserver)

    assert {send.value for send in sends} <= books.values(stack, books.POSTS_LOG)


def test_a_lost_coordinator_is_replaced_while_the_worker_works_on(cluster, cluster_stack, httpserver, pager) -> None:
    pager()
    stack = cluster_stack
    stack.start()
    sends = feeds.a_day(41, feeds.day_script())
    left, seen = iter(range(len(sends))), list[tuple[int, dict[tuple[str, int], int]]]()

    def look() -> int:
        seen.append((cluster.coordinator(GROUP), cluster.leaders()))
        return seen[-1][0]

    def lose() -> None:
        lost = look()
        cluster.brokers[lost].kill()
        stack.wait(lambda: look() != lost and lost not in seen[-1][1].values(), 60, "nobody took over")

    def bring_back() -> None:
        look()
        cluster.start(seen[0][0])

    events = {len(sends) // 3: lose, 2 * len(sends) // 3: bring_back}
    stack.feed(sends, lambda _send: events.pop(next(left), lambda: None)())
    stack.wait(lambda: cluster.fewest_in_sync() == SIZE, 60, "the broker did not catch up")
    check(stack, httpserver, sends)
    (lost, led_before), (_, led_after) = seen[0], seen[-1]

    assert events == {}
    assert lost in led_before.values()
    assert lost not in led_after.values()
    assert stack.log.read_text().count("worker_started") == 1  # two of three replicas are enough
    assert stack.stop() == 0


@pytest.mark.parametrize(
    ("ending", "refusals"),
    [
        ("kill", {"RequestTimedOutError", "KafkaTimeoutError"}),  # the third has no controller: it can only wait
        ("stop", {"NotEnoughReplicasError"}),  # it was made the leader of all before
    ],
)
def test_two_of_three_brokers_lost_for_a_while_lose_nothing(
    cluster, cluster_stack, httpserver, pager, ending: str, refusals: set[str]
) -> None:
    """The worker may wait for them, or end with 70 and be started again."""
    pager()
    stack = cluster_stack
    stack.start()
    sends = feeds.a_day(42, feeds.day_script())
    half, left, refused = len(sends) // 2, iter(range(len(sends))), set[str]()

    def lose_two(_send) -> None:
        if next(left) != half:
            return
        cluster.brokers[1].kill()
        stack.wait(lambda: cluster.fewest_in_sync() == SIZE - 1, 60, "the lost one still counts")
        getattr(cluster.brokers[2], ending)()
        back = time.monotonic() + AWAY_S
        while time.monotonic() < back:
            refused.add(refusal(cluster.running, UNREAD, b"anybody there?"))
        cluster.start(1, 2)
        _revive(stack)

    stack.feed(sends, lose_two)
    stack.wait(lambda: cluster.fewest_in_sync() == SIZE, 60, "the brokers did not catch up")
    _revive(stack)
    check(stack, httpserver, sends)

    assert refused
    assert refused <= refusals


def _revive(stack: Stack) -> None:
    if stack.worker.poll() is not None:
        gave_up(stack)
        stack.start()
