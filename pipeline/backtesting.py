"""What other rules would have done: two watch stages read the same log, and their incidents are held side by side."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

import msgspec

from pipeline.configuration import rules_digest
from pipeline.detectors._base import WEEK_S
from pipeline.policy import RANK
from pipeline.ruling import KEYS
from pipeline.shadow import PREFIX
from pipeline.stage import Input, Output
from pipeline.watch import Watch
from pipeline.watchlist_entries import WatchList
from schemas.alert import Alert
from schemas.drill import of_drill
from schemas.topics import ALERTS
from schemas.vocabulary import Severity

_ALERT = msgspec.json.Decoder(Alert)


class Episode(msgspec.Struct):
    """An incident under one set of rules, as far as the span shows it. Times are ms since 1970."""

    incident_id: str
    brand: str
    since: int
    last: int  # its last event
    opened: int
    paged: int | None = None  # its first page in the span
    pages: int = 0
    severity: Severity = "info"  # the worst
    reason: str = ""  # why the last event that could have paged did not, or did
    observed: float = 0.0
    expected: float = 0.0
    unit: str = ""
    authors: int = 0

    def hear(self, alert: Alert) -> None:
        """Live through one event."""
        self.last = alert.at
        if alert.event == "resolved":
            return
        if RANK[alert.severity] >= RANK[self.severity]:
            self.severity, self.observed, self.expected, self.unit = (
                alert.severity, alert.observed, alert.expected, alert.unit,
            )  # fmt: skip
        self.reason, self.authors = alert.reason, alert.authors
        if alert.paged:
            self.pages += 1
            self.paged = alert.at if self.paged is None else self.paged


class Judged:
    """What one set of rules said in a span."""

    def __init__(self, watchlist: WatchList, since: int, until: int) -> None:
        self.watchlist, self._since, self._until = watchlist, since, until
        self.episodes: dict[str, Episode] = {}

    def hear(self, outputs: Iterable[Output]) -> None:
        """Keep the alerts among outputs whose minute is in the span."""
        for output in outputs:
            if output.topic == ALERTS.name and output.value is not None:
                alert = _ALERT.decode(output.value)
                if self._since <= alert.at < self._until and not of_drill(alert.incident_id):
                    begun = Episode(alert.incident_id, alert.brand, alert.since, alert.at, alert.started)
                    self.episodes.setdefault(alert.incident_id, begun).hear(alert)


class Backtest:
    """One partition of a brand log, judged by two watch lists. Changes of rules on that log are left out."""

    def __init__(self, partition: int, old: Judged, new: Judged) -> None:
        self._sides = [(Watch(partition, side.watchlist), side) for side in (old, new)]

    def restore(self, blocks: Mapping[str, bytes], head: bytes) -> None:
        """Begin from a checkpoint of watch: both know what it knew, each judges by its own rules from there on."""
        held = {name: block for name, block in blocks.items() if name != "rules" and not name.startswith(PREFIX)}
        for watch, _ in self._sides:
            watch.restore(held, head)

    def apply(self, records: Sequence[Input]) -> None:
        """Read on."""
        told = [record for record in records if record.key not in KEYS.values()]
        for watch, side in self._sides:
            side.hear(watch.apply(told))

    @property
    def closed(self) -> int:
        """Minutes before this are judged by both, ms; 0 before the first."""
        return min(watch.closed for watch, _ in self._sides)


class Totals(msgspec.Struct):
    """What one set of rules comes to."""

    rules: str
    pages: int
    pages_per_week: float
    incidents: int


class Pair(msgspec.Struct):
    """The same trouble under both. ``lead_s``: how much earlier the new rules page, or open where neither pages."""

    old: Episode
    new: Episode
    lead_s: float | None  # None: only one of the two pages


class Comparison(msgspec.Struct):
    """Old against new in a span, ms since 1970. ``notes`` say what could not be known."""

    since: int
    until: int
    old: Totals
    new: Totals
    pairs: list[Pair]
    only_old: list[Episode]  # incidents that the other rules do not have at all
    only_new: list[Episode]
    notes: list[str] = []


def compare(old: Judged, new: Judged, since: int, until: int, notes: Sequence[str] = ()) -> Comparison:
    """Match the incidents of each brand one to one, in the order of time, where they overlap."""
    weeks = max(until - since, 1) / 1000 / WEEK_S
    by_brand: defaultdict[str, tuple[list[Episode], list[Episode]]] = defaultdict(lambda: ([], []))
    for side, judged in enumerate((old, new)):
        for episode in judged.episodes.values():
            by_brand[episode.brand][side].append(episode)
    matched = list(chain.from_iterable(_matched(*sides) for _, sides in sorted(by_brand.items())))
    matched.sort(key=lambda pair: min(episode.opened for episode in pair if episode))
    return Comparison(
        since, until, _totals(old, weeks), _totals(new, weeks),
        [Pair(one, other, _lead(one, other)) for one, other in matched if one and other],
        [one for one, other in matched if one and not other],
        [other for one, other in matched if other and not one],
        list(notes),
    )  # fmt: skip


def _matched(old: list[Episode], new: list[Episode]) -> Iterator[tuple[Episode | None, Episode | None]]:
    mine, theirs = (sorted(side, key=lambda episode: (episode.opened, episode.since)) for side in (old, new))
    while mine and theirs:
        one, other = mine[0], theirs[0]
        if one.last < min(other.since, other.opened):
            yield mine.pop(0), None
        elif other.last < min(one.since, one.opened):
            yield None, theirs.pop(0)
        else:
            yield mine.pop(0), theirs.pop(0)
    yield from ((one, None) for one in mine)
    yield from ((None, other) for other in theirs)


def _lead(old: Episode, new: Episode) -> float | None:
    if old.paged is not None and new.paged is not None:
        return (old.paged - new.paged) / 1000
    return (old.opened - new.opened) / 1000 if old.paged is new.paged else None


def _totals(judged: Judged, weeks: float) -> Totals:
    pages = sum(episode.pages for episode in judged.episodes.values())
    return Totals(rules_digest(judged.watchlist), pages, round(pages / weeks, 3), len(judged.episodes))
