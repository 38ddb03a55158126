"""Brokers that are well and refuse what is to be written to one topic."""

import asyncio
import time
from contextlib import ExitStack
from itertools import pairwise

import pytest

from agents.checkpoints import choose, read_latest
from pipeline.feed import Send
from schemas.codec import encode
from schemas.post import Tick
from schemas.topics import BRAND_LOG, LISTEN_STATE, POSTS_DLQ, SIGNALS
from tests.chaos import books, feeds
from tests.chaos.crew import gave_up
from tests.chaos.kafka_cluster import SIZE, KafkaCluster
from tests.chaos.topic_settings import changed, refusal
from tests.integration.stack import POSTS, Stack

pytestmark = [pytest.mark.chaos, pytest.mark.kafka]
REFUSED_S = 10
TOO_SMALL = 100  # bytes of a batch, for all that is worth writing
HARMLESS = encode(Tick(at=1))  # on the posts log


def pieces(seed: int, count: int) -> list[list[Send]]:
    """A day in some pieces."""
    sends = feeds.a_day(seed, feeds.day_script())
    ends = [len(sends) * number // count for number in range(count + 1)]
    return [sends[begin:end] for begin, end in pairwise(ends)]


def unsaved(stack: Stack) -> set[tuple[int, int]]:
    """Partition and offset of every post that the last checkpoint does not cover: a worker would read it again."""
    latest = asyncio.run(read_latest(stack.bootstrap, LISTEN_STATE.name, range(POSTS)))
    saved = {partition: choose(one.values) for partition, one in latest.items()}
    offsets = {partition: manifest.offset if manifest else 0 for partition, manifest in saved.items()}
    places = {(record.partition, record.offset) for record in stack.records(books.POSTS_LOG)}
    return {place for place in places if place[1] >= offsets[place[0]]}


def unlettered(stack: Stack) -> set[tuple[int, int]]:
    """Partition and offset of the unreadable posts that have no dead letter."""
    return books.Truth(stack.records(books.POSTS_LOG)).rejected - books.lettered(stack)


def refused_for_a_while(stack: Stack, topic: str, value: bytes) -> set[str]:
    """Try to write, again and again; the broker's words."""
    said, end = set[str](), time.monotonic() + REFUSED_S
    while time.monotonic() < end:
        said.add(refusal(stack.bootstrap, topic, value))
    return said


def lose_one(cluster: KafkaCluster, stack: Stack) -> None:
    """Kill the last broker, and let all but the worker forget its address."""
    cluster.brokers[SIZE].kill()
    stack.bootstrap = cluster.running
    stack.wait(lambda: cluster.fewest_in_sync() == SIZE - 1, 60, "the lost one still counts")


def test_outputs_wait_for_replicas_in_sync_and_no_checkpoint_is_made_before_them(
    cluster, cluster_stack, httpserver, pager
) -> None:
    """One of three brokers is lost, and one topic after the other insists on three."""
    pager()
    stack = cluster_stack
    stack.start()
    lose_one(cluster, stack)
    *before, last = pieces(51, 5)
    for topic, piece in zip((BRAND_LOG.name, SIGNALS.name, POSTS_DLQ.name, books.POSTS_LOG), before, strict=True):
        with ExitStack() as refusing:
            refusing.enter_context(changed(stack.bootstrap, topic, "min.insync.replicas", SIZE))
            if topic == books.POSTS_LOG:
                _feed_refused(stack, piece, refusing)
            else:
                _work_refused(stack, topic, piece)
        stack.wait(stack.settled, 60, f"{topic} was not written after all")
    stack.feed(last)
    cluster.start(SIZE)
    books.check(stack, httpserver)

    assert stack.log.read_text().count("worker_started") == 1
    assert stack.stop() == 0


def _work_refused(stack: Stack, topic: str, piece: list[Send]) -> None:
    stack.feed(piece, max_lag=len(piece))
    stack.wait(lambda: f"topic='{topic}', partition" in stack.log.read_text(), 60, "the worker was not refused")
    said = refused_for_a_while(stack, topic, b"?")
    letterless, waiting = unlettered(stack), unsaved(stack)

    assert said == {"NotEnoughReplicasError"}
    if topic == POSTS_DLQ.name:  # a partition in which everything could be read has nothing to wait for
        assert letterless
        assert letterless <= waiting
    else:
        assert {partition for partition, _ in waiting} >= {send.partition for send in piece}


def _feed_refused(stack: Stack, piece: list[Send], refusing: ExitStack) -> None:
    """It is the feeder that waits."""
    stack.wait(lambda: refusal(stack.bootstrap, books.POSTS_LOG, HARMLESS) != "", 30, "the broker takes it")
    left, said = len(piece), set[str]()

    def heal_at_the_end(_send: Send) -> None:
        nonlocal left
        left -= 1
        if not left:
            said.update(refused_for_a_while(stack, books.POSTS_LOG, HARMLESS))
            refusing.close()

    fed = stack.feed(piece, heal_at_the_end, max_lag=len(piece))

    assert said == {"NotEnoughReplicasError"}
    assert fed.posts + fed.ticks == len(piece)


def test_an_output_that_the_broker_finds_too_large_ends_the_worker_and_is_not_skipped(stack, httpserver, pager) -> None:
    """Also by the worker that is started after it; a checkpoint is an output like others."""
    pager()
    stack.start()
    *before, last = pieces(52, 5)
    for topic, piece in zip((BRAND_LOG.name, SIGNALS.name, POSTS_DLQ.name, LISTEN_STATE.name), before, strict=True):
        with changed(stack.bootstrap, topic, "max.message.bytes", TOO_SMALL):
            stack.feed(piece, max_lag=len(piece))
            reasons = [gave_up(stack)]
            stack.launch()
            reasons.append(gave_up(stack))
            said, letterless = refusal(stack.bootstrap, topic, b"?" * TOO_SMALL), unlettered(stack)

            assert said == "MessageSizeTooLargeError"
            assert [reason for reason in reasons if f" to {topic}/" not in reason or said not in reason] == []
            assert letterless or topic != POSTS_DLQ.name
            assert letterless <= unsaved(stack)
        stack.start()
        stack.wait(stack.settled, 60, f"{topic} was not written after all")
    stack.feed(last)
    books.check(stack, httpserver)

    assert stack.stop() == 0
