"""What is in the dead-letter topics: letters by topic and reason, and which of them may be replayed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

import msgspec

from pipeline.stage import Input
from schemas.dead_letter import Headers, attempts, read, replayed_offset
from schemas.rejected import Rejected
from schemas.topics import (
    BRAND_LOG_DLQ,
    ENDORSEMENTS_DLQ,
    INTERACTIONS_DLQ,
    PAGES,
    PAGES_DLQ,
    POSTS,
    POSTS_DLQ,
    STORE_DLQ,
    TOMBSTONES_DLQ,
    raw,
    raw_dlq,
)

_OURS = (POSTS_DLQ, INTERACTIONS_DLQ, ENDORSEMENTS_DLQ, BRAND_LOG_DLQ, TOMBSTONES_DLQ, PAGES_DLQ, STORE_DLQ)
_ADDRESS = re.compile(r"([a-z0-9.-]+)/(\d{1,6})/(-1|\d{1,18})", re.ASCII)


def dlqs(sources: Iterable[str]) -> list[str]:
    """The topics of dead letters, where these sources are adapted."""
    return [*(topic.name for topic in _OURS), *(raw_dlq(source).name for source in sources)]


def replayable(sources: Iterable[str]) -> list[str]:
    """The topics whose bad records can be read once more: what decides alerts has moved on, rows have no topic."""
    return [POSTS.name, PAGES.name, *(raw(source).name for source in sources)]


class Address(NamedTuple):
    """Where a record is: ``topic/partition/offset``."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"

    @classmethod
    def parse(cls, text: str) -> "Address":
        """The address that is written. Raises ValueError if it is none."""
        found = _ADDRESS.fullmatch(text)
        if not found:
            raise ValueError(f"{text!r} is no address: write TOPIC/PARTITION/OFFSET, as in social.posts.v1/3/4711")
        return cls(found[1], int(found[2]), int(found[3]))


class Letter(NamedTuple):
    """One dead letter. ``address`` is its own; that of the bad record is ``origin``."""

    address: Address
    rejected: Rejected
    key: bytes | None
    value: bytes
    headers: Headers

    @property
    def origin(self) -> Address:
        """Where the bad record was; offset -1 if the feeder could not append it."""
        return Address(self.rejected.topic, self.rejected.partition, self.rejected.offset)

    @property
    def attempts(self) -> int:
        """How many times the record was read in vain."""
        return attempts(self.headers)

    @property
    def whole(self) -> bool:
        """Whether the payload is the bad record's, byte for byte: neither cut nor changed."""
        return sha256(self.value).hexdigest() == self.rejected.sha256


def letter(address: Address, record: Input) -> Letter | None:
    """The letter that a record of a dead-letter topic is; None for a mark, or for what is none of ours."""
    headers, value = tuple(record.headers), record.value or b""
    try:
        rejected = read(headers, value, record.timestamp)
    except (KeyError, ValueError):
        return None
    return Letter(address, rejected, record.key, value, headers)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters are asked for; empty and 0 ask for any. ``since`` is when the letter was written, ms."""

    topic: str = ""
    reason: str = ""
    since: int = 0

    def includes(self, one: Letter) -> bool:
        """Whether the letter is among them."""
        said = one.rejected
        return self.topic in ("", said.topic) and self.reason in ("", said.reason) and said.at >= self.since


class Group(msgspec.Struct):
    """Letters of one topic and reason. ``first`` and ``last`` are when they were written, ms."""

    topic: str  # of the bad records
    reason: str
    first: int
    last: int
    example: str  # address of the last letter
    letters: int = 0
    cut: int = 0  # longer than a letter: the bytes are not all there
    replayed: int = 0


class Census:
    """Counts letters, fed with the records of dead-letter topics in the order of each partition.

    ``open`` are the letters that could be replayed and have not been. ``foreign`` counts records that are no letters.
    """

    def __init__(self, wanted: Wanted) -> None:
        self.open: dict[Address, Group] = {}
        self.foreign = 0
        self._wanted, self._groups = wanted, dict[tuple[str, str], Group]()

    def add(self, address: Address, record: Input) -> None:
        """Take one record in."""
        mark = replayed_offset(record.headers)
        if mark is not None:
            group = self.open.pop(address._replace(offset=mark), None)
            if group is not None:
                group.replayed += 1
            return
        found = letter(address, record)
        if found is None:
            self.foreign += 1
        elif self._wanted.includes(found):
            self._count(found)

    def _count(self, one: Letter) -> None:
        said, place = one.rejected, str(one.address)
        group = self._groups.setdefault(
            (said.topic, said.reason), Group(said.topic, said.reason, said.at, said.at, place)
        )
        group.letters += 1
        group.first = min(group.first, said.at)
        if said.at >= group.last:
            group.last, group.example = said.at, place
        if one.whole:
            self.open[one.address] = group
        else:
            group.cut += 1

    def groups(self) -> list[Group]:
        """By topic, the largest first."""
        return sorted(self._groups.values(), key=lambda group: (group.topic, -group.letters, group.reason))
