"""Full checkpoints kept beside the log they were made from: where ``tocsin verify`` may begin to read it.

They are on a topic of their own that forgets them when the log forgets what follows them, and no restore reads it.
Keys: ``<offset>.<writer>/<block>`` is a block, ``<offset>.<writer>`` the manifest, written last. What a crash leaves
behind names no checkpoint and expires with the rest; what a former owner writes is a fold of the same log.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.checkpoints import Mark
from agents.log_reader import extents, read
from agents.pieces import joined
from pipeline.stage import Snapshot
from schemas.topics import DAY_MS


class Kept(msgspec.Struct):
    """A kept checkpoint: where it was taken, its blocks and its head."""

    mark: Mark
    blocks: tuple[str, ...]
    head: bytes


class Shelf(NamedTuple):
    """The kept checkpoints of one partition: their manifests by key, and where on the topic each key is."""

    kept: dict[str, Kept]
    places: dict[str, int]

    def complete(self) -> list[tuple[str, Kept]]:
        """Keys and manifests of those of which every block is there, in the order of their offsets."""
        whole = [
            (key, kept)
            for key, kept in self.kept.items()
            if all(f"{key}/{block}" in self.places for block in kept.blocks)
        ]
        return sorted(whole, key=lambda item: item[1].mark.offset)


@dataclass(frozen=True, slots=True)
class Keep:
    """Where checkpoints are kept, and the digest of the detectors and words that the stage decides by."""

    topic: str
    detectors: str

    def due(self, last: Mark | None, offset: int, appended_at: int) -> Mark | None:
        """A mark if the checkpoint at ``offset`` must be kept: the first of its detectors, and one a day."""
        if last and last.detectors == self.detectors and appended_at - last.appended_at < DAY_MS:
            return None
        return Mark(offset, appended_at, self.detectors)


def rows(mark: Mark, writer: str, blocks: Mapping[str, bytes], head: bytes) -> Iterator[tuple[str, bytes]]:
    """Keys and values of a checkpoint to keep, its manifest last."""
    key = f"{mark.offset}.{writer}"
    for block, value in blocks.items():
        yield f"{key}/{block}", value
    yield key, msgspec.json.encode(Kept(mark, tuple(blocks), head))


class Start(NamedTuple):
    """Where to begin: the key of a kept checkpoint and its offset; no key for the beginning of a whole log."""

    key: str
    offset: int


def choose_start(kept: Sequence[tuple[str, Kept]], begin: int, detectors: str) -> Start | None:
    """The earliest place from which the log is there and was decided by ``detectors`` to its end; None: there is none.

    ``kept`` are complete, in the order of their offsets; ``begin`` is the log's first offset.
    """
    if begin == 0 and all(one.mark.detectors == detectors for _, one in kept):
        return Start("", 0)
    earliest = None
    for key, one in reversed(kept):
        if one.mark.detectors != detectors or one.mark.offset < begin:
            break
        earliest = Start(key, one.mark.offset)
    return earliest


async def read_shelf(consumer: AIOKafkaConsumer, tp: TopicPartition) -> Shelf:
    """Everything kept of one partition, without the blocks."""
    shelf = Shelf({}, {})
    async for _, records in read(consumer, await extents(consumer, [tp])):
        for record in records:
            key = record.key.decode()
            shelf.places[key] = record.offset
            if "/" not in key:
                shelf.kept[key] = msgspec.json.decode(record.value, type=Kept)
    return shelf


async def read_kept(consumer: AIOKafkaConsumer, tp: TopicPartition, shelf: Shelf, key: str) -> Snapshot:
    """The blocks and the head of a checkpoint of ``shelf.complete()``."""
    kept = shelf.kept[key]
    names = {f"{key}/{block}": block for block in kept.blocks}
    places = [shelf.places[name] for name in names] or [0]
    blocks: dict[str, bytes] = {}
    async for _, records in read(consumer, {tp: (min(places), max(places) + 1)}):
        blocks |= {names[key]: record.value for record in records if (key := record.key.decode()) in names}
    return Snapshot(joined(blocks), kept.head)
