"""Appending commands to the brand log, and hearing what the workers decided about them, through kafka-python."""

import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from agents.brokers import connection
from agents.feeding import producer
from pipeline.feed import partition_of
from schemas.codec import Decoder, encode
from schemas.command import EVERY_BRAND, Command
from schemas.decision import Decision
from schemas.topics import BRAND_LOG, DECISIONS

ACK_S = 30.0
POLL_MS = 200

_DECISIONS: Decoder[Decision] = Decoder(Decision)


class TopicMissing(KafkaError):  # type: ignore[misc]  # noqa: N818  # kafka-python has no types; named as what it is
    """This broker does not have a topic that is needed."""


class Sent(NamedTuple):
    """Where a command stands: acknowledged by the broker."""

    partition: int
    offset: int


class Desk:
    """Gives commands on one broker. Say ``close`` when done."""

    def __init__(self, bootstrap: Sequence[str], api_version: tuple[int, int] | None = None) -> None:
        self._producer = producer(bootstrap, api_version)
        self._consumer = KafkaConsumer(
            **connection(bootstrap), enable_auto_commit=False, auto_offset_reset="earliest",
            **({"api_version": api_version} if api_version else {}),
        )  # fmt: skip

    def give(self, command: Command) -> list[Sent]:
        """Append a command to the partition of its brand, or to all of them, and wait for the acknowledgements.

        Raises:
            TopicMissing: there is no brand log.
            kafka.errors.KafkaError: the broker is not there or refuses.
        """
        known = sorted(self._producer.partitions_for(BRAND_LOG.name) or ())
        if not known:
            raise TopicMissing(f"no topic {BRAND_LOG.name}; run `tocsin topics create`")
        key = command.brand.encode()
        wanted = known if command.brand == EVERY_BRAND else [partition_of(key, len(known))]
        self._listen(wanted)
        futures = [self._producer.send(BRAND_LOG.name, encode(command), key=key, partition=number) for number in wanted]
        self._producer.flush(ACK_S)
        return [Sent(done.partition, done.offset) for done in (future.get(ACK_S) for future in futures)]

    def _listen(self, partitions: Sequence[int]) -> None:
        """Begin where the decisions end now, so that the answers come after."""
        tps = [TopicPartition(DECISIONS.name, number) for number in partitions]
        self._consumer.assign(tps)
        for tp, end in self._consumer.end_offsets(tps).items():
            self._consumer.seek(tp, end)

    def answers(self, command: Command, sent: Sequence[Sent], wait_s: float) -> Iterator[Decision]:
        """What workers decide about a command that was given, one for each partition, as it comes within ``wait_s``."""
        left, deadline = {one.partition for one in sent}, time.monotonic() + wait_s
        while left and time.monotonic() < deadline:
            for tp, records in self._consumer.poll(POLL_MS).items():
                for record in records:
                    decided = _DECISIONS.decode(record.value)
                    if isinstance(decided, Decision) and _answers(decided, command) and tp.partition in left:
                        left.remove(tp.partition)
                        yield decided

    def close(self) -> None:
        """Close the connections."""
        self._producer.close()
        self._consumer.close()


def _answers(decided: Decision, command: Command) -> bool:
    """Whether it is what became of the command; a page that a silence keeps back names the silence, too."""
    return decided.command_id == command.command_id and decided.outcome in ("applied", "ignored")
