"""The watch stage: one brand-log partition becomes closed minutes, findings, alerts and pages."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec

from pipeline.brand_plans import BrandPlan, plans
from pipeline.closing import OpenMinutes
from pipeline.configuration import rules_digest
from pipeline.dead_letters import dead_letter
from pipeline.drills import Drills
from pipeline.incidents import Context, Incident
from pipeline.leaders import Rising
from pipeline.newcomers import Newcomers
from pipeline.orders import Given, Orders
from pipeline.ruling import Ruling, listed, tuning
from pipeline.series import HARMFUL, Series, lead
from pipeline.sources import Sources
from pipeline.stage import Blocks, Input, Output, Snapshot
from pipeline.waiting import Waiting
from pipeline.watch_checkpoint import Head, read, series_blocks
from pipeline.watch_records import TOPIC_OF, Decided, corrected, decided
from pipeline.watchlist import WatchList
from pipeline.withdrawing import Withdrawing
from schemas.alert import Delivery
from schemas.brand_log import Bundle
from schemas.codec import Decoder, Malformed, encode
from schemas.command import Command
from schemas.rules_change import RulesChange
from schemas.topics import BRAND_LOG
from schemas.vocabulary import RulesScope
from schemas.withdrawal import Withdrawal

DARK_MS = 86_400_000  # a day without one post of any brand is an outage or a replay's gap, not a day of zeros
NO_PLAN = BrandPlan()

_Said = Bundle | Delivery | Command | RulesChange | Withdrawal
_LOG: Decoder[_Said] = Decoder(_Said)


class Watch:
    """State of one brand-log partition: a pure function of that log, append times included.

    Minutes close when every posts partition that is not missing has passed them. A minute that closed without a missing
    source is kept until the source comes back (then it goes out again as revision 2) or the horizon passes it.
    """

    def __init__(self, partition: int, watchlist: WatchList, scope: RulesScope = "pages") -> None:
        self.partition, self.next, self._scope = partition, 0, scope
        self._sources, self._waiting, self._drills = Sources(patience=0), Waiting(0), Drills()
        self._open, self._newcomers, self._withdrawing = OpenMinutes(), Newcomers(), Withdrawing()
        self._series: dict[str, Series] = {}
        self._orders, self._rising, self._now = Orders(), Rising(), 0  # highest append time, ms
        self._closed = self._lit = 0  # minutes before it are closed; end of the last in which any brand was named, ms
        # Since the last checkpoint: a bundle, a closed minute, a command, other rules.
        self._heard = self._stepped = self._ordered = False
        self.ruling, self._ruled = Ruling(watchlist, watchlist), True
        self.judge_by(watchlist)

    def judge_by(self, watchlist: WatchList) -> None:
        """Judge what comes by other rules. What the detectors know, and incidents that are open, stay."""
        self._rules, self._digest, self._plans = watchlist.rules, rules_digest(watchlist), plans(watchlist)
        self._bucket, self._tuning = self._rules.bucket_s * 1000, tuning(watchlist)
        self._sources.patience = self._bucket + self._rules.patience_s * 1000
        self._waiting.bucket = self._bucket
        self._closed = -(-self._closed // self._bucket) * self._bucket  # buckets may have another length

    @property
    def closed(self) -> int:
        """Minutes before this are closed, ms; 0 before the first."""
        return self._closed

    @property
    def holes(self) -> int:
        """Bundles that must have existed and never came."""
        return self._sources.holes

    def apply(self, records: Sequence[Input]) -> list[Output]:
        """Fold records in."""
        outputs: list[Output] = []
        for record in records:
            self.next, self._now = record.offset + 1, max(self._now, record.timestamp)
            said = _LOG.decode(record.value)
            if isinstance(said, Malformed):
                outputs.append(dead_letter(BRAND_LOG.name, self.partition, record, said))
            elif isinstance(said, Bundle):
                outputs += self._hear(said, record.timestamp)
            elif isinstance(said, Command):
                outputs += self._obey(said, record.offset)
            elif isinstance(said, Withdrawal):
                self._withdrawing.note(said, self._now)
            elif isinstance(said, RulesChange) and said.scope == self._scope:
                outputs += self._rule(said, record)
        return outputs

    def _rule(self, change: RulesChange, record: Input) -> list[Output]:
        watchlist = listed(change)
        if isinstance(watchlist, Malformed):
            return [dead_letter(BRAND_LOG.name, self.partition, record, watchlist)]
        self.ruling.change(watchlist, change.digest)
        self._ruled = True
        self.judge_by(watchlist)
        return []

    def _obey(self, command: Command, offset: int) -> list[Output]:
        self._ordered = self._stepped = True
        given = Given(command, offset, self._now, self._digest, self._plans, self._incident)
        decision = None if self._drills.obey(command) else self._orders.obey(given)
        return [] if decision is None else [self._put(decision)]

    def _incident(self, brand: str) -> Incident | None:
        series = self._series.get(brand)
        return series.incident if series else None

    def _hear(self, bundle: Bundle, appended_at: int) -> list[Output]:
        told = bundle.progress
        self._heard = True
        self._sources.hear(bundle, appended_at)
        new = (one for one in bundle.partials if one.minute >= self._closed or one.minute in self._waiting)
        kept = (one for one in new if one.counts.posts)
        self._open.keep(told.source, told.offset, (self._withdrawing.kept(one, self._now) for one in kept))
        self._rising.keep(bundle)
        self._drills.hear(bundle, self._closed, self._series if self._scope == "pages" else {})
        through = self._sources.through(missing := self._sources.missing())
        outputs = [*self._revise(missing), *self._close(through - through % self._bucket, missing)]
        if self._waiting.minutes:
            self._waiting.forget(through - self._rules.horizon_s * 1000)
            self._waiting.drop(self._open, self._closed)
        return outputs

    def _forget(self, through: int = 0) -> None:
        if self._withdrawing.carry_out(self._open, [*self._series.values(), self._drills], through, self._now):
            self._heard = self._stepped = True

    def _close(self, through: int, missing: tuple[int, ...]) -> list[Output]:
        """Close the minutes before ``through``, every brand in each, zeros too."""
        if through <= self._closed:
            return []
        self._closed = self._closed or self._open.next_named(0, through)
        outputs: list[Output] = []
        while self._closed < through:
            minute = self._closed
            named = self._open.brands(minute)
            if named:
                self._lit = minute + self._bucket
            elif minute - self._lit > DARK_MS:
                self._closed = self._open.next_named(self._closed, through)
                continue
            without = self._waiting.without(minute, missing, self._sources)
            self._forget(minute + self._bucket)
            lead(self._series, self._rising.due(minute + 2 * self._bucket))  # said at its end
            for brand in sorted(self._series.keys() | named):
                outputs += self._close_brand(brand, minute, without)
            self._closed = minute + self._bucket
            if without:
                self._waiting.minutes[minute] = without
            else:
                self._waiting.drop(self._open, self._closed)
        return outputs

    def _close_brand(self, brand: str, minute: int, missing: tuple[int, ...]) -> list[Output]:
        series = self._series.get(brand) or self._newcomers.join(self._series, brand, minute)
        moment = self._open.moment(minute, brand)
        plan = self._plans.get(brand, NO_PLAN)
        context = Context(
            brand, minute + self._bucket, self._rules, self._digest, HARMFUL, missing, self._now,
            self._orders.over(brand, self._now), plan.facets, plan.on(minute),
        )  # fmt: skip
        self._stepped = True
        observe = partial(plan.observe, over=self._sources.over(minute))
        drilled = self._drills.close(context, series, self._open.latest(minute, brand), observe, self._tuning)
        closed = series.close(context, observe(moment), moment, self._tuning)
        return [self._put(record) for record in (*drilled, *decided(context, moment, closed, self._bucket))]

    def _put(self, record: Decided) -> Output:
        return Output(TOPIC_OF[type(record)].name, self.partition, record.brand.encode(), encode(record))

    def _revise(self, missing: tuple[int, ...]) -> list[Output]:
        """Minutes whose missing sources are all back and past them, told again with the whole truth."""
        minutes = self._waiting.whole(missing, self._sources)
        return [self._put(again) for again in corrected(minutes, self._open, self._rules, self._digest)]

    def flush(self) -> list[Output]:
        """Nothing waits: what the log decides goes out at once."""
        return []

    def snapshot(self) -> Snapshot:
        """What changed: a bundle touches the open minutes, a closed minute touches every series."""
        self._forget()
        head = encode(Head(self.next, self._closed, self._lit, self._waiting.minutes, self._sources, self._now))
        blocks: dict[str, Callable[[], bytes]] = {}
        if self._heard:
            blocks |= {"open": lambda: encode(self._open.rows()), "rising": lambda: encode(self._rising)}
        if self._ordered:
            blocks["orders"] = lambda: encode(self._orders.state)
        if self._ruled:
            blocks["rules"] = lambda: encode(self.ruling)
        if self._stepped:
            blocks |= series_blocks(self._series)
        self._heard = self._stepped = self._ordered = self._ruled = False
        return Snapshot(Blocks(blocks) | self._withdrawing.snapshot() | self._drills.snapshot(), head)

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold every block."""
        self._withdrawing.mark_all_dirty()
        self._heard = self._stepped = self._ordered = self._ruled = self._drills.dirty = True

    def restore(self, blocks: Mapping[str, bytes], head: bytes) -> None:
        """Become the state of a checkpoint."""
        stored = msgspec.json.decode(head, type=Head)
        self.next, self._closed, self._lit, self._now = stored.next, stored.closed, stored.lit, stored.now
        self._waiting.minutes, self._sources, self._ruled = stored.waiting, stored.sources, "rules" not in blocks
        held = read(blocks)
        self._open.restore(held.open)
        self._series, self._rising = self._series | held.series, held.rising
        self._orders.state, self.ruling = held.orders or self._orders.state, held.ruling or self.ruling
        self._withdrawing.restore(blocks)
        self._drills.restore(blocks)
        self.judge_by(self.ruling.watchlist)
