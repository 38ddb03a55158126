"""Workers that come and go, are stopped in the middle of a batch, or sleep longer than their session."""

import json
import signal
import time
from itertools import cycle

import pytest

from agents.feeding import Lag
from tests.chaos import books, feeds
from tests.chaos.crew import Member, metric
from tests.integration.stack import POSTS

pytestmark = [pytest.mark.chaos, pytest.mark.kafka]
RESTORES = 'tocsin_restore_seconds_count{stage="listen"}'
OWNED = 'tocsin_partitions{stage="listen"}'


def test_a_storm_of_rebalances_leaves_exact_books(stack, httpserver, pager) -> None:
    pager()
    stack.start()
    sends = feeds.a_day(11, feeds.day_script())
    members = [Member(stack, "second"), Member(stack, "third")]
    endings, turns, statuses = cycle([signal.SIGKILL, signal.SIGTERM, signal.SIGTERM]), cycle(members), list[int]()
    gusts, left = {len(sends) * part // 14 for part in range(1, 14)}, iter(range(len(sends)))

    def blow(_send) -> None:
        if next(left) not in gusts:
            return
        member = next(turns)
        if member.running():
            statuses.append(member.end(next(endings)))
        else:
            member.launch()
        time.sleep(4)

    stack.feed(sends, blow)
    for member in members:
        if member.running():
            statuses.append(member.end(signal.SIGTERM))
    restores = metric(stack.http, RESTORES)
    books.check(stack, httpserver)

    assert len(statuses) >= 6
    assert set(statuses) <= {0, -signal.SIGKILL, -signal.SIGTERM}  # the last: Python had only begun to import it
    assert restores >= 8
    assert stack.stop() == 0


def test_a_worker_that_sleeps_longer_than_its_session_and_wakes_up_does_no_harm(stack, httpserver, pager) -> None:
    pager()
    stack.start()
    sends = feeds.a_day(12, feeds.day_script())
    zombie, left, taken_over = Member(stack, "zombie"), iter(range(len(sends))), list[float]()
    zombie.launch()
    stack.wait(lambda: zombie.owned() > 0, 60, "the zombie got no partition")

    def asleep() -> None:
        zombie.send(signal.SIGSTOP)
        stack.wait(lambda: metric(stack.http, OWNED) == POSTS, 60, "nobody took over")
        taken_over.append(metric(stack.http, OWNED))

    def awake() -> None:
        zombie.send(signal.SIGCONT)
        stack.wait(lambda: not zombie.running() or zombie.owned() < POSTS, 60, "it noticed nothing")

    events = {len(sends) // 3: asleep, 2 * len(sends) // 3: awake}
    stack.feed(sends, lambda _send: events.pop(next(left), lambda: None)())
    books.check(stack, httpserver)

    assert (events, taken_over) == ({}, [POSTS])
    assert not zombie.running() or zombie.end(signal.SIGTERM) == 0
    assert stack.stop() == 0


def test_a_worker_told_to_stop_in_the_middle_of_a_batch_ends_in_order(stack, httpserver, pager) -> None:
    pager()
    stack.start()
    sends = feeds.a_day(13, feeds.day_script())
    stops, left = {len(sends) * part // 4 for part in (1, 2, 3)}, iter(range(len(sends)))
    ended: list[tuple[bool, int, str]] = []

    def stop_and_start(_send) -> None:
        if next(left) in stops:
            lag = Lag([stack.bootstrap], "tocsin", None)
            behind = lag.worst() > 0
            lag.close()
            status = stack.stop()
            ended.append((behind, status, json.loads(stack.log.read_text().splitlines()[-1])["event"]))
            stack.start()

    stack.feed(sends, stop_and_start)
    books.check(stack, httpserver)

    assert ended == [(True, 0, "worker_stopped")] * 3


def test_a_worker_killed_works_on_after_session_timeout_and_rejoin(stack, httpserver, pager, capsys) -> None:
    pager()
    stack.environment["TOCSIN_SESSION_S"] = "10"  # the default
    stack.start()
    sends = feeds.a_day(14, feeds.day_script())
    third, left, took = len(sends) // 3, iter(range(len(sends))), list[float]()

    def kill_and_measure(_send) -> None:
        if next(left) == third:
            stack.kill()
            began = time.monotonic()
            stack.launch()
            stack.wait(lambda: metric(stack.http, 'tocsin_records_total{stage="listen"}') > 0, 90, "it does not work")
            took.append(time.monotonic() - began)

    stack.feed(sends, kill_and_measure)
    books.check(stack, httpserver)
    with capsys.disabled():
        print(f"\nkill -9 to processing again: {took[0]:.1f} s with a session of 10 s")  # noqa: T201  # the measurement

    assert len(took) == 1
