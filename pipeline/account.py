"""What an open incident remembers to explain itself: facets, texts, quotes, and what had been expected."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import msgspec

from pipeline.closing import Moment
from pipeline.clusters import MEASURES, merged, unquote
from pipeline.detectors._base import Verdict
from pipeline.evidence import best
from pipeline.usual import Usual
from schemas.brand_log import Cluster, Counts, Evidence
from schemas.vocabulary import Measure

TEXTS = 64  # followed over an incident
SWAY = 2.0  # by so much what is normal may grow in an incident; beyond, a detector has begun to learn the incident

_RATES: Mapping[str, Measure] = MappingProxyType({
    "posts per minute": "posts", "complaints per minute": "complaints", "critical complaints per minute": "critical",
})  # fmt: skip
_SHARE = "negative share"


def measure_of(unit: str) -> Measure:
    """What a level in ``unit`` counts; complaints where the unit is unknown."""
    return "negatives" if unit.startswith(_SHARE) else _RATES.get(unit, "complaints")


class Account(msgspec.Struct):
    """Totals since ``counted_from`` of the incident. ``expected`` are thousandths of what the detectors expected."""

    splits: dict[str, list[int]] = {}  # facet -> counts in the order of MEASURES
    clusters: tuple[Cluster, ...] = ()
    posts: tuple[Evidence, ...] = ()
    expected: dict[Measure, int] = {}
    normal: dict[Measure, float] = {}  # levels that were expected first
    usual: Usual | None = None  # as it was when the incident opened
    through: int = 0  # end of the last minute of ``expected``, ms
    counted: int = 0  # posts of these minutes

    def add(self, moment: Moment) -> None:
        """Take a minute in."""
        for facet, split in moment.splits.items():
            held = self.splits.setdefault(facet, [0] * len(MEASURES))
            for index, amount in enumerate(split):
                held[index] += amount
        self.clusters = merged((self.clusters, moment.clusters), TEXTS)
        self.posts = best((*self.posts, *moment.evidence))

    def forget(self, withdrawn: Callable[[Evidence], bool]) -> None:
        """Quote no post any more that is ``withdrawn``; what was counted stays."""
        self.posts = tuple(post for post in self.posts if not withdrawn(post))
        unquote(self.clusters, withdrawn)

    def begin(self, usual: Usual, since: int) -> None:
        """Note what the brand is usually made of, and when counting began, ms; the first time only."""
        if self.usual is None:
            self.usual, self.through = usual.copy(), since

    def expect(self, at: int, verdicts: Mapping[str, Verdict], counts: Counts) -> None:
        """Let the minutes up to ``at`` have had the levels that detectors now call normal.

        ``counts`` are the incident's so far: a share is expected of the posts that there were.
        """
        span, posts = at - self.through, counts.posts - self.counted
        told = set[Measure]()
        for verdict in verdicts.values():
            measure = _RATES.get(verdict.unit, "negatives")
            if measure in told or (verdict.unit not in _RATES and verdict.unit != _SHARE):
                continue
            told.add(measure)
            exposure = posts * 1000 if verdict.unit == _SHARE else span / 60
            level = min(verdict.expected, SWAY * self.normal.setdefault(measure, verdict.expected))
            more = round(level * exposure)
            self.expected[measure] = self.expected.get(measure, 0) + more
        self.through, self.counted = at, counts.posts
