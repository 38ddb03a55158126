"""Rules of the feeder's pace, and of what the broker refuses after it was handed over."""

from typing import Any

import pytest
from kafka.errors import KafkaTimeoutError, MessageSizeTooLargeError
from kafka.future import Future

from agents import feeding
from agents.feeding import Feeder, Pace
from pipeline.feed import Send
from schemas.topics import POSTS, POSTS_DLQ


@pytest.mark.parametrize(
    ("pace", "due"),
    [
        (Pace(), 0.0), (Pace(speed=60), 2.0), (Pace(rate=100), 5.0), (Pace(speed=60, rate=100), 5.0),
        (Pace(speed=10, rate=100), 12.0),
    ],
)  # fmt: skip
def test_a_record_leaves_when_both_the_time_of_events_and_the_rate_allow_it(pace: Pace, due: float):
    assert pace.due(sent=500, event_s=120.0) == due


class Producer:
    """Acknowledges at ``flush``; fails what it was told to."""

    failures: dict[bytes, Exception]

    def __init__(self, **_: object) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self.futures: list[tuple[bytes, Any]] = []

    def send(self, topic: str, value: bytes, **_: object) -> Any:  # noqa: ANN401  # untyped in kafka-python
        """Hand over."""
        future = Future()
        self.sent.append((topic, value))
        self.futures.append((value, future))
        return future

    def flush(self) -> None:
        """Answer everything."""
        for value, future in self.futures:
            if value in self.failures:
                future.failure(self.failures[value])
            else:
                future.success(None)
        self.futures = []


@pytest.fixture
def producer(monkeypatch: pytest.MonkeyPatch) -> type[Producer]:
    monkeypatch.setattr(feeding, "KafkaProducer", Producer)
    return Producer


def feed(producer: type[Producer], failures: dict[bytes, Exception]) -> tuple[feeding.Fed, list[tuple[str, bytes]]]:
    producer.failures = failures
    feeder = Feeder(["localhost:1"])
    sends = [Send(0, b"author", b"%d" % number, number) for number in range(3)]
    fed = feeder.feed(sends, Pace(), lambda: False, lambda _: None)
    return fed, feeder._producer.sent


def test_what_only_the_broker_finds_too_large_is_a_dead_letter_too(producer: type[Producer]):
    fed, sent = feed(producer, {b"1": MessageSizeTooLargeError("too large")})

    assert (fed.posts, fed.refused) == (2, 1)
    assert sent == [(POSTS.name, b"0"), (POSTS.name, b"1"), (POSTS.name, b"2"), (POSTS_DLQ.name, b"1")]


def test_a_record_that_could_not_be_appended_is_never_passed_over_in_silence(producer: type[Producer]):
    with pytest.raises(KafkaTimeoutError):
        feed(producer, {b"2": KafkaTimeoutError("no answer")})
