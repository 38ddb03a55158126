"""A person to be erased: by which names records may know them, and which topics keep such records until when."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pipeline.stage import Input
from schemas.topics import DLQ, Topic

SHORTEST = 5  # characters of a name that is searched for; shorter ones are in the records of half of the world
_WORD = r"0-9A-Za-z_.~\-"  # what may go on behind a name and make it another's
UNIQUE = 12  # characters of a native id that may be part of a post's uid without being another's number


class Person(NamedTuple):
    """An author: the pseudonym, and native ids and handles, where they are known."""

    author_key: str
    native_ids: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What is searched for, the pseudonym first."""
        found = (self.author_key, *self.native_ids, *self.handles)
        return tuple(dict.fromkeys(name for name in found if len(name) >= SHORTEST))

    @property
    def unsearched(self) -> tuple[str, ...]:
        """Names too short to search for."""
        return tuple(name for name in (self.author_key, *self.native_ids, *self.handles) if 0 < len(name) < SHORTEST)

    @property
    def pattern(self) -> str:
        """A regular expression (RE2) that finds any of the names as a word of its own; empty if none can be told."""
        return _words(self.names) if self.names else ""

    @property
    def uid_pattern(self) -> str:
        """The same for the uids of their posts; empty if no native id is long enough to tell."""
        unique = [name for name in self.native_ids if len(name) >= UNIQUE]
        return _words(unique) if unique else ""

    def named_in(self, record: Input) -> bool:
        """Whether a record of a topic names them."""
        if not self.names:
            return False
        found = re.compile(self.pattern.encode())
        parts = (record.key, record.value, *(value for _, value in record.headers))
        return any(part and found.search(part) for part in parts)


class Wait(NamedTuple):
    """A topic that forgets by itself: at the latest at ``until``, ms."""

    topic: str
    until: int


def waits(topics: Iterable[Topic], now: int) -> Iterator[Wait]:
    """The topics that keep records for a time, where nothing can be taken out; dead letters are rewritten instead."""
    for topic in topics:
        if topic.retention_ms is not None and not topic.name.endswith(DLQ):
            yield Wait(topic.name, now + topic.retention_ms)


def _words(names: Iterable[str]) -> str:
    return f"(^|[^{_WORD}])({'|'.join(map(re.escape, names))})([^{_WORD}]|$)"
