"""The endorse stage: one interactions partition, keyed by actor, becomes endorsements for the authors' partitions."""

from collections.abc import Mapping, Sequence
from itertools import compress
from typing import cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.brake import Brake
from pipeline.dead_letters import dead_letter
from pipeline.influence.endorsement_blocks import EndorsementBlocks, Said
from pipeline.influence.endorsing import CLOCK, EXCESSIVE, SELF, Endorser, Interactions, Lifts, lifts_of
from pipeline.influence.formula import KIND_WEIGHTS, SPREAD
from pipeline.influence.identity import account_id, account_ids, partitions_of, post_tags
from pipeline.stage import Blocks, Input, Output, Snapshot
from schemas.author import Author
from schemas.codec import Decoder, Malformed
from schemas.dead_letter import attempts
from schemas.endorsement import Standing
from schemas.interaction import Interaction
from schemas.topics import INTERACTIONS
from schemas.vocabulary import ENDORSING

FUTURE_MS = 300_000  # an interaction dated later than this after its arrival has a broken clock
_SECOND_MS, _HOUR_S = 1_000, 3_600
_PROVEN = frozenset({"personal", "organisation", "government", "media"})  # verification that is not bought

_WEIGHTS = dict(KIND_WEIGHTS)  # faster to look up
_KINDS = {kind: place for place, kind in enumerate(ENDORSING, 1)}

_INTERACTIONS: Decoder[Interaction] = Decoder(Interaction)
_STANDINGS: Decoder[Standing] = Decoder(Standing)


class Head(msgspec.Struct):
    """What belongs to all blocks of a checkpoint."""

    next: int
    actors: int
    counted: dict[str, int]
    clock: int = 0


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
        if not records:
            return []
        self.next = records[-1].offset + 1
        self._counted["read"] += len(records)
        read = _INTERACTIONS.decode_all([record.value for record in records])
        flags = [
            type(said) is Interaction
            and said.actor is not None
            and said.op == "create"
            and said.target_author_key is not None
            and said.type in _WEIGHTS
            and said.event_time <= record.timestamp + FUTURE_MS
            for said, record in zip(read, records, strict=True)
        ]
        outputs, lifts = self._others(records, read, [place for place, flag in enumerate(flags) if not flag])
        endorsing = cast("list[Interaction]", list(compress(read, flags)))
        self._weigh(endorsing, list(compress(records, flags)), lifts)
        return outputs + self._blocks.full()

    def _others(
        self, records: Sequence[Input], read: Sequence[Interaction | Malformed], places: Sequence[int]
    ) -> tuple[list[Output], Lifts]:
        """Count the records that endorse nobody; their dead letters, and the standings that were told."""
        outputs, judged = [], 0
        before, told = list[int](), list[Standing]()
        for number, place in enumerate(places):
            record = records[place]
            said = _other(read[place], record)
            if isinstance(said, Malformed):
                self._brake.good(place - judged)
                judged = place + 1
                self._reject(record, said.reason)
                outputs.append(dead_letter(INTERACTIONS.name, self.partition, record, said))
            elif isinstance(said, Standing):
                self._counted["standings"] += 1
                before.append(place - number)
                told.append(said)
            else:
                self._counted[_why_nobody(said)] += 1
        self._brake.good(len(records) - judged)
        accounts, trusted = [account_id(one.author_key) for one in told], [one.trusted for one in told]
        return outputs, lifts_of(before, accounts, trusted, [one.at // _SECOND_MS for one in told])

    def _reject(self, record: Input, reason: str) -> None:
        self._counted["rejected"] += 1
        if attempts(record.headers) == 1:
            self._brake.reject(f"{INTERACTIONS.name}/{self.partition}@{record.offset}: {reason}")

    def _weigh(self, endorsing: Sequence[Interaction], records: Sequence[Input], lifts: Lifts) -> None:
        """Weigh what may endorse somebody, in order, and put it into blocks for the authors' partitions."""
        authors = [said.target_author_key or "" for said in endorsing]
        actors = [said.actor for said in endorsing if said.actor is not None]
        dated, arrived = [said.event_time for said in endorsing], [record.timestamp for record in records]
        at = np.minimum(np.array(dated, np.int64), np.array(arrived, np.int64)) // _SECOND_MS
        made = np.array([actor.account_created_at or 0 for actor in actors], np.int64) // _SECOND_MS
        given = Interactions(
            account_ids([actor.author_key for actor in actors]),
            account_ids(authors),
            at.astype(np.uint32),
            np.array([_WEIGHTS[said.type] for said in endorsing], np.float32),
            self._trusted(actors),
            made.astype(np.uint32),
        )
        worth = self._endorser.weigh(given, lifts)
        offsets = np.array([record.offset for record in records], np.int64)
        brands = [said.brand or "" for said in endorsing]
        posts = post_tags([said.target_uid for said in endorsing], at // _HOUR_S)
        roots = [
            said.target_uid or author if said.type in SPREAD else ""
            for said, author in zip(endorsing, authors, strict=True)
        ]
        kinds = [_KINDS[said.type] for said in endorsing]
        said = Said(offsets, at, given.actor, authors, brands, posts)
        self._blocks.add(partitions_of(authors, self._partitions), said, worth, roots, kinds)

    def _trusted(self, actors: Sequence[Author]) -> NDArray[np.bool_]:
        seeds = self._seeds
        return np.array(
            [(one.verified and one.verified_kind in _PROVEN) or one.author_key in seeds for one in actors], np.bool_
        )

    def flush(self) -> list[Output]:
        """The endorsements gathered so far."""
        return self._blocks.rest()

    def snapshot(self) -> Snapshot:
        """Dirty blocks and the head."""
        clock = int(self._endorser.counts[CLOCK])
        head = Head(self.next, int(self._endorser.actors.count[0]), dict(self.counted), clock)
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
        self._endorser.counts[CLOCK] = stored.clock
        self._counted = stored.counted
        self._endorser.restore(blocks, stored.actors)


def _other(said: Interaction | Malformed, record: Input) -> Interaction | Standing | Malformed:
    """What a record is that endorses nobody; one from the future is malformed."""
    if isinstance(said, Malformed):
        standing = _STANDINGS.decode(record.value)
        return said if isinstance(standing, Malformed) else standing
    if said.event_time > record.timestamp + FUTURE_MS:
        return Malformed("future_timestamp", f"event_time {said.event_time} is after its arrival {record.timestamp}")
    return said


def _why_nobody(said: Interaction) -> str:
    """Why an interaction endorses nobody, before its actor is looked at."""
    if said.actor is None:
        return "anonymous"  # a count, which anybody can buy
    if said.op == "delete":
        return "taken_back"  # what it gave fades by itself
    return "no_endorsement"
