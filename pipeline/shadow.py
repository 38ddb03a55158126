"""The watch stage with shadow rules beside it: judged on the same log, told on a topic of their own, never a page."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from pipeline.dead_letters import dead_letter
from pipeline.drills import BLOCK as DRILLS
from pipeline.ruling import KEYS, Ruling, heard_by, listed
from pipeline.stage import Blocks, Input, Output, Snapshot
from pipeline.watch import Watch
from pipeline.watchlist_entries import WatchList
from schemas.codec import Decoder, Malformed
from schemas.rules_change import RulesChange
from schemas.topics import ALERTS, BRAND_LOG, SHADOW_ALERTS
from schemas.vocabulary import RulesScope

PREFIX = "shadow-"  # of a shadow's blocks
HEAD = "shadow-head"  # its head is a block as well; an empty one: the shadow has ended

_CHANGE: Decoder[RulesChange] = Decoder(RulesChange)


class Shadowed:
    """One brand-log partition. The shadow begins as a copy of what watches, at the record that names its rules.

    It ends at the record that takes them away, and with a change of how posts are counted. Without one nothing is paid.
    """

    def __init__(self, partition: int, watchlist: WatchList) -> None:
        self.partition, self.next = partition, 0
        self._watch = Watch(partition, watchlist)
        self._shadow: Watch | None = None
        self._names: set[str] = set()  # of all blocks that a shadow ever wrote: a manifest names them for ever
        self._ended = False  # since the last checkpoint
        self._head = b""  # of the shadow, as it was written last

    @property
    def holes(self) -> int:
        """Bundles that must have existed and never came."""
        return self._watch.holes

    @property
    def rulings(self) -> Mapping[RulesScope, Ruling | None]:
        """Which lists are in force, by scope."""
        return {"pages": self._watch.ruling, "shadow": self._shadow.ruling if self._shadow else None}

    def apply(self, records: Sequence[Input]) -> list[Output]:
        """Fold records in."""
        if self._shadow is None and all(record.key != KEYS["shadow"] for record in records):
            outputs = self._watch.apply(records)
        else:
            outputs = [output for record in records for output in self._judge(record)]
        self.next = self._watch.next
        return outputs

    def _judge(self, record: Input) -> list[Output]:
        return [*self._watch.apply([record]), *self._beside(record)]

    def _beside(self, record: Input) -> list[Output]:
        change = _CHANGE.decode(record.value) if record.key == KEYS["shadow"] else None
        if isinstance(change, RulesChange) and change.scope == "shadow":
            if change.watchlist is None:
                self._end()
                return []
            watchlist = listed(change)
            if isinstance(watchlist, Malformed):
                return [dead_letter(BRAND_LOG.name, self.partition, record, watchlist)]
            self._shadow = self._shadow or self._copy(watchlist)
        if self._shadow is None:
            return []
        told = self._shadow.apply([record])
        if heard_by(self._shadow.ruling.watchlist) != heard_by(self._watch.ruling.watchlist):
            self._end()
        return list(_alerts(told))

    def _copy(self, watchlist: WatchList) -> Watch:
        self._watch.mark_all_dirty()
        blocks, head = self._watch.snapshot()
        self._watch.mark_all_dirty()
        shadow = Watch(self.partition, watchlist, "shadow")
        own = {"rules", DRILLS}  # that the shadow does not take over
        shadow.restore({name: block for name, block in blocks.items() if name not in own}, head)
        shadow.mark_all_dirty()
        return shadow

    def _end(self) -> None:
        self._ended, self._shadow, self._head = self._ended or self._shadow is not None, None, b""

    def flush(self) -> list[Output]:
        """Nothing waits."""
        return []

    def snapshot(self) -> Snapshot:
        """What changed, the shadow's blocks beside the others."""
        blocks, head = self._watch.snapshot()
        if self._shadow is not None:
            beside = self._snapshot_beside(self._shadow)
        else:
            beside = dict.fromkeys(self._names, b"") if self._ended else {}
        self._names |= beside.keys()
        self._ended = False
        both = {name: partial(held.__getitem__, name) for held in (blocks, beside) for name in held}
        return Snapshot(Blocks(both), head)

    def _snapshot_beside(self, shadow: Watch) -> Mapping[str, bytes]:
        changed, head = shadow.snapshot()
        encoders = {PREFIX + name: partial(changed.__getitem__, name) for name in changed}
        heads = {} if head == self._head else {HEAD: lambda: head}
        self._head = head
        return Blocks(encoders | heads)

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold every block."""
        self._watch.mark_all_dirty()
        self._head = b""
        if self._shadow is None:
            self._ended = bool(self._names)
        else:
            self._shadow.mark_all_dirty()

    def restore(self, blocks: Mapping[str, bytes], head: bytes) -> None:
        """Become the state of a checkpoint."""
        self._watch.restore({name: block for name, block in blocks.items() if not name.startswith(PREFIX)}, head)
        self.next = self._watch.next
        beside = {name: block for name, block in blocks.items() if name.startswith(PREFIX)}
        self._names = set(beside)
        if beside.get(HEAD):
            held = {name.removeprefix(PREFIX): block for name, block in beside.items() if block and name != HEAD}
            self._shadow = Watch(self.partition, self._watch.ruling.watchlist, "shadow")
            self._shadow.restore(held, beside[HEAD])
            self._head = beside[HEAD]


def _alerts(outputs: Sequence[Output]) -> Iterator[Output]:
    """Alerts alone, on the shadow's topic: minutes are the same, pages are what a shadow must not make."""
    return (output._replace(topic=SHADOW_ALERTS.name) for output in outputs if output.topic == ALERTS.name)
