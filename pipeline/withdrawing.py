"""Withdrawals on the brand log: texts leave the state of watch, an incident counts how many of its quotes are gone."""

from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec

from pipeline.closing import OpenMinutes, without
from pipeline.recent import post_hash
from pipeline.stage import Blocks
from pipeline.withdrawn import Withdrawn
from schemas.brand_log import Evidence, Partial
from schemas.withdrawal import Withdrawal, subjects

MOST_SHOWN = 1_000  # posts that one incident remembers to have quoted


class Gone:
    """Subjects that were withdrawn, all to be forgotten in one pass over a state."""

    def __init__(self, named: Iterable[str]) -> None:
        self.named = frozenset(named)
        self.marks = frozenset(map(post_hash, self.named))

    def concerns(self, post: Evidence) -> bool:
        """Whether a post is one of them."""
        return any(subject in self.named for subject in subjects(post))


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
    quote, so when that is does not show. What arrives after its withdrawal is not taken in.
    """

    __slots__ = ("_heard", "_waiting")

    def __init__(self) -> None:
        self._heard = Withdrawn()
        self._waiting: list[str] = []

    def note(self, said: Withdrawal, at: int) -> None:
        """Take in a record that was appended at ``at``, ms."""
        self._heard.note(said, at)
        if not said.back:
            self._waiting.append(said.subject)

    def kept(self, partial: Partial, at: int) -> Partial:
        """A partial that arrives at ``at``, without the posts that were withdrawn before."""
        return without(partial, lambda post: self._heard.hides(post, at))

    def carry_out(self, minutes: OpenMinutes, holders: Iterable[Holder]) -> bool:
        """Let go of what was withdrawn since the last time; whether anything was."""
        gone, self._waiting = Gone(self._waiting), []
        if not gone.named:
            return False
        minutes.forget(gone.concerns)
        for holder in holders:
            holder.forget(gone)
        return True

    def snapshot(self) -> Blocks:
        """The blocks that changed, once what was due is done."""
        return self._heard.snapshot()

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold every block."""
        self._heard.mark_all_dirty()

    def restore(self, blocks: Mapping[str, bytes]) -> None:
        """Become what was snapshotted."""
        self._heard.restore(blocks)
