"""The watch stage: one brand-log partition becomes closed minutes, findings, alerts and pages."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec
from msgspec.structs import replace

from pipeline.closing import OpenMinutes
from pipeline.dead_letters import dead_letter
from pipeline.detectors._base import Tuning, threshold
from pipeline.feed import partition_of
from pipeline.incidents import Context
from pipeline.observing import Observer
from pipeline.page_text import page
from pipeline.series import HARMFUL, Series, Stored
from pipeline.sources import Sources
from pipeline.stage import Blocks, Input, Output, Snapshot
from pipeline.watch_records import TOPIC_OF, findings, minute_record
from pipeline.watchlist import WatchList
from schemas.alert import Alert, Delivery, Page
from schemas.brand_log import Bundle, Partial
from schemas.codec import Decoder, Malformed, encode
from schemas.finding import Finding
from schemas.minute import Minute
from schemas.topics import BRAND_LOG

DARK_MS = 86_400_000  # a day without one post of any brand is an outage or a replay's gap, not a day of zeros
BLOCKS = 16  # series are spread over so many blocks of a checkpoint

_LOG: Decoder[Bundle | Delivery] = Decoder(Bundle | Delivery)


class Head(msgspec.Struct):
    """What belongs to all blocks of a checkpoint."""

    next: int
    closed: int
    lit: int
    waiting: dict[int, tuple[int, ...]]
    sources: Sources


class Watch:
    """State of one brand-log partition: a pure function of that log, append times included.

    Minutes close when every posts partition that is not missing has passed them. A minute that closed without a missing
    source is kept until the source comes back (then it goes out again as revision 2) or the horizon passes it.
    """

    def __init__(self, partition: int, watchlist: WatchList) -> None:
        self.partition, self.next = partition, 0
        self._rules, self._digest = watchlist.rules, watchlist.digest()
        self._bucket = self._rules.bucket_s * 1000
        self._observer = Observer(watchlist)
        keys = max(len(watchlist.brands), 1)
        self._tuning = Tuning(self._rules.bucket_s, threshold(self._rules.bucket_s, keys, self._rules.pages_per_week))
        self._sources = Sources(patience=self._bucket + self._rules.patience_s * 1000)
        self._open = OpenMinutes()
        self._series: dict[str, Series] = {}
        self._closed = 0  # minutes before this are closed, ms
        self._lit = 0  # end of the last minute in which any brand was named
        self._waiting: dict[int, tuple[int, ...]] = {}  # minute: sources it closed without
        self._heard = self._stepped = False  # since the last checkpoint: a bundle, a closed minute

    @property
    def holes(self) -> int:
        """Bundles that must have existed and never came."""
        return self._sources.holes

    def apply(self, records: Sequence[Input]) -> list[Output]:
        """Fold records in."""
        outputs: list[Output] = []
        for record in records:
            self.next = record.offset + 1
            said = _LOG.decode(record.value)
            if isinstance(said, Malformed):
                outputs.append(dead_letter(BRAND_LOG.name, self.partition, record, said))
            elif isinstance(said, Bundle):
                outputs += self._hear(said, record.timestamp)
        return outputs

    def _hear(self, bundle: Bundle, appended_at: int) -> list[Output]:
        told = bundle.progress
        self._heard = True
        self._sources.hear(bundle, appended_at)
        kept = [partial for partial in bundle.partials if partial.counts.posts and self._is_open(partial.minute)]
        self._open.keep(told.source, told.offset, kept)
        missing = self._sources.missing()
        through = self._sources.through(missing)
        outputs = self._revise(missing) if self._waiting else []
        outputs += self._close(through - through % self._bucket, missing)
        if self._waiting:
            self._forget(through)
        return outputs

    def _is_open(self, minute: int) -> bool:
        return minute >= self._closed or minute in self._waiting

    def _close(self, through: int, missing: tuple[int, ...]) -> list[Output]:
        """Close the minutes before ``through``, every brand in each, zeros too."""
        if through <= self._closed:
            return []
        self._closed = self._closed or self._next_named(through)
        outputs: list[Output] = []
        while self._closed < through:
            minute = self._closed
            named = self._open.brands(minute)
            if named:
                self._lit = minute + self._bucket
            elif minute - self._lit > DARK_MS:
                self._closed = self._next_named(through)
                continue
            without = tuple(source for source in missing if not self._past(source, minute))  # others said all of it
            for brand in sorted(self._series.keys() | named):
                outputs += self._close_brand(brand, minute, without)
            self._closed = minute + self._bucket
            if without:
                self._waiting[minute] = without
            else:
                self._open.drop(self._closed if not self._waiting else min(self._waiting))
        return outputs

    def _next_named(self, through: int) -> int:
        """The next minute in which a brand was named, at most ``through``."""
        first = self._open.first(self._closed)
        return through if first is None else min(first, through)

    def _close_brand(self, brand: str, minute: int, missing: tuple[int, ...]) -> list[Output]:
        series = self._series.get(brand)
        if series is None:
            series = self._series[brand] = Series()
        moment = self._open.moment(minute, brand)
        context = Context(brand, minute + self._bucket, self._rules, self._digest, HARMFUL, missing)
        self._stepped = True
        verdicts, alert = series.close(context, self._observer.observe(brand, moment), moment, self._tuning)
        decided: list[Finding | Minute | Alert | Page] = list(findings(context, verdicts))
        if moment.counts.posts or series.incident or alert:
            decided.append(minute_record(context, moment, verdicts, self._bucket))
        if alert is not None:
            decided.append(alert)
            if alert.paged:
                decided.append(page(alert, number=series.incident.pages if series.incident else 0))
        return [self._put(record) for record in decided]

    def _put(self, record: Finding | Minute | Alert | Page) -> Output:
        return Output(TOPIC_OF[type(record)].name, self.partition, record.brand.encode(), encode(record))

    def _revise(self, missing: tuple[int, ...]) -> list[Output]:
        """Minutes whose missing sources are all back and past them, told again with the whole truth."""
        outputs: list[Output] = []
        for minute, without in list(self._waiting.items()):
            if any(source in missing or not self._past(source, minute) for source in without):
                continue
            del self._waiting[minute]
            for brand in sorted(self._open.brands(minute)):
                context = Context(brand, minute + self._bucket, self._rules, self._digest, HARMFUL, ())
                again = minute_record(context, self._open.moment(minute, brand), {}, self._bucket, revision=2)
                outputs.append(self._put(again))
        return outputs

    def _past(self, source: int, minute: int) -> bool:
        mark = self._sources.marks.get(source)
        return mark is not None and mark.watermark >= minute + self._bucket

    def _forget(self, through: int) -> None:
        """Give up waiting for minutes older than the horizon: no source counts them any more."""
        floor = through - self._rules.horizon_s * 1000
        self._waiting = {minute: without for minute, without in self._waiting.items() if minute >= floor}
        self._open.drop(min(self._waiting, default=self._closed))

    def flush(self) -> list[Output]:
        """Nothing waits: what the log decides goes out at once."""
        return []

    def snapshot(self) -> Snapshot:
        """What changed: a bundle touches the open minutes, a closed minute touches every series."""
        head = encode(Head(self.next, self._closed, self._lit, self._waiting, self._sources))
        blocks: dict[str, Callable[[], bytes]] = {}
        if self._heard:
            blocks["open"] = lambda: encode(self._open.rows())
        if self._stepped:
            spread: defaultdict[int, list[str]] = defaultdict(list)
            for brand in self._series:
                spread[partition_of(brand.encode(), BLOCKS)].append(brand)
            blocks |= {f"series-{number}": partial(self._encoded, brands) for number, brands in sorted(spread.items())}
        self._heard = self._stepped = False
        return Snapshot(Blocks(blocks), head)

    def _encoded(self, brands: Sequence[str]) -> bytes:
        return encode({brand: self._series[brand].stored() for brand in brands})

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold every block."""
        self._heard = self._stepped = True

    def restore(self, blocks: Mapping[str, bytes], head: bytes) -> None:
        """Become the state of a checkpoint."""
        stored = msgspec.json.decode(head, type=Head)
        self.next, self._lit = stored.next, stored.lit
        self._closed = -(-stored.closed // self._bucket) * self._bucket  # buckets may have another length since then
        self._waiting = stored.waiting
        self._sources = replace(stored.sources, patience=self._sources.patience)  # by the rules of today
        for name, block in blocks.items():
            if name == "open":
                self._open.restore(msgspec.json.decode(block, type=list[tuple[int, int, Partial]]))
            else:
                held = msgspec.json.decode(block, type=dict[str, Stored])
                self._series |= {brand: Series.restored(series) for brand, series in held.items()}
