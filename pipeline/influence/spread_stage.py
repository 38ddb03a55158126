"""The spread stage: reposts among the endorsements of one partition of authors, by their root, become forecasts."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from pipeline.influence.cascades import Cascades, Repost
from pipeline.influence.cascades import Head as CascadesHead
from pipeline.stage import Blocks, Input, Output, Snapshot
from schemas.codec import Decoder, Malformed, encode
from schemas.endorsement import Endorsements
from schemas.topics import CASCADES

_ENDORSEMENTS: Decoder[Endorsements] = Decoder(Endorsements)


class Head(msgspec.Struct):
    """What belongs to all blocks of a checkpoint."""

    next: int
    applied: dict[int, int]
    repeated: int
    cascades: CascadesHead


class Spread:
    """State of one endorsements partition: a pure function of that log, as that of the influence stage.

    All reposts of a root are on the partition of its author. Whatever was applied before, by source partition and
    offset, is skipped; so is the same repost told twice, which endorse knows by its gap of no second.
    """

    def __init__(self, partition: int) -> None:
        self.partition, self.next = partition, 0
        self._cascades = Cascades()
        self._applied: dict[int, int] = {}  # source partition -> offset of its last interaction
        self._repeated = 0

    @property
    def counted(self) -> Mapping[str, int]:
        """How many cascades began, are open or were forgotten; how many reposts were stale or repeated."""
        return {**self._cascades.counted, "repeated": self._repeated}

    def apply(self, records: Sequence[Input]) -> list[Output]:
        """Fold records in. Of one that is unreadable the influence stage makes a dead letter."""
        outputs: list[Output] = []
        for record in records:
            self.next = record.offset + 1
            said = _ENDORSEMENTS.decode(record.value)
            if not isinstance(said, Malformed) and not _uneven(said):
                outputs += self._tell(said, record.offset)
        return outputs

    def _tell(self, said: Endorsements, offset: int) -> Iterator[Output]:
        for one in self._cascades.add(self._fresh(said)):
            told = msgspec.structs.replace(one, partition=self.partition, offset=offset)
            yield Output(CASCADES.name, self.partition, told.root.encode(), encode(told))

    def _fresh(self, said: Endorsements) -> Iterator[Repost]:
        """The reposts that were not applied yet."""
        last = self._applied.get(said.source, -1)
        columns = zip(said.offsets, said.roots, said.authors, said.brands, said.at, said.gaps, strict=False)
        for offset, root, author, brand, at, gap in columns:  # one without roots is of a time before cascades
            if not root:
                continue
            if offset > last and gap:
                yield Repost(root, author, brand, at)
            else:
                self._repeated += 1
        if said.offsets and said.offsets[-1] > last:
            self._applied[said.source] = said.offsets[-1]

    def flush(self) -> list[Output]:
        """Nothing waits: what is due is told at once."""
        return []

    def snapshot(self) -> Snapshot:
        """Dirty blocks and the head."""
        head = Head(self.next, self._applied, self._repeated, self._cascades.head)
        return Snapshot(Blocks(self._cascades.snapshot()), msgspec.json.encode(head))

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold every block."""
        self._cascades.mark_all_dirty()

    def restore(self, blocks: Mapping[str, bytes], head: bytes) -> None:
        """Become the state of a checkpoint."""
        stored = msgspec.json.decode(head, type=Head)
        self.next, self._applied, self._repeated = stored.next, stored.applied, stored.repeated
        self._cascades.restore(blocks, stored.cascades)


def _uneven(said: Endorsements) -> bool:
    columns = (said.at, said.authors, said.brands, said.gaps, said.roots or said.offsets)
    return any(len(column) != len(said.offsets) for column in columns)
