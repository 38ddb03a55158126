"""The endorse stage: one interactions partition, keyed by actor, becomes endorsements for the authors' partitions."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from pipeline.brake import Brake
from pipeline.dead_letters import dead_letter
from pipeline.feed import partition_of
from pipeline.influence.endorsement_blocks import EndorsementBlocks
from pipeline.influence.endorsing import EXCESSIVE, SELF, Endorser, Interactions
from pipeline.influence.formula import KIND_WEIGHTS, SPREAD
from pipeline.influence.identity import account_id, account_ids, post_tag
from pipeline.stage import Blocks, Input, Output, Snapshot
from schemas.author import Author
from schemas.codec import Decoder, Malformed
from schemas.dead_letter import attempts
from schemas.endorsement import Standing
from schemas.interaction import Interaction
from schemas.topics import INTERACTIONS

FUTURE_MS = 300_000  # an interaction dated later than this after its arrival has a broken clock
_SECOND_MS, _HOUR_S = 1_000, 3_600
_PROVEN = frozenset({"personal", "organisation", "government", "media"})  # verification that is not bought

_INTERACTIONS: Decoder[Interaction] = Decoder(Interaction)
_STANDINGS: Decoder[Standing] = Decoder(Standing)


class Head(msgspec.Struct):
    """What belongs to all blocks of a checkpoint."""

    next: int
    actors: int
    counted: dict[str, int]


class _Gathered(NamedTuple):
    """An interaction that may endorse somebody, and when it took effect, s."""

    said: Interaction
    actor: Author
    author: str
    offset: int
    at: int


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
        gathered = list[_Gathered]()
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
                self._weigh(gathered)
                self._counted["standings"] += 1
                self._endorser.lift(account_id(said.author_key), said.trusted, said.at // _SECOND_MS)
            elif isinstance(found := _endorsing(said, record), str):
                self._counted[found] += 1
            else:
                gathered.append(found)
        self._weigh(gathered)
        return outputs + self._blocks.full()

    def _reject(self, record: Input, reason: str) -> None:
        self._counted["rejected"] += 1
        if attempts(record.headers) == 1:
            self._brake.reject(f"{INTERACTIONS.name}/{self.partition}@{record.offset}: {reason}")

    def _trusts(self, actor: Author) -> bool:
        return actor.author_key in self._seeds or (actor.verified and actor.verified_kind in _PROVEN)

    def _weigh(self, gathered: list[_Gathered]) -> None:
        """Weigh what was gathered, in order, and put it into blocks for the authors' partitions."""
        if not gathered:
            return
        said, actors, authors, offsets, at = zip(*gathered, strict=True)
        given = Interactions(
            account_ids([actor.author_key for actor in actors]),
            account_ids(authors),
            np.array(at, np.uint32),
            np.array([KIND_WEIGHTS[one.type] for one in said], np.float32),
            np.array([self._trusts(actor) for actor in actors], np.bool_),
            np.array([(actor.account_created_at or 0) // _SECOND_MS for actor in actors], np.uint32),
        )
        worth = self._endorser.weigh(given)
        brands = [one.brand or "" for one in said]
        posts = [
            post_tag(one.target_uid) if one.target_uid else when // _HOUR_S & 0xFFFF
            for one, when in zip(said, at, strict=True)
        ]
        columns = (offsets, at, given.actor.tolist(), authors, brands, posts)
        roots = [
            one.target_uid or author if one.type in SPREAD else "" for one, author in zip(said, authors, strict=True)
        ]
        targets = [partition_of(author.encode(), self._partitions) for author in authors]
        self._blocks.add(targets, zip(*columns, *(column.tolist() for column in worth), roots, strict=True))
        gathered.clear()

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


def _endorsing(said: Interaction, record: Input) -> _Gathered | str:
    """What may endorse somebody, or why it endorses nobody, before its actor is looked at."""
    if said.actor is None:
        return "anonymous"  # a count, which anybody can buy
    if said.op == "delete":
        return "taken_back"  # what it gave fades by itself
    if said.target_author_key is None or said.type not in KIND_WEIGHTS:
        return "no_endorsement"
    at = min(said.event_time, record.timestamp) // _SECOND_MS
    return _Gathered(said, said.actor, said.target_author_key, record.offset, at)
