"""The forget stage: tombstones of one partition are passed on to every partition of posts and of the brand log."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import msgspec

from pipeline.dead_letters import dead_letter
from pipeline.listen import Partitions
from pipeline.stage import Input, Output, Snapshot
from schemas.codec import Decoder, Malformed, encode
from schemas.interaction import Tombstone
from schemas.topics import BRAND_LOG, POSTS, TOMBSTONES
from schemas.vocabulary import TombstoneOp
from schemas.withdrawal import KEY, Withdrawal

_BACK: Mapping[TombstoneOp, bool] = MappingProxyType({
    "delete_post": False, "delete_author": False, "withhold": False, "protect": False, "suspend": False, "undo": True,
})  # fmt: skip  # we keep no place of a post, so there is nothing to scrub

_TOMBSTONES: Decoder[Tombstone] = Decoder(Tombstone)


def withdrawal(said: Tombstone) -> Withdrawal | None:
    """What a tombstone means to those who hold texts; None if nothing."""
    return Withdrawal(subject=said.subject, back=_BACK[said.op]) if said.op in _BACK else None


class Head(msgspec.Struct):
    """What a checkpoint keeps: there are no blocks."""

    next: int


class Forget:
    """State of one partition of tombstones: how far it was read.

    Nobody knows in which partition a post is that has only a name, so all are told; a repetition says nothing new. An
    unreadable tombstone is a dead letter and never stops the others: there is no brake on forgetting.
    """

    def __init__(self, partition: int, partitions: Partitions) -> None:
        self.partition, self.next, self._partitions = partition, 0, partitions

    def apply(self, records: Sequence[Input]) -> list[Output]:
        """Fold records in."""
        return [output for record in records for output in self._pass_on(record)]

    def _pass_on(self, record: Input) -> Iterator[Output]:
        self.next = record.offset + 1
        if record.value is None:
            return  # the topic is compacted: somebody has removed a tombstone
        said = _TOMBSTONES.decode(record.value)
        if isinstance(said, Malformed):
            yield dead_letter(TOMBSTONES.name, self.partition, record, said)
        elif passed_on := withdrawal(said):
            value = encode(passed_on)
            for topic, count in ((POSTS, self._partitions.posts), (BRAND_LOG, self._partitions.brand)):
                for partition in range(count):
                    yield Output(topic.name, partition, KEY, value)

    def flush(self) -> list[Output]:
        """Nothing waits."""
        return []

    def snapshot(self) -> Snapshot:
        """The head."""
        return Snapshot({}, encode(Head(self.next)))

    def mark_all_dirty(self) -> None:
        """There are no blocks."""

    def restore(self, blocks: Mapping[str, bytes], head: bytes) -> None:  # noqa: ARG002  # the protocol of stages
        """Become the state of a checkpoint."""
        self.next = msgspec.json.decode(head, type=Head).next
