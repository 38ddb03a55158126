"""Open minutes: the latest partial of every source, until the minute closes and they are added up."""

from collections.abc import Callable, Iterable

import msgspec
from msgspec.structs import replace

from pipeline.clusters import FOLLOWED, MEASURES, measured, merged, unquote
from pipeline.evidence import best
from pipeline.sketch import Distinct
from schemas.brand_log import Cluster, Counts, Evidence, Partial, Spoken


class Moment(msgspec.Struct, array_like=True, gc=False):
    """One minute of one brand, all sources added up. ``complaints_by`` splits the complaints by facet.

    ``splits`` has the posts, negatives, complaints and critical complaints of every facet.
    """

    minute: int
    counts: Counts
    authors: tuple[int, ...] = ()  # smallest hashes, see pipeline.sketch
    complaints_by: dict[str, int] = {}
    evidence: tuple[Evidence, ...] = ()
    splits: dict[str, list[int]] = {}
    clusters: tuple[Cluster, ...] = ()
    reporters: tuple[int, ...] = ()  # smallest hashes of the authors of critical complaints
    voices: tuple[Spoken, ...] = ()

    @property
    def distinct(self) -> int:
        """Distinct authors of negative posts and complaints."""
        sketch = Distinct()
        sketch.merge(self.authors)
        return sketch.estimate()

    def forget(self, withdrawn: Callable[[Evidence], bool]) -> None:
        """Hold no post any more that is ``withdrawn``; what was counted stays."""
        self.evidence = tuple(post for post in self.evidence if not withdrawn(post))
        unquote(self.clusters, withdrawn)


Latest = dict[int, tuple[int, Partial]]  # source: offset, its partial


class OpenMinutes:
    """Partials by minute and brand; for each source only the one with the highest offset."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held: dict[int, dict[str, Latest]] = {}

    def keep(self, source: int, offset: int, partials: Iterable[Partial]) -> None:
        """Take in what a source says at ``offset`` of its partition."""
        for partial in partials:
            latest = self._held.setdefault(partial.minute, {}).setdefault(partial.brand, {})
            if source not in latest or latest[source][0] <= offset:
                latest[source] = (offset, partial)

    def forget(self, withdrawn: Callable[[Evidence], bool]) -> None:
        """Hold no post any more that is ``withdrawn``; what was counted stays."""
        for brands in self._held.values():
            for latest in brands.values():
                for source, (offset, partial) in latest.items():
                    latest[source] = (offset, without(partial, withdrawn))

    def first(self, since: int) -> int | None:
        """Start of the oldest minute held that is not before ``since``."""
        return min((minute for minute in self._held if minute >= since), default=None)

    def next_named(self, since: int, through: int) -> int:
        """The first minute from ``since`` on in which a brand was named, at most ``through``."""
        first = self.first(since)
        return through if first is None else min(first, through)

    def brands(self, minute: int) -> Iterable[str]:
        """Brands that were named in a minute."""
        return self._held.get(minute, {}).keys()

    def moment(self, minute: int, brand: str) -> Moment:
        """The minute's total; all zero where nobody named the brand."""
        return add_up(minute, self.latest(minute, brand))

    def latest(self, minute: int, brand: str) -> Latest:
        """What each source said of a minute; empty where none did."""
        return self._held.get(minute, {}).get(brand, {})

    def drop(self, before: int) -> None:
        """Forget the minutes that start before."""
        for minute in [minute for minute in self._held if minute < before]:
            del self._held[minute]

    def rows(self) -> list[tuple[int, int, Partial]]:
        """Source, offset and partial of everything held."""
        return [
            (source, offset, partial)
            for brands in self._held.values()
            for latest in brands.values()
            for source, (offset, partial) in latest.items()
        ]

    def restore(self, rows: Iterable[tuple[int, int, Partial]]) -> None:
        """Hold what ``rows`` gave."""
        for source, offset, partial in rows:
            self.keep(source, offset, (partial,))


def without(partial: Partial, withdrawn: Callable[[Evidence], bool]) -> Partial:
    """The partial without the posts that are ``withdrawn``; the same one if it quotes none of them."""
    unquote(partial.clusters, withdrawn)
    kept = tuple(post for post in partial.evidence if not withdrawn(post))
    return partial if len(kept) == len(partial.evidence) else replace(partial, evidence=kept)


def add_up(minute: int, latest: Latest) -> Moment:
    """Sum of the sources, in the order of their numbers."""
    counts, authors, reporters = Counts(), Distinct(), Distinct()
    complaints_by: dict[str, int] = {}
    evidence: list[Evidence] = []
    splits: dict[str, list[int]] = {}
    voices: list[Spoken] = []  # an author lives in one source
    for _, (_, partial) in sorted(latest.items()):
        counts.add(partial.counts)
        authors.merge(partial.authors)
        if partial.reporters:
            reporters.merge(partial.reporters)
        evidence += partial.evidence
        voices += partial.voices
        for facet, split in partial.facets.items():
            if split.complaints:
                complaints_by[facet] = complaints_by.get(facet, 0) + split.complaints
            held = splits.setdefault(facet, [0] * len(MEASURES))
            for index, amount in enumerate(measured(split)):
                held[index] += amount
    clusters = merged((latest[source][1].clusters for source in sorted(latest)), FOLLOWED)
    return Moment(
        minute,
        counts,
        authors.smallest(),
        complaints_by,
        best(evidence),
        splits,
        clusters,
        reporters.smallest(),
        tuple(voices),
    )
