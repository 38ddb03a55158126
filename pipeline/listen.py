"""The listen stage: one posts partition becomes signals, and cumulative partials with progress for the brand log."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from pipeline.authors import Authors
from pipeline.brake import Brake
from pipeline.dead_letters import dead_letter
from pipeline.hearing import Ear, Heard, ours
from pipeline.ledger import Ledger
from pipeline.listen_checkpoint import Head
from pipeline.partition_time import PartitionTime
from pipeline.retracting import passed_on, retraction
from pipeline.signal_blocks import SignalBlocks
from pipeline.stage import Input, Output, Snapshot
from pipeline.subject_blocks import SubjectBlocks
from pipeline.tallying import Tally
from pipeline.urgent import Urgent
from pipeline.watchlist import Rules
from pipeline.withdrawn import Withdrawn
from schemas.brand_log import Progress
from schemas.dead_letter import attempts
from schemas.endorsement import Voice
from schemas.signal import Signal
from schemas.topics import POSTS
from schemas.withdrawal import Withdrawal


class Partitions(NamedTuple):
    """How many partitions the two topic families have."""

    posts: int
    brand: int


class Listen:
    """State of one posts partition.

    Time is the highest event time seen, never ahead of the broker's append time. When the watermark (that, minus the
    allowed lateness) enters another bucket, bundles go out at that very record, so minutes close the same way however
    the log is cut into batches.
    """

    def __init__(self, partition: int, partitions: Partitions, rules: Rules, ear: Ear) -> None:
        self.partition, self.next = partition, 0
        self._partitions, self._ear, self._brake = partitions, ear, Brake()
        self._bucket, self._lateness = rules.bucket_s * 1000, rules.lateness_s * 1000
        self.time = PartitionTime()
        self._ledger = Ledger(partition, partitions.brand, self._bucket, rules.horizon_s * 1000)
        self._authors, self._withdrawn = Authors(), Withdrawn()
        self._tally = Tally(self._ledger, self._authors, self._bucket)
        self._signals, self._subjects = SignalBlocks(partition), SubjectBlocks(partition)
        self._urgent = Urgent(partitions.brand, self._bucket, ear.rules)
        self._counted = dict.fromkeys(
            ("read", "ticks", "rejected", "unmatched", "duplicates", "expired", "withdrawn"), 0
        )

    @property
    def watermark(self) -> int:
        """No on-time post dated before it will come, ms; 0 before the first record."""
        return max(self.time.high - self._lateness, 0)

    @property
    def vacant(self) -> bool:
        """Whether no post or tick ever came."""
        return not self.time.heard

    def progress(self) -> Progress:
        """Counters and time after the last record applied."""
        return Progress(
            source=self.partition,
            sources=self._partitions.posts,
            offset=self.next - 1,
            watermark=self.watermark,
            **self._counted,
        )

    def apply(self, records: Sequence[Input]) -> list[Output]:
        """Fold records in. Raises ``Poisoned`` when most of the partition is unreadable."""
        outputs: list[Output] = []
        for heard in map(self._introduce, self._ear.hear(self.partition, records)):
            self.next = heard.record.offset + 1
            if heard.voice:
                self._learn(heard.voice)
                continue
            self._counted["read"] += 1
            if heard.malformed:
                self._counted["rejected"] += 1
                self._brake_for(heard.record, heard.malformed.reason)
                outputs.append(dead_letter(POSTS.name, self.partition, heard.record, heard.malformed))
                continue
            self._brake.good()
            if heard.withdrawal:
                outputs += self._withdraw(heard, heard.withdrawal)
                continue
            if heard.drill:
                outputs += self._rehearse(heard)
                continue
            self.time.heard = heard.record.timestamp
            outputs += self._count(heard)
            outputs += self._pass(heard)
        return outputs + self._signals.full() + self._subjects.full()

    def _learn(self, voice: Voice) -> None:
        """Know an author for so influential; tell the log of the brand that this is about."""
        self._authors.learn(voice)
        if voice.brand:
            self._ledger.lead(voice)

    def _brake_for(self, record: Input, reason: str) -> None:
        """Let the brake know of an unreadable record; not of one that was replayed, which it knew the first time."""
        if attempts(record.headers) == 1:
            self._brake.reject(f"{POSTS.name}/{self.partition}@{record.offset}: {reason}")

    def _introduce(self, heard: Heard) -> Heard:
        """What was heard, with what is known of its author. What is late or was delivered before is no news of it."""
        if heard.signal is None or heard.drill:
            return heard
        news = self._tally.news(heard.signal, self.watermark)
        return self._authors.introduce(heard, self._now(heard, heard.signal), news=news)

    def _withdraw(self, heard: Heard, said: Withdrawal) -> list[Output]:
        """Forget what is withdrawn; in a live partition that is silent otherwise, nobody else would tell the time."""
        self._counted["withdrawn"] += 1
        self._withdrawn.note(said, arrived := heard.record.timestamp)
        if not said.back:
            self._ledger.forget(said.subject)
        return self._enter() if self.time.withdrawal(arrived) else []

    def _rehearse(self, heard: Heard) -> list[Output]:
        """Count a post of a drill beside all else, which learns nothing of it; it passes time as a withdrawal does."""
        self._ledger.rehearse(heard, self.watermark)
        return self._enter() if self.time.withdrawal(heard.record.timestamp) else []

    def _count(self, heard: Heard) -> list[Output]:
        """Count a tick or a post; what of it does not wait for its minute to end."""
        if heard.tick:
            self._counted["ticks"] += 1
        elif heard.signal is None:
            self._counted["unmatched"] += 1
        elif self._withdrawn.suppresses(heard):
            self._counted["withdrawn"] += 1
        else:
            self._signals.add(heard.signal)
            if said := retraction(heard, self.watermark):
                return self._retract(said, heard.record.timestamp)
            if heard.post and heard.post.op == "create":
                return self._add(heard, heard.signal)
        return []

    def _retract(self, said: Withdrawal, arrived: int) -> list[Output]:
        """Forget a post that withdraws itself, and pass that on. A minute that has ended was told, and stays so."""
        self._withdrawn.note(said, arrived)
        if not said.back:
            self._counted["withdrawn"] += 1
            self._ledger.forget(said.subject, self.watermark - self._bucket + 1)
        return passed_on(said, self._partitions.brand)

    def _add(self, heard: Heard, signal: Signal) -> list[Output]:
        """Put a post into the totals; what of one that nobody knew before is told at once."""
        missed = self._tally.count(signal, self.watermark)
        if missed:
            self._counted[missed] += 1
            return []
        self._subjects.add(signal)
        return [] if ours(heard) else self._urgent.findings(signal, self._now(heard, signal))

    def _now(self, heard: Heard, signal: Signal) -> int:
        return self.time.after(signal.event_time, heard.record.timestamp)

    def _pass(self, heard: Heard) -> list[Output]:
        """Let time pass to the record; when its watermark enters another bucket, tell every brand-log partition."""
        self.time.hear(heard)
        return self._enter()

    def _enter(self) -> list[Output]:
        """What is told when the watermark has entered another bucket."""
        if not self._ledger.enters(self.watermark):
            return []
        outputs = self._ledger.tell_all(self.progress(), self.time.ended)
        self._ledger.drop(self._ledger.floor(self.watermark))
        self._tally.recent.drop(self.watermark - self._bucket)
        return outputs

    def flush(self) -> list[Output]:
        """Bundles for the brand-log partitions with news, and the signals gathered so far."""
        return [*self._ledger.tell(self.progress(), self.time.ended), *self._signals.rest(), *self._subjects.rest()]

    def snapshot(self) -> Snapshot:
        """Dirty blocks and the head."""
        totals = self._ledger.snapshot() | self._tally.recent.snapshot()
        memories = self._urgent.snapshot() | self._authors.snapshot() | self._withdrawn.snapshot()
        head = Head(self.progress(), self.time, self._ledger.previous, self._authors.count, self._ledger.leaders)
        return Snapshot(totals | memories, msgspec.json.encode(head))

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold every block."""
        self._ledger.mark_all_dirty()
        self._withdrawn.mark_all_dirty()
        self._authors.mark_all_dirty()
        self._tally.recent.dirty = self._urgent.dirty = True

    def restore(self, blocks: Mapping[str, bytes], head: bytes) -> None:
        """Become the state of a checkpoint."""
        stored = msgspec.json.decode(head, type=Head)
        self.next, self.time = stored.progress.offset + 1, stored.time
        self._counted = {name: getattr(stored.progress, name) for name in self._counted}
        self._tally.recent.restore(blocks)
        self._urgent.restore(blocks)
        self._withdrawn.restore(blocks)
        self._authors.restore(blocks, stored.voices)
        self._ledger.restore(blocks, stored.previous, self.watermark, stored.leaders)
