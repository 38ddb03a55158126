"""Parts of one brand, its products and regions: the detectors of harm over each, for incidents to name them."""

from collections.abc import Mapping
from typing import Any

import msgspec

from pipeline.closing import Moment
from pipeline.detectors._base import Detector, Observation, Tuning
from pipeline.incidents import FacetAlarm
from pipeline.watchlist import Brand
from schemas.brand_log import Counts

MOST = 16  # parts of a brand: what they cost in time and state is bounded

STEP_S = 300  # they are looked at every five minutes: they wake nobody, so the cost counts for more than the haste

_KINDS = ("product:", "region:")
_NOTHING = Counts()


class StoredParts(msgspec.Struct):
    """What a checkpoint keeps: states by facet and detector, and what came since the last look."""

    states: dict[str, dict[str, msgspec.Raw]] = {}
    open: dict[str, Counts] = {}


def followed(brand: Brand) -> tuple[str, ...]:
    """The first ``MOST`` products and regions of a brand, as facets are called."""
    entries = zip(_KINDS, (brand.products, brand.regions), strict=True)
    return tuple(f"{kind}{entry.id}" for kind, group in entries for entry in group)[:MOST]


class Parts:
    """States of the parts that were ever named, by facet and detector."""

    __slots__ = ("_detectors", "_open", "_states")

    def __init__(self, detectors: Mapping[str, Detector[Any]]) -> None:
        self._detectors = detectors
        self._states: dict[str, dict[str, Any]] = {}
        self._open: dict[str, Counts] = {}

    def close(
        self, facets: tuple[str, ...], seen: Observation, moment: Moment, tuning: Tuning
    ) -> dict[str, FacetAlarm]:
        """Take a closed minute in, and let the detectors look when it is time; the strongest alarm of each part."""
        for facet in facets:
            if facet in moment.splits:
                self._open.setdefault(facet, Counts()).add(Counts(*moment.splits[facet]))
        ends = seen.minute + tuning.bucket_s * 1000
        if ends % (STEP_S * 1000) or not (self._states or self._open):
            return {}
        self._states = {
            facet: self._states.get(facet) or self._fresh()
            for facet in facets
            if facet in self._states or facet in self._open
        }
        span, alarms = seen._replace(minute=ends - STEP_S * 1000), dict[str, FacetAlarm]()
        for facet, states in self._states.items():
            found = self._step(states, _part(span, self._open.get(facet, _NOTHING)), tuning._replace(bucket_s=STEP_S))
            if found is not None:
                alarms[facet] = found
        self._open = {}
        return alarms

    def _fresh(self) -> dict[str, Any]:
        return {name: detector.start() for name, detector in self._detectors.items()}

    def _step(self, states: dict[str, Any], seen: Observation, tuning: Tuning) -> FacetAlarm | None:
        strongest: FacetAlarm | None = None
        for name, detector in self._detectors.items():
            verdict = detector.step(states[name], seen, tuning)
            if verdict.score < 1:
                continue
            detector.rearm(states[name])
            if strongest is None or verdict.strength > strongest.verdict.strength:
                strongest = FacetAlarm(name, verdict)
        return strongest

    def stored(self) -> StoredParts:
        """What a checkpoint keeps."""
        states = {
            facet: {name: msgspec.Raw(msgspec.msgpack.encode(state)) for name, state in states.items()}
            for facet, states in self._states.items()
        }
        return StoredParts(states, self._open)

    def restore(self, stored: StoredParts) -> None:
        """Become what was stored; a detector that is new since then starts fresh."""
        self._open = stored.open
        for facet, states in stored.states.items():
            fresh = self._states[facet] = self._fresh()
            for name, raw in states.items():
                if name in fresh:
                    fresh[name] = msgspec.msgpack.decode(raw, type=self._detectors[name].state)


def _part(seen: Observation, counts: Counts) -> Observation:
    """What the detectors see of a part; whose reach it was is known of the brand alone."""
    return seen._replace(
        posts=counts.posts, negatives=counts.negatives, complaints=counts.complaints, critical=counts.critical, reach=0
    )
