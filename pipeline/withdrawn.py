"""Which posts and authors were withdrawn lately: a copy that arrives after its deletion is not heard, nor quoted."""

from array import array
from collections.abc import Mapping
from functools import partial

import msgspec
from msgspec.structs import replace

from pipeline.hearing import Heard
from pipeline.recent import post_hash
from pipeline.stage import Blocks
from schemas.withdrawal import POST, Quotable, Withdrawal, subjects

HOUR_MS = 3_600_000
KEPT_HOURS = 24
MOST_AN_HOUR = 10_000  # subjects; of more, those told last: a flood makes the memory shorter, never larger

_SLOTS = KEPT_HOURS + 1  # the hour that is and the full hours before it
_NAME = "withdrawn-"
SHOWN_AGAIN = frozenset({"undelete", "undrop"})  # what a post may say of itself after it was withdrawn


class Withdrawn:
    """Hashes of subjects by the hour of the log's append time in which they were told. One partition.

    A block of a checkpoint is an hour, so that only the last one is written again. 8 bytes a subject there.
    """

    __slots__ = ("_dirty", "_hours", "_slots")

    def __init__(self) -> None:
        self._slots: dict[int, tuple[int, dict[int, None]]] = {}  # hour modulo _SLOTS -> hour, hashes as they came
        self._hours: dict[int, int] = {}  # hash -> hour
        self._dirty: set[int] = set()

    def note(self, said: Withdrawal, at: int) -> None:
        """Remember or take back what a record says that was appended at ``at``, ms."""
        mark = post_hash(said.subject)
        self._take(mark)
        if said.back:
            return
        hour = max(at // HOUR_MS, *(held for held, _ in self._slots.values()), 0)  # a broker's clock may be set back
        number = hour % _SLOTS
        held, marks = self._slots.get(number, (hour, {}))
        if held != hour:
            for gone in marks:
                del self._hours[gone]
            marks = {}
        if len(marks) >= MOST_AN_HOUR:
            first = next(iter(marks))
            del marks[first], self._hours[first]
        marks[mark] = None
        self._hours[mark] = hour
        self._slots[number] = (hour, marks)
        self._dirty.add(number)

    def _take(self, mark: int) -> None:
        hour = self._hours.pop(mark, None)
        if hour is not None:
            del self._slots[hour % _SLOTS][1][mark]
            self._dirty.add(hour % _SLOTS)

    def suppresses(self, heard: Heard) -> bool:
        """Whether a post of the log comes after its deletion; one that the platform shows again does not.

        That the original of a repost is gone is no reason not to hear that the repost is, too.
        """
        if not self._hours or heard.signal is None:
            return False
        if heard.post and heard.post.op in SHOWN_AGAIN:
            self._take(post_hash(POST + heard.signal.post_uid))
        post = replace(heard.signal, repost_of="") if heard.signal.deleted else heard.signal
        return self.hides(post, heard.record.timestamp)

    def hides(self, post: Quotable, at: int) -> bool:
        """Whether a post is withdrawn at ``at`` (append time, ms): by itself, with its author or its original."""
        if not self._hours:
            return False
        floor = at // HOUR_MS - KEPT_HOURS
        return any(self._hours.get(post_hash(subject), floor) > floor for subject in subjects(post))

    def snapshot(self) -> Blocks:
        """The hours that changed."""
        dirty, self._dirty = sorted(self._dirty), set()
        return Blocks({f"{_NAME}{number}": partial(self._encoded, number) for number in dirty})

    def _encoded(self, number: int) -> bytes:
        hour, marks = self._slots[number]
        return msgspec.msgpack.encode((hour, array("q", marks).tobytes()))

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold every block."""
        self._dirty = set(self._slots)

    def restore(self, blocks: Mapping[str, bytes]) -> None:
        """Become what was snapshotted."""
        for name, block in blocks.items():
            if name.startswith(_NAME):
                hour, data = msgspec.msgpack.decode(block, type=tuple[int, bytes])
                marks = dict.fromkeys(array("q", data))
                self._slots[int(name.removeprefix(_NAME))] = (hour, marks)
                self._hours |= dict.fromkeys(marks, hour)
