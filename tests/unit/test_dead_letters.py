"""Reading dead letters where there can be none."""

import pytest

from agents import dead_letters
from agents.commanding import TopicMissing
from agents.dead_letters import DeadLetters


class Empty:
    """A consumer of a broker without topics; like the real one it seeks in no partition at all only with an error."""

    def __init__(self, **_options: object) -> None:
        """Connect."""

    def partitions_for_topic(self, _topic: str) -> None:
        """There is no such topic."""

    def assign(self, _tps: list[object]) -> None:
        """Nothing is assigned."""

    def seek_to_beginning(self, *tps: object) -> None:
        """As kafka-python."""
        if not tps:
            raise ValueError("No partitions are currently assigned")

    def close(self) -> None:
        """Leave."""


def test_a_broker_without_the_topics_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dead_letters, "KafkaConsumer", Empty)

    with pytest.raises(TopicMissing, match=r"there is none of a\.dlq, b\.dlq; run `tocsin topics create`"):
        list(DeadLetters(["127.0.0.1:1"]).records(["a.dlq", "b.dlq"]))
