"""Drills as watch judges them: each on a copy of its brand's series, which sees the real posts and the drill's."""

from collections.abc import Callable, Iterator, Mapping

import msgspec
from msgspec.structs import replace

from pipeline.closing import Latest, Moment, OpenMinutes, add_up
from pipeline.detectors._base import Observation, Tuning
from pipeline.incidents import Answer, Context, identity
from pipeline.page_text import page
from pipeline.series import Closed, Series, Stored
from pipeline.stage import Blocks
from pipeline.withdrawing import Gone
from schemas.alert import Alert, Page
from schemas.brand_log import Bundle, Partial
from schemas.command import Command
from schemas.drill import INCIDENT, of_drill

BLOCK = "drills"
MOST = 8  # drills of a partition at once, one of a brand
LIFE_MS, LIFE_BUCKETS = 600_000, 4  # a drill ends after the longer of both
BY = "tocsin drill"  # who resolves its incident


class Drill(msgspec.Struct):
    """One drill. It begins when the first minute that it wrote in is closed; before that it has no series."""

    drill: str
    pages: bool
    rows: list[tuple[int, int, Partial]] = []
    series: Stored | None = None
    until: int = 0  # event time, ms


class Rehearsed:
    """A drill and what it is judged on."""

    __slots__ = ("about", "open", "series")

    def __init__(self, about: Drill) -> None:
        self.about, self.open = about, OpenMinutes()
        self.open.restore(about.rows)
        self.series = Series.restored(about.series) if about.series else None

    def stored(self) -> Drill:
        """What a checkpoint keeps."""
        return replace(self.about, rows=self.open.rows(), series=self.series.stored() if self.series else None)


class Drills:
    """The drills of one brand-log partition. Nothing here is seen by the series of the brands themselves."""

    __slots__ = ("_drills", "dirty")

    def __init__(self) -> None:
        self._drills: dict[str, Rehearsed] = {}
        self.dirty = False

    def hear(self, bundle: Bundle, closed: int, known: Mapping[str, Series]) -> None:
        """Take in what a source counted of drills in minutes that are open. Of one brand the first drill counts."""
        for said in bundle.rehearsals:
            brand = said.partial.brand
            if said.partial.minute < closed or brand not in known:
                continue
            if brand not in self._drills and len(self._drills) < MOST:
                self._drills[brand] = Rehearsed(Drill(said.drill, said.pages))
            drill = self._drills.get(brand)
            if drill and drill.about.drill == said.drill:
                drill.open.keep(bundle.progress.source, bundle.progress.offset, (said.partial,))
                self.dirty = True

    def close(
        self, context: Context, series: Series, latest: Latest, observe: Callable[[Moment], Observation], tuning: Tuning
    ) -> list[Alert | Page]:
        """What a brand's drill makes of a minute that ``series`` is about to close, whose partials are ``latest``."""
        brand = context.brand
        drill = self._drills.get(brand)
        if drill is None:
            return []
        self.dirty, minute = True, context.at - tuning.bucket_s * 1000
        copy = drill.series = drill.series or _begun(drill, context, series, minute)
        if copy is None:
            if series.incident or drill.open.first(minute) is None:
                del self._drills[brand]
            return []
        posts = {~source: held for source, held in drill.open.latest(minute, brand).items()}
        drill.open.drop(context.at)
        moment = add_up(minute, latest | posts)
        silent = replace(context.rules, ack_s=0)  # a drill does not ask again for an answer
        closed = copy.close(context._replace(rules=silent), observe(moment), moment, tuning)
        _settle(drill.about, closed, over=series.incident is not None or context.at >= drill.about.until)
        if closed.incident is None and (closed.alert or context.at >= drill.about.until):
            del self._drills[brand]
        return list(_told(drill.about, closed))

    def obey(self, command: Command) -> bool:
        """Let a responder answer the incident of a drill; whether the command is about one. It is no decision."""
        if not of_drill(command.target):
            return False
        drill = self._drills.get(command.brand)
        incident = drill.series.incident if drill and drill.series else None
        if incident and incident.incident_id == command.target:
            self.dirty = True
            answer = Answer(command.by, command.text, incident.severity, command.command_id)
            if command.kind == "ack":
                incident.acknowledged = answer
            elif command.kind == "resolve":
                incident.closing = answer
        return True

    def forget(self, gone: Gone) -> None:
        """Quote no post any more that is withdrawn."""
        for drill in self._drills.values():
            if drill.series is not None:
                drill.series.forget(gone)
                self.dirty = True

    def snapshot(self) -> Blocks:
        """The block, if it changed."""
        dirty, self.dirty = self.dirty, False
        return Blocks({BLOCK: self._encoded} if dirty else {})

    def _encoded(self) -> bytes:
        return msgspec.msgpack.encode({brand: drill.stored() for brand, drill in self._drills.items()})

    def restore(self, blocks: Mapping[str, bytes]) -> None:
        """Become what was snapshotted."""
        held = msgspec.msgpack.decode(blocks[BLOCK], type=dict[str, Drill]) if BLOCK in blocks else {}
        self._drills = {brand: Rehearsed(drill) for brand, drill in held.items()}


def _begun(drill: Rehearsed, context: Context, series: Series, minute: int) -> Series | None:
    """A copy, in the first minute that the drill wrote in, unless the brand has real trouble: people look at that."""
    if series.incident or not drill.open.latest(minute, context.brand):
        return None
    drill.about.until = context.at + max(LIFE_MS, LIFE_BUCKETS * (context.at - minute))
    return Series.restored(msgspec.msgpack.decode(msgspec.msgpack.encode(series.stored()), type=Stored))


def _settle(about: Drill, closed: Closed, *, over: bool) -> None:
    """Give its incident the drill's name; if it is ``over``, the next minute resolves it."""
    if incident := closed.incident:
        incident.incident_id = INCIDENT + about.drill
        if over:
            incident.closing = Answer(BY, "", incident.severity, about.drill)


def _told(about: Drill, closed: Closed) -> Iterator[Alert | Page]:
    """The alert under the drill's own names, and its page, if it makes one."""
    if closed.alert is None:
        return
    name = identity(INCIDENT, about.drill, closed.alert.alert_id)
    alert = replace(closed.alert, alert_id=name, incident_id=INCIDENT + about.drill)
    yield alert
    if about.pages and (alert.paged or alert.event == "acknowledged"):
        yield page(alert, number=closed.incident.pages if closed.incident else 0)
