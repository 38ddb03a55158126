"""What listen counts of drills in one posts partition: beside the real totals, and never in them."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from pipeline.running import Running
from pipeline.stage import Blocks
from schemas.brand_log import Evidence, Partial, Rehearsal
from schemas.drill import DrillPost
from schemas.signal import Signal
from schemas.vocabulary import EvidenceReason

BLOCK = "drills"
MOST = 16  # totals that are kept at once; of more drills than that nothing is counted


class Key(NamedTuple):
    """One total, and the brand-log partition that it is told to."""

    target: int
    minute: int
    brand: str
    drill: str
    pages: bool


_Stored = list[tuple[Key, Partial, dict[EvidenceReason, Evidence]]]


class Rehearsals:
    """Cumulative partials of drills. One is told for the last time, and forgotten, when its minute has ended."""

    __slots__ = ("_changed", "_open", "dirty")

    def __init__(self) -> None:
        self._open: dict[Key, Running] = {}
        self._changed: set[Key] = set()  # since the last bundle
        self.dirty = False

    def add(self, target: int, said: DrillPost, signal: Signal, minute: int) -> None:
        """Count an on-time post of a drill."""
        key = Key(target, minute, said.brand, said.drill, said.pages)
        running = self._open.get(key)
        if running is None:
            if len(self._open) >= MOST:
                return
            running = self._open[key] = Running(said.brand, minute)
        running.add(signal)
        self._changed.add(key)
        self.dirty = True

    def news(self, target: int) -> bool:
        """Whether something was counted since the last bundle to ``target``."""
        return any(key.target == target for key in self._changed)

    def told(self, target: int, last: int) -> tuple[Rehearsal, ...]:
        """For a bundle: what has changed, and the minutes that start at ``last`` or before, which are complete."""
        keys = [key for key in self._open if key.target == target and (key in self._changed or key.minute <= last)]
        told = []
        for key in sorted(keys):
            running, ended = self._open[key], key.minute <= last
            if ended:
                running.seal()
                del self._open[key]
                self.dirty = True
            told.append(Rehearsal(drill=key.drill, pages=key.pages, partial=running.partial(ended=ended)))
        self._changed.difference_update(keys)
        return tuple(told)

    def snapshot(self) -> Blocks:
        """The block, if it changed."""
        dirty, self.dirty = self.dirty, False
        return Blocks({BLOCK: self._encoded} if dirty else {})

    def _encoded(self) -> bytes:
        return msgspec.json.encode([(key, *running.stored()) for key, running in self._open.items()])

    def restore(self, blocks: Mapping[str, bytes]) -> None:
        """Become what was snapshotted. Everything was told before the snapshot."""
        held = msgspec.json.decode(blocks[BLOCK], type=_Stored) if BLOCK in blocks else []
        self._open = {key: Running.restored(told, best) for key, told, best in held}
        self._changed = set()
