"""The adapt stage: one partition of a source's raw topic becomes canonical posts, interactions and tombstones."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from pipeline.adapting import Written, adapt
from pipeline.brake import Brake
from pipeline.channels._base import Adapter, Receipt, Record
from pipeline.dead_letters import dead_letter
from pipeline.feed import key_of, partition_of
from pipeline.metric_snapshots import MetricSnapshots
from pipeline.privacy import identities, public
from pipeline.stage import Input, Output, Snapshot
from schemas.codec import Malformed, encode
from schemas.dead_letter import attempts
from schemas.interaction import Interaction
from schemas.post import SocialPost
from schemas.topics import IDENTITIES, INTERACTIONS, POSTS, TOMBSTONES, raw

IRRELEVANT = "irrelevant"  # what a source sends beside posts: counted, and no dead letter


class Pseudonyms(msgspec.Struct, frozen=True):
    """The secret that makes pseudonyms of accounts, and its name."""

    secret: bytes
    key_id: str

    def receipt(self, received_at: int, collector: str) -> Receipt:
        """What an adapter is told of a payload received then, ms."""
        return Receipt(received_at, self.secret, self.key_id, collector)


class Head(msgspec.Struct):
    """What a checkpoint keeps beside the blocks."""

    next: int
    irrelevant: int


class Adapt:
    """State of one raw partition. Every output topic has ``partitions`` partitions."""

    def __init__(self, source: str, adapter: Adapter, partitions: int, pseudonyms: Pseudonyms, partition: int) -> None:
        self.partition, self.next, self.irrelevant = partition, 0, 0
        self._topic, self._source, self._adapter = raw(source).name, source, adapter
        self._partitions, self._pseudonyms = partitions, pseudonyms
        self._metrics, self._brake = MetricSnapshots(), Brake()

    def apply(self, records: Sequence[Input]) -> list[Output]:
        """Fold records in. Raises ``Poisoned`` when most of the partition is unusable."""
        outputs: list[Output] = []
        for record in records:
            self.next = record.offset + 1
            receipt = self._pseudonyms.receipt(record.timestamp, self._source)
            answers, refused = adapt(self._adapter, record.value or b"", receipt), list[Malformed]()
            for answer in answers:
                if isinstance(answer, Written):
                    outputs += self._told(answer, record.timestamp)
                else:
                    refused.append(answer)
            outputs += self._refused(record, refused, len(answers))
        return outputs

    def _told(self, written: Written, received_at: int) -> Iterable[Output]:
        record = written.record
        yield self._put(record)
        for identity in identities(record, received_at):
            yield self._output(IDENTITIES.name, identity.author_key.encode(), encode(identity))
        if isinstance(record, SocialPost):
            for difference in self._metrics.differences(record, received_at):
                yield self._put(difference)

    def _put(self, record: Record) -> Output:
        value = encode(public(record))
        if isinstance(record, SocialPost):
            return self._output(POSTS.name, key_of(record), value)
        if isinstance(record, Interaction):
            return self._output(INTERACTIONS.name, _key(record), value)
        return self._output(TOMBSTONES.name, record.subject.encode(), value)

    def _output(self, topic: str, key: bytes, value: bytes) -> Output:
        return Output(topic, partition_of(key, self._partitions), key, value)

    def _refused(self, record: Input, refused: Sequence[Malformed], of: int) -> list[Output]:
        """One dead letter, for whatever number of items of the payload was refused."""
        wrong = [one for one in refused if one.reason != IRRELEVANT]
        self.irrelevant += len(refused) - len(wrong)
        if not wrong:
            self._brake.good()
            return []
        first = wrong[0]
        if attempts(record.headers) == 1:
            self._brake.reject(f"{self._topic}/{self.partition}@{record.offset}: {first.reason}")
        if of > 1:
            first = Malformed(first.reason, f"{len(wrong)} of {of} items, the first: {first.detail}")
        return [dead_letter(self._topic, self.partition, record, first)]

    def flush(self) -> list[Output]:
        """Nothing waits."""
        return []

    def snapshot(self) -> Snapshot:
        """Blocks of metrics that changed, and the head."""
        return Snapshot(self._metrics.snapshot(), encode(Head(self.next, self.irrelevant)))

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold every block."""
        self._metrics.mark_all_dirty()

    def restore(self, blocks: Mapping[str, bytes], head: bytes) -> None:
        """Become the state of a checkpoint."""
        stored = msgspec.json.decode(head, type=Head)
        self.next, self.irrelevant = stored.next, stored.irrelevant
        self._metrics.restore(blocks)


def _key(interaction: Interaction) -> bytes:
    """Who acts: repeats of one account are seen in one place. Where only counts are known, whose post it is."""
    actor = interaction.actor.author_key if interaction.actor else None
    return (actor or interaction.target_author_key or interaction.target_uid or interaction.interaction_uid).encode()
