"""Withdrawals on the brand log: texts leave the state of watch, an incident counts how many of its quotes are gone."""

from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec
from msgspec.structs import replace

from pipeline.closing import OpenMinutes, without
from pipeline.recent import post_hash
from pipeline.stage import Blocks
from pipeline.withdrawn import Withdrawn
from schemas.brand_log import Evidence, Partial
from schemas.codec import encode
from schemas.withdrawal import AUTHOR, POST, Withdrawal, subjects

BLOCK = "withdrawing"
MOST_SHOWN = 1_000  # posts that one incident remembers to have quoted


class Gone:
    """Subjects that were withdrawn, all to be forgotten in one pass over a state."""

    def __init__(self, named: Iterable[str]) -> None:
        self.named = frozenset(named)
        self.marks = frozenset(map(post_hash, self.named))
        self._posts = {name.removeprefix(POST) for name in self.named if name.startswith(POST)} - {""}
        self._authors = {name.removeprefix(AUTHOR) for name in self.named if name.startswith(AUTHOR)} - {""}

    def concerns(self, post: Evidence) -> bool:
        """Whether a post is one of them."""
        posts = self._posts  # thousands of quotes are asked in a pass
        return post.post_uid in posts or post.author_key in self._authors or post.repost_of in posts


class Holder(Protocol):
    """Whatever holds posts."""

    def forget(self, gone: Gone) -> None:
        """Hold none of them any more."""


class Shown(msgspec.Struct):
    """Posts that an incident has quoted, each by the hashes of what a withdrawal may call it: no names are kept."""

    posts: list[tuple[int, ...]] = []
    withdrawn: int = 0
    told: int = 0  # of these, when the incident spoke last

    @property
    def total(self) -> int:
        """Posts quoted so far."""
        return len(self.posts) + self.withdrawn

    @property
    def news(self) -> bool:
        """Whether posts were withdrawn since the incident spoke."""
        return self.withdrawn > self.told

    def add(self, quotes: Iterable[Evidence]) -> None:
        """The incident speaks, and quotes these."""
        self.told, known = self.withdrawn, set(self.posts)
        marked = (tuple(map(post_hash, subjects(post))) for post in quotes)
        self.posts += [marks for marks in marked if marks not in known][: MOST_SHOWN - len(self.posts)]

    def forget(self, gone: Gone) -> None:
        """Count the posts that are withdrawn now."""
        left = [marks for marks in self.posts if gone.marks.isdisjoint(marks)]
        self.withdrawn += len(self.posts) - len(left)
        self.posts = left


class Withdrawing:
    """Withdrawals of one brand-log partition.

    They are carried out in one pass, before a minute closes or a checkpoint is written: nothing between looks at a
    quote, so when that is does not show. What arrives after its withdrawal is not taken in. One with a watermark is not
    even noted before the minutes are closed that its source had passed: others may have yet to speak of them.
    """

    __slots__ = ("_ahead", "_dirty", "_heard", "_waiting")

    def __init__(self) -> None:
        self._heard = Withdrawn()
        self._waiting: list[str] = []
        self._ahead: list[Withdrawal] = []
        self._dirty = False

    def note(self, said: Withdrawal, at: int) -> None:
        """Take in a record that was appended at ``at``, ms."""
        if said.watermark is not None:
            self._ahead.append(said)
            self._dirty = True
            return
        self._heard.note(said, at)
        if not said.back:
            self._waiting.append(said.subject)

    def kept(self, partial: Partial, at: int) -> Partial:
        """A partial that arrives at ``at``, without the posts that were withdrawn before."""
        return without(partial, lambda post: self._heard.hides(post, at))

    def carry_out(self, minutes: OpenMinutes, holders: Iterable[Holder], through: int, at: int) -> bool:
        """Let go of what was withdrawn since the last time, by posts before the watermark ``through``; whether any was.

        ``at`` is the time of the log, ms.
        """
        ahead, self._ahead = sorted(self._ahead, key=_watermark), []
        for said in ahead:
            if _watermark(said) < through:
                self.note(replace(said, watermark=None), at)
            else:
                self._ahead.append(said)
        self._dirty |= len(self._ahead) < len(ahead)
        gone, self._waiting = Gone(self._waiting), []
        if not gone.named:
            return False
        minutes.forget(gone.concerns)
        for holder in holders:
            holder.forget(gone)
        return True

    def snapshot(self) -> Blocks:
        """The blocks that changed, once what was due is done."""
        dirty, self._dirty = self._dirty, False
        return self._heard.snapshot() | Blocks({BLOCK: lambda: encode(self._ahead)} if dirty else {})

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold every block."""
        self._heard.mark_all_dirty()
        self._dirty = True

    def restore(self, blocks: Mapping[str, bytes]) -> None:
        """Become what was snapshotted."""
        self._heard.restore(blocks)
        self._ahead = msgspec.json.decode(blocks[BLOCK], type=list[Withdrawal]) if BLOCK in blocks else []


def _watermark(said: Withdrawal) -> int:
    return said.watermark or 0
