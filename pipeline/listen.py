"""The listen stage: one posts partition becomes signals, and cumulative partials with progress for the brand log."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from pipeline.brake import Brake
from pipeline.dead_letters import dead_letter
from pipeline.hearing import Ear, Heard, ours
from pipeline.ledger import Ledger
from pipeline.recent import Recent
from pipeline.signal_blocks import SignalBlocks
from pipeline.stage import Input, Output, Snapshot
from pipeline.subject_blocks import SubjectBlocks
from pipeline.urgent import Urgent
from pipeline.voices import Voices
from pipeline.watchlist import Rules
from schemas.brand_log import Progress
from schemas.dead_letter import attempts
from schemas.endorsement import Voice
from schemas.signal import Signal
from schemas.topics import POSTS


class Partitions(NamedTuple):
    """How many partitions the two topic families have."""

    posts: int
    brand: int


LIVE_MS = 900_000  # a feed whose time is at most so far behind the broker's follows the clock
LONGEST_DELAY_MS = 120_000  # a slower feed has late posts when its partition falls silent


class Head(msgspec.Struct):
    """What belongs to all blocks of a checkpoint."""

    progress: Progress
    high: int
    live: bool
    usual_delay: int
    previous: list[int]
    ended: int | None = None
    voices: int = 0


class Listen:
    """State of one posts partition.

    Time is the highest event time seen, never ahead of the broker's append time. When the watermark (that, minus the
    allowed lateness) enters another bucket, bundles go out at that very record, so minutes close the same way however
    the log is cut into batches.
    """

    def __init__(self, partition: int, partitions: Partitions, rules: Rules, ear: Ear) -> None:
        self.partition, self.next = partition, 0
        self._sources, self._ear, self._brake = partitions.posts, ear, Brake()
        self._bucket, self._lateness = rules.bucket_s * 1000, rules.lateness_s * 1000
        self._high = 0
        self.live = False  # when the last post arrived, time here was close to the broker's
        self._usual_delay = 0  # ms from being written to arriving, smoothed over live posts
        self._ended: int | None = None  # when the last post of a feed was written that is over, ms
        self._ledger = Ledger(partition, partitions.brand, self._bucket, rules.horizon_s * 1000)
        self._recent = Recent()
        self._signals, self._subjects, self._voices = SignalBlocks(partition), SubjectBlocks(partition), Voices()
        self._urgent = Urgent(partitions.brand, self._bucket, ear.rules)
        self._counted = dict.fromkeys(
            ("read", "ticks", "rejected", "unmatched", "duplicates", "expired", "withdrawn"), 0
        )

    @property
    def watermark(self) -> int:
        """No on-time post dated before it will come, ms; 0 before the first record."""
        return max(self._high - self._lateness, 0)

    @property
    def delay(self) -> int:
        """How far behind the clock a tick must stay so that posts still on their way are not late, ms."""
        return min(2 * self._usual_delay, LONGEST_DELAY_MS)

    def progress(self) -> Progress:
        """Counters and time after the last record applied."""
        return Progress(
            source=self.partition,
            sources=self._sources,
            offset=self.next - 1,
            watermark=self.watermark,
            **self._counted,
        )

    def apply(self, records: Sequence[Input]) -> list[Output]:
        """Fold records in. Raises ``Poisoned`` when most of the partition is unreadable."""
        outputs: list[Output] = []
        for heard in self._ear.hear(self.partition, records):
            self.next = heard.record.offset + 1
            self._counted["read"] += 1
            if heard.malformed:
                self._counted["rejected"] += 1
                self._brake_for(heard.record, heard.malformed.reason)
                outputs.append(dead_letter(POSTS.name, self.partition, heard.record, heard.malformed))
                continue
            self._brake.good()
            if heard.voice:
                self._learn(heard.voice)
                continue
            heard = self._influential(heard)  # noqa: PLW2901  # the same, as influential as its author is now
            if self._count(heard) and heard.signal and not ours(heard):
                now = max(self._high, min(heard.signal.event_time, heard.record.timestamp))
                outputs += self._urgent.findings(heard.signal, now)
            outputs += self._pass(heard)
        outputs += self._signals.full() + self._subjects.full()
        return outputs

    def _learn(self, voice: Voice) -> None:
        """Know an author for so influential; tell the log of the brand that this is about."""
        self._voices.learn(voice)
        if voice.brand:
            self._ledger.lead(voice)

    def _influential(self, heard: Heard) -> Heard:
        """What was heard, with the influence of its author at that time."""
        signal = heard.signal
        score = self._voices.meet(signal.author_key, signal.reach, signal.event_time) if signal else 0.0
        return heard._replace(signal=replace(signal, influence=score)) if signal and score else heard

    def _brake_for(self, record: Input, reason: str) -> None:
        """Let the brake know of an unreadable record; not of one that was replayed, which it knew the first time."""
        if attempts(record.headers) == 1:
            self._brake.reject(f"{POSTS.name}/{self.partition}@{record.offset}: {reason}")

    def _count(self, heard: Heard) -> bool:
        """Whether it is a post that nobody knew before."""
        if heard.tick:
            self._counted["ticks"] += 1
        elif heard.signal is None:
            self._counted["unmatched"] += 1
        else:
            self._signals.add(heard.signal)
            if heard.signal.deleted:
                self._counted["withdrawn"] += 1
            elif heard.post is not None and heard.post.op == "create":
                known = self._tally(heard.signal)
                if known:
                    self._subjects.add(heard.signal)
                return known
        return False

    def _tally(self, signal: Signal) -> bool:
        """Put a post into the totals of its brands: once, and on time, late or not at all; whether it was."""
        minute = signal.event_time - signal.event_time % self._bucket
        if minute < self._ledger.floor(self.watermark):
            self._counted["expired"] += 1
            return False
        if minute + self._bucket <= self.watermark:
            self._ledger.late(signal, minute)
        elif self._recent.again(minute, signal.post_uid):
            self._counted["duplicates"] += 1
            return False
        else:
            self._ledger.add(signal, minute, lambda brand: self._voices.score(signal.author_key, brand, minute))
        return True

    def _pass(self, heard: Heard) -> list[Output]:
        """Let time pass to the record; when its watermark enters another bucket, tell every brand-log partition."""
        at, arrived = (
            heard.tick.at if heard.tick else heard.post.event_time if heard.post else 0,
            heard.record.timestamp,
        )
        self._high = max(self._high, min(at, arrived))
        self._ended = heard.tick.ended if heard.tick else None
        if heard.post:
            self.live = self._high >= arrived - LIVE_MS
            if 0 <= arrived - at <= LIVE_MS:
                self._usual_delay += (arrived - at - self._usual_delay) // 8
        if not self._ledger.enters(self.watermark):
            return []
        outputs = self._ledger.tell_all(self.progress(), self._ended)
        self._ledger.drop(self._ledger.floor(self.watermark))
        self._recent.drop(self.watermark - self._bucket)
        return outputs

    def flush(self) -> list[Output]:
        """Bundles for the brand-log partitions with news, and the signals gathered so far."""
        return [*self._ledger.tell(self.progress(), self._ended), *self._signals.rest(), *self._subjects.rest()]

    def snapshot(self) -> Snapshot:
        """Dirty blocks and the head."""
        blocks = self._ledger.snapshot() | self._recent.snapshot() | self._urgent.snapshot() | self._voices.snapshot()
        head = Head(
            self.progress(), self._high, self.live, self._usual_delay, self._ledger.previous, self._ended,
            self._voices.count,
        )  # fmt: skip
        return Snapshot(blocks, msgspec.json.encode(head))

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold every block."""
        self._ledger.mark_all_dirty()
        self._recent.dirty = self._urgent.dirty = True
        self._voices.mark_all_dirty()

    def restore(self, blocks: Mapping[str, bytes], head: bytes) -> None:
        """Become the state of a checkpoint."""
        stored = msgspec.json.decode(head, type=Head)
        self.next, self._high, self.live = stored.progress.offset + 1, stored.high, stored.live
        self._usual_delay, self._ended = stored.usual_delay, stored.ended
        self._counted = {name: getattr(stored.progress, name) for name in self._counted}
        self._recent.restore(blocks)
        self._urgent.restore(blocks)
        self._voices.restore(blocks, stored.voices)
        self._ledger.restore(blocks, stored.previous, self.watermark)
