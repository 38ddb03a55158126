"""Erasing a person from Kafka: tombstones for stages and compacted topics, dead letters without theirs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from kafka import KafkaAdminClient, TopicPartition

from agents.brokers import connection
from agents.dead_letters import CHUNK, DeadLetters
from agents.feeding import producer
from pipeline.dead_letter_queue import Census, Wanted, letter
from pipeline.erasure import Person
from pipeline.feed import partition_of
from pipeline.stage import Input
from schemas.codec import encode
from schemas.dead_letter import Headers
from schemas.interaction import Tombstone
from schemas.topics import INFLUENCE, TOMBSTONES
from schemas.withdrawal import POST

Seen = Callable[[], None]  # told of each record that was looked at
Key = tuple[str, int, bytes]
Appended = tuple[str, int, bytes | None, bytes | None, Headers]


class Letters(NamedTuple):
    """Dead letters of one partition that name the person: how many, and the offset after the last."""

    naming: int
    end: int


class Topics:
    """The topics of one broker, as far as single records can go from them."""

    def __init__(self, bootstrap: str | Sequence[str], api_version: tuple[int, int] | None, person: Person) -> None:
        self._bootstrap, self._api, self._person = bootstrap, api_version, person
        self._reader = DeadLetters(bootstrap, api_version)

    def bury(self, tombstone: Tombstone, partitions: int) -> None:
        """Tell the stages, and wait until the broker has it."""
        key = tombstone.subject.encode()
        self._send([(TOMBSTONES.name, partition_of(key, partitions), key, encode(tombstone), ())])

    def keys(self, seen: Seen) -> list[Key]:
        """Keys of the compacted topics that name the person: scores, and tombstones of posts."""
        last: dict[Key, bytes | None] = {}
        for address, record in self._reader.records([INFLUENCE.name, TOMBSTONES.name]):
            seen()
            if record.key is not None and self._theirs(address.topic, record):
                last[address.topic, address.partition, record.key] = record.value
        return [key for key, value in last.items() if value is not None]

    def _theirs(self, topic: str, record: Input) -> bool:
        key = record.key or b""
        if topic == INFLUENCE.name:
            return key.startswith(f"{self._person.author_key}/".encode())
        return key.startswith(POST.encode()) and self._person.named_in(record)

    def remove(self, keys: Sequence[Key]) -> None:
        """Let the compacted topics forget keys."""
        self._send([(topic, partition, key, None, ()) for topic, partition, key in keys])

    def letters(self, queues: Sequence[str], seen: Seen) -> dict[tuple[str, int], Letters]:
        """The partitions of dead letters on which some name the person."""
        found: dict[tuple[str, int], Letters] = {}
        for address, record in self._reader.records(queues):
            seen()
            if self._person.named_in(record):
                place = (address.topic, address.partition)
                naming = found[place].naming if place in found else 0
                found[place] = Letters(naming + 1, address.offset + 1)
        return found

    def rewrite(self, found: dict[tuple[str, int], Letters], seen: Seen) -> None:
        """Append what is innocent and not replayed yet to its partition once more, and delete all that was before.

        Raises:
            kafka.errors.KafkaError: the broker cannot delete records; innocent letters stand twice then.
        """
        topics = sorted({topic for topic, _ in found})
        self._send(self._innocent(topics, found, seen))
        admin = KafkaAdminClient(**connection(self._bootstrap), **({"api_version": self._api} if self._api else {}))
        try:
            admin.delete_records({TopicPartition(*place): letters.end for place, letters in found.items()})
        finally:
            admin.close()

    def _innocent(self, topics: Sequence[str], found: dict[tuple[str, int], Letters], seen: Seen) -> Iterator[Appended]:
        """Letters before the last that names the person, without those replayed and their marks."""
        census = Census(Wanted())
        for address, record in self._reader.records(topics):
            census.add(address, record)
        for address, record in self._reader.records(topics):
            seen()
            place = (address.topic, address.partition)
            one = letter(address, record)
            if place not in found or address.offset >= found[place].end or one is None:
                continue
            if not self._person.named_in(record) and (address in census.open or not one.whole):
                yield *place, record.key, record.value, tuple(record.headers)

    def _send(self, records: Iterable[Appended]) -> None:
        sender = producer(self._bootstrap, self._api)
        try:
            left = iter(records)
            while sent := [
                sender.send(topic, value, key=key, partition=partition, headers=list(headers))
                for topic, partition, key, value, headers in islice(left, CHUNK)
            ]:
                sender.flush()
                for future in sent:
                    future.get()
        finally:
            sender.close()
