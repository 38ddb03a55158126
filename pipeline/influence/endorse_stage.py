"""The endorse stage: one interactions partition, keyed by actor, becomes endorsements for the authors' partitions."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from pipeline.brake import Brake
from pipeline.dead_letters import dead_letter
from pipeline.feed import partition_of
from pipeline.influence.endorsement_blocks import EndorsementBlocks, Given
from pipeline.influence.endorsing import EXCESSIVE, SELF, Endorser, Interactions
from pipeline.influence.formula import KIND_WEIGHTS
from pipeline.influence.identity import account_id, post_tag
from pipeline.stage import Blocks, Input, Output, Snapshot
from schemas.author import Author
from schemas.codec import Decoder, Malformed
from schemas.dead_letter import attempts
from schemas.endorsement import Standing
from schemas.interaction import Interaction
from schemas.topics import INTERACTIONS

FUTURE_MS = 300_000  # an interaction dated later than this after its arrival has a broken clock
_SECOND_MS, _HOUR_MS = 1_000, 3_600_000
_PROVEN = frozenset({"personal", "organisation", "government", "media"})  # verification that is not bought

_INTERACTIONS: Decoder[Interaction] = Decoder(Interaction)
_STANDINGS: Decoder[Standing] = Decoder(Standing)


class Head(msgspec.Struct):
    """What belongs to all blocks of a checkpoint."""

    next: int
    actors: int
    counted: dict[str, int]


class _Row(NamedTuple):
    """One interaction as the kernel wants it."""

    actor: int
    target: int
    at: int
    weight: float
    trusted: bool
    made: int


class Endorse:
    """State of one interactions partition. ``seeds`` are author keys of accounts that are trusted from the start."""

    def __init__(self, partition: int, partitions: int, seeds: frozenset[str] = frozenset()) -> None:
        self.partition, self.next = partition, 0
        self._partitions, self._seeds, self._brake = partitions, seeds, Brake()
        self._endorser, self._blocks = Endorser(), EndorsementBlocks(partition, partitions)
        self._counted = dict.fromkeys(("read", "rejected", "standings", "anonymous", "taken_back", "no_endorsement"), 0)

    @property
    def counted(self) -> Mapping[str, int]:
        """How many records were read, and how many of them endorse nobody, by reason."""
        own, excessive = (int(self._endorser.counts[place]) for place in (SELF, EXCESSIVE))
        return self._counted | {"self": own, "excessive": excessive}

    def apply(self, records: Sequence[Input]) -> list[Output]:
        """Fold records in. Raises ``Poisoned`` when most of the partition is unreadable."""
        outputs: list[Output] = []
        rows, given = list[_Row](), list[Given]()
        for record in records:
            self.next = record.offset + 1
            self._counted["read"] += 1
            said = decode(record)
            if isinstance(said, Malformed):
                self._reject(record, said.reason)
                outputs.append(dead_letter(INTERACTIONS.name, self.partition, record, said))
                continue
            self._brake.good()
            if isinstance(said, Standing):
                self._weigh(rows, given)
                self._counted["standings"] += 1
                self._endorser.lift(account_id(said.author_key), said.trusted, said.at // _SECOND_MS)
            elif reason := _ignored(said):
                self._counted[reason] += 1
            else:
                self._take(said, record, rows, given)
        self._weigh(rows, given)
        return outputs + self._blocks.full()

    def _reject(self, record: Input, reason: str) -> None:
        self._counted["rejected"] += 1
        if attempts(record.headers) == 1:
            self._brake.reject(f"{INTERACTIONS.name}/{self.partition}@{record.offset}: {reason}")

    def _take(self, said: Interaction, record: Input, rows: list[_Row], given: list[Given]) -> None:
        actor, author = said.actor, said.target_author_key
        if actor is None or author is None:
            return  # both are there: ``_ignored`` looked
        at = min(said.event_time, record.timestamp)
        account = account_id(actor.author_key)
        made = (actor.account_created_at or 0) // _SECOND_MS
        trusted = self._trusts(actor)
        rows.append(_Row(account, account_id(author), at // _SECOND_MS, KIND_WEIGHTS[said.type], trusted, made))
        post = post_tag(said.target_uid) if said.target_uid else at // _HOUR_MS % 65_536
        target = partition_of(author.encode(), self._partitions)
        given.append(Given(target, record.offset, at // _SECOND_MS, account, author, said.brand or "", post))

    def _trusts(self, actor: Author) -> bool:
        return actor.author_key in self._seeds or (actor.verified and actor.verified_kind in _PROVEN)

    def _weigh(self, rows: list[_Row], given: list[Given]) -> None:
        """Weigh what was gathered, in order, and gather it for the authors' partitions."""
        if not rows:
            return
        actor, target, at, weight, trusted, made = zip(*rows, strict=True)
        worth = self._endorser.weigh(Interactions(
            np.array(actor, np.uint64), np.array(target, np.uint64), np.array(at, np.uint32),
            np.array(weight, np.float32), np.array(trusted, np.bool_), np.array(made, np.uint32),
        ))  # fmt: skip
        self._blocks.add(given, worth)
        rows.clear()
        given.clear()

    def flush(self) -> list[Output]:
        """The endorsements gathered so far."""
        return self._blocks.rest()

    def snapshot(self) -> Snapshot:
        """Dirty blocks and the head."""
        head = Head(self.next, int(self._endorser.actors.count[0]), dict(self.counted))
        return Snapshot(Blocks(self._endorser.snapshot()), msgspec.json.encode(head))

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold every block."""
        self._endorser.mark_all_dirty()

    def restore(self, blocks: Mapping[str, bytes], head: bytes) -> None:
        """Become the state of a checkpoint."""
        stored = msgspec.json.decode(head, type=Head)
        self.next = stored.next
        self._endorser.counts[SELF] = stored.counted.pop("self")
        self._endorser.counts[EXCESSIVE] = stored.counted.pop("excessive")
        self._counted = stored.counted
        self._endorser.restore(blocks, stored.actors)


def decode(record: Input) -> Interaction | Standing | Malformed:
    """An interaction, a standing, or why neither; what comes from the future is malformed."""
    said = _INTERACTIONS.decode(record.value)
    if isinstance(said, Malformed):
        standing = _STANDINGS.decode(record.value)
        return said if isinstance(standing, Malformed) else standing
    if said.event_time > record.timestamp + FUTURE_MS:
        return Malformed("future_timestamp", f"event_time {said.event_time} is after its arrival {record.timestamp}")
    return said


def _ignored(said: Interaction) -> str | None:
    """Why an interaction endorses nobody, before its actor is looked at."""
    if said.actor is None:
        return "anonymous"  # a count, which anybody can buy
    if said.op == "delete":
        return "taken_back"  # what it gave fades by itself
    if said.target_author_key is None or said.type not in KIND_WEIGHTS:
        return "no_endorsement"
    return None
