"""Which posts of the minutes still open were counted already: the same post delivered again is one post."""

from array import array
from collections.abc import Mapping
from hashlib import blake2b

import msgspec

from pipeline.stage import Blocks

BLOCK = "recent"


def post_hash(post_uid: str) -> int:
    """63 bits of BLAKE2b: among 10 million open posts of a partition a false duplicate has odds of 1 in 180,000."""
    return int.from_bytes(blake2b(post_uid.encode(), digest_size=8).digest(), "big") >> 1


class Recent:
    """Hashes of the on-time posts, by minute. 8 bytes a post in a checkpoint; minutes leave when they have ended."""

    __slots__ = ("_seen", "_told", "dirty")

    def __init__(self) -> None:
        self._seen: dict[int, set[int]] = {}
        self._told: dict[int, array[int]] = {}  # the same as a checkpoint has it: sorting a busy minute takes 30 ms
        self.dirty = False

    def again(self, minute: int, post_uid: str) -> bool:
        """Whether this post of this minute was counted before; notes it."""
        seen, mark = self._seen.setdefault(minute, set()), post_hash(post_uid)
        if mark in seen:
            return True
        seen.add(mark)
        self._told.setdefault(minute, array("q")).append(mark)
        self.dirty = True
        return False

    def knows(self, minute: int, post_uid: str) -> bool:
        """Whether this post of this minute was counted before."""
        return post_hash(post_uid) in self._seen.get(minute, ())

    def drop(self, until: int) -> None:
        """Forget the minutes that start at or before ``until``: their posts are late from now on."""
        gone = [minute for minute in self._seen if minute <= until]
        for minute in gone:
            del self._seen[minute], self._told[minute]
            self.dirty = True

    def snapshot(self) -> Blocks:
        """The block, if it changed."""
        dirty, self.dirty = self.dirty, False
        return Blocks({BLOCK: self._encoded} if dirty else {})

    def _encoded(self) -> bytes:
        return msgspec.msgpack.encode({minute: told.tobytes() for minute, told in self._told.items()})

    def restore(self, blocks: Mapping[str, bytes]) -> None:
        """Become what was snapshotted."""
        stored = msgspec.msgpack.decode(blocks[BLOCK], type=dict[int, bytes]) if BLOCK in blocks else {}
        self._told = {minute: array("q", data) for minute, data in stored.items()}
        self._seen = {minute: set(told) for minute, told in self._told.items()}
