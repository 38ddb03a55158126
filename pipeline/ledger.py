"""The running totals of one posts partition, by the brand-log partition they are told to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import msgspec

from pipeline.feed import partition_of
from pipeline.hearing import Heard
from pipeline.rehearsals import Rehearsals
from pipeline.running import Running
from pipeline.sketch import author_hash
from pipeline.stage import Blocks, Output
from schemas.brand_log import Bundle, Evidence, Leader, Partial, Progress
from schemas.codec import encode
from schemas.endorsement import Voice
from schemas.signal import Signal
from schemas.topics import BRAND_LOG
from schemas.vocabulary import EvidenceReason

Key = tuple[int, str]  # minute, brand
Stored = list[tuple[Partial, dict[EvidenceReason, Evidence]]]


class Ledger:
    """Cumulative partials. A total is told as of now, stamped with the offset: whoever reads keeps the latest."""

    def __init__(self, source: int, targets: int, bucket: int, horizon: int) -> None:
        self._source, self._bucket, self._horizon = source, bucket, horizon
        self._open: list[dict[Key, Running]] = [{} for _ in range(targets)]
        self._changed: list[set[Key]] = [set() for _ in range(targets)]  # since the last bundle
        self.leaders: list[list[Leader]] = [[] for _ in range(targets)]  # since the last minute ended
        self._dirty: set[int] = set()  # since the last checkpoint
        self._rehearsals = Rehearsals()
        self._targets: dict[str, int] = {}
        self._told = -1  # bucket of the watermark that was told last
        self.previous = [-1] * targets  # offset of the last bundle to each target

    def floor(self, watermark: int) -> int:
        """Start of the oldest minute that may still be counted; an older total was dropped and must not begin anew."""
        return watermark - watermark % self._bucket - self._horizon

    def _running(self, brand: str, minute: int) -> Running:
        target = self._targets.get(brand)
        if target is None:
            target = self._targets[brand] = partition_of(brand.encode(), len(self._open))
        key = (minute, brand)
        self._changed[target].add(key)
        self._dirty.add(target)
        running = self._open[target].get(key)
        if running is None:
            running = self._open[target][key] = Running(brand, minute)
        return running

    def add(self, signal: Signal, minute: int, score_in: Callable[[str], float] = lambda _brand: 0.0) -> None:
        """Count an on-time post for each of its brands; ``score_in`` is the influence of its author in a brand."""
        for brand in signal.brands:
            self._running(brand, minute).add(signal, score_in(brand))

    def rehearse(self, heard: Heard, watermark: int) -> None:
        """Count a post of a drill that names its brand and is on time, in the drill alone."""
        said, signal = heard.drill, heard.signal
        if said is None or signal is None:
            return
        minute = signal.event_time - signal.event_time % self._bucket
        if said.brand in signal.brands and not signal.deleted and minute + self._bucket > watermark:
            target = partition_of(said.brand.encode(), len(self._open))
            self._rehearsals.add(target, said, signal, minute)

    def lead(self, voice: Voice) -> None:
        """Tell the brand's log, when the minute has ended, how influential an author has become there."""
        author = author_hash(voice.author_key)
        leader = Leader(voice.brand, author, voice.at, voice.every[::2], voice.trusted[::2])
        self.leaders[partition_of(voice.brand.encode(), len(self._open))].append(leader)

    def late(self, signal: Signal, minute: int) -> None:
        """Count a late post for each of its brands, apart."""
        for brand in signal.brands:
            self._running(brand, minute).late += 1

    def forget(self, subject: str, since: int = 0) -> None:
        """Quote no post any more that ``subject`` withdraws; what was told with it is told again without.

        Minutes that start before ``since`` go on quoting it.
        """
        for target, running in enumerate(self._open):
            found = {key for key, one in running.items() if key[0] >= since and one.forget(subject)}
            if found:
                self._changed[target] |= found
                self._dirty.add(target)

    def enters(self, watermark: int) -> bool:
        """Whether the watermark has entered a bucket that nobody was told about."""
        return watermark // self._bucket != self._told

    def tell_all(self, progress: Progress, ended: int | None = None) -> list[Output]:
        """A bundle to every target: the minutes that just ended go out complete, with authors and evidence."""
        before, self._told = self._told, progress.watermark // self._bucket
        for target, running in enumerate(self._open):
            self._changed[target] |= {key for key in running if before <= key[0] // self._bucket < self._told}
        leaders, self.leaders = self.leaders, [[] for _ in self.leaders]
        return [self._bundle(target, progress, ended, leaders[target]) for target in range(len(self._open))]

    def tell(self, progress: Progress, ended: int | None = None) -> list[Output]:
        """A bundle to every target that has news."""
        news = [target for target, waiting in enumerate(self._changed) if waiting or self._rehearsals.news(target)]
        return [self._bundle(target, progress, ended, ()) for target in news]

    def _bundle(self, target: int, progress: Progress, ended: int | None, leaders: Iterable[Leader]) -> Output:
        running, last = self._open[target], progress.watermark - self._bucket
        for key in self._changed[target]:
            if key[0] <= last:
                running[key].seal()
        partials = tuple(running[key].partial(ended=key[0] <= last) for key in sorted(self._changed[target]))
        bundle = Bundle(
            bucket_ms=self._bucket, previous=self.previous[target], progress=progress, ended=ended, partials=partials,
            leaders=tuple(leaders), rehearsals=self._rehearsals.told(target, last),
        )  # fmt: skip
        self._changed[target] = set()
        self.previous[target] = progress.offset
        return Output(BRAND_LOG.name, target, b"source-%d" % self._source, encode(bundle))

    def drop(self, floor: int) -> None:
        """Forget the minutes before ``floor``."""
        for target, running in enumerate(self._open):
            for key in [key for key in running if key[0] < floor]:
                del running[key]
                self._dirty.add(target)

    def snapshot(self) -> Blocks:
        """The blocks that changed: one for each target."""
        dirty, self._dirty = sorted(self._dirty), set()
        blocks = {f"partials-{target}": partial(self._encoded, target) for target in dirty}
        return Blocks(blocks) | self._rehearsals.snapshot()

    def _encoded(self, target: int) -> bytes:
        return encode([running.stored() for running in self._open[target].values()])

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold every block."""
        self._dirty, self._rehearsals.dirty = set(range(len(self._open))), True

    def restore(
        self, blocks: Mapping[str, bytes], previous: list[int], watermark: int, leaders: Sequence[list[Leader]]
    ) -> None:
        """Become what was snapshotted. All totals were told before the snapshot."""
        self.previous, self._told = previous, watermark // self._bucket
        self.leaders = list(leaders) or self.leaders
        self._rehearsals.restore(blocks)
        for target, running in enumerate(self._open):
            block = blocks.get(f"partials-{target}")
            for told, best in msgspec.json.decode(block, type=Stored) if block else []:
                running[told.minute, told.brand] = Running.restored(told, best)
