"""Holding what stands on the output topics against what the brand log decides when it is read again."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import NamedTuple, Self

import msgspec

from pipeline.stage import Input, Output, Stage
from pipeline.watch_checkpoint import Head
from schemas.finding import AT_ONCE


class _When(msgspec.Struct):
    """What of an output tells which record of the log decided it.

    ``at`` is the end of the deciding minute and ``minute`` its start; ``offset`` is that of the deciding command.
    """

    at: int = 0
    offset: int = -1
    minute: int = -1
    revision: int = 1
    detector: str = ""


_WHEN = msgspec.json.Decoder(_When)


def by_watch(value: bytes | None) -> bool:
    """Whether a record is the word of watch; findings about single posts are that of listen."""
    try:
        return _WHEN.decode(value or b"").detector not in AT_ONCE
    except (msgspec.DecodeError, UnicodeDecodeError):
        return True


class Since(NamedTuple):
    """Where the state that is verified from stands. Minutes close in order, so it says which outputs come after it."""

    closed: int = 0  # minutes before this are closed, ms
    waiting: frozenset[int] = frozenset()  # of these, the ones that may yet be told again
    next: int = 0  # offset of the first record of the log that comes after it

    @classmethod
    def of(cls, head: bytes) -> Self:
        """The head of a watch checkpoint."""
        read = msgspec.json.decode(head, type=Head)
        return cls(read.closed, frozenset(read.waiting), read.next)

    def covers(self, value: bytes | None) -> bool:
        """Whether a record was decided after the state; False for what is no record of watch."""
        try:
            when = _WHEN.decode(value or b"")
        except (msgspec.DecodeError, UnicodeDecodeError):
            return False
        if when.offset >= 0:
            return when.offset >= self.next
        if when.minute < 0:
            return when.at > self.closed
        return when.minute >= self.closed or (when.revision > 1 and when.minute in self.waiting)


class Clash(NamedTuple):
    """The first place where a topic and the log differ: what should stand there, and the offset of what does."""

    topic: str
    expected: Output | None  # None: it stands further on, or nothing should, so that what was found is one too many
    found: int | None


class Transcript:
    """One partition of an output topic, exact repeats collapsed, in the order in which records were first seen.

    ``begins_late``: retention has removed the topic's beginning. Outputs decided before the first one that is left are
    then ``gone``, and nothing is said about them. Repeats are left by replays after a crash.
    """

    def __init__(self, topic: str, since: Since, *, begins_late: bool) -> None:
        self.topic, self.same, self.gone = topic, 0, 0
        self._since, self._begins_late = since, begins_late
        self._before: set[bytes] = set()
        self._ranks: dict[bytes, int] = {}
        self._offsets: list[int] = []
        self._skipped: set[int] = set()  # ranks of repeats of what is gone
        self._next = 0  # rank of the first record that nothing was said about

    def read(self, record: Input) -> None:
        """Take in the next record of the topic."""
        if not by_watch(record.value):
            return
        digest = _digest(record.key, record.value)
        if digest in self._before or digest in self._ranks:
            return
        if self._since.closed and not self._offsets and not self._since.covers(record.value):
            self._before.add(digest)
            return
        self._ranks[digest] = len(self._offsets)
        self._offsets.append(record.offset)

    def expect(self, output: Output) -> Clash | None:
        """The log decides this next."""
        rank = self._ranks.get(_digest(output.key, output.value))
        if rank is not None and rank < self._next:
            return None
        if rank is not None and rank == self._next:
            self.same += 1
            self._advance()
            return None
        if self._begins_late and not self._before and not self.same:
            self.gone += 1
            if rank is not None:
                self._skipped.add(rank)
            return None
        return Clash(self.topic, output if rank is None else None, self._first_left())

    def allow(self, output: Output) -> Clash | None:
        """The log decides this next, but its outputs may not be written yet."""
        return self.expect(output) if self._first_left() is not None else None

    def finish(self) -> Clash | None:
        """The log decides nothing more."""
        left = self._first_left()
        return None if left is None else Clash(self.topic, None, left)

    def _advance(self) -> None:
        self._next += 1
        while self._next in self._skipped:
            self._next += 1

    def _first_left(self) -> int | None:
        return self._offsets[self._next] if self._next < len(self._offsets) else None


class Verification:
    """One partition: its stage reads the log again and is held against the transcripts of its topics.

    Records before ``required`` have outputs that are acknowledged, so they must stand; those of later ones may.
    """

    def __init__(self, stage: Stage, required: int, transcripts: Mapping[str, Transcript]) -> None:
        self.stage, self._required, self._transcripts = stage, required, transcripts

    def follow(self, record: Input) -> Clash | None:
        """Read the next record of the log."""
        hold = Transcript.expect if record.offset < self._required else Transcript.allow
        for output in self.stage.apply([record]):
            transcript = self._transcripts.get(output.topic)  # none of dead letters
            if transcript and (clash := hold(transcript, output)):
                return clash
        return None

    def finish(self) -> Clash | None:
        """The log has ended."""
        clashes = (transcript.finish() for transcript in self._transcripts.values())
        return next((clash for clash in clashes if clash), None)


def _digest(key: bytes | None, value: bytes | None) -> bytes:
    """A record in 16 bytes: millions of them must fit into memory."""
    name = key or b""
    return blake2b(b"%d:%b%b" % (len(name), name, value or b""), digest_size=16).digest()
