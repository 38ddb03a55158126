"""Parts of one brand, its products and regions: the detectors of harm over each, for incidents to name them."""

from collections.abc import Mapping
from typing import Any

import msgspec

from pipeline.closing import FOLLOWED, Moment
from pipeline.detectors._base import Detector, Observation, Tuning
from pipeline.incidents import FacetAlarm
from pipeline.watchlist import Brand
from schemas.brand_log import Counts

MOST = 16  # parts of a brand: what they cost in time and state is bounded

StoredParts = dict[str, dict[str, msgspec.Raw]]

_NOTHING = Counts()


def followed(brand: Brand) -> tuple[str, ...]:
    """The first ``MOST`` products and regions of a brand, as facets are called."""
    entries = zip(FOLLOWED, (brand.products, brand.regions), strict=True)
    return tuple(f"{kind}{entry.id}" for kind, group in entries for entry in group)[:MOST]


class Parts:
    """States of the parts that were ever named, by facet and detector."""

    __slots__ = ("_detectors", "_states")

    def __init__(self, detectors: Mapping[str, Detector[Any]]) -> None:
        self._detectors = detectors
        self._states: dict[str, dict[str, Any]] = {}

    def close(
        self, facets: tuple[str, ...], seen: Observation, moment: Moment, tuning: Tuning
    ) -> dict[str, FacetAlarm]:
        """Let the detectors see a closed minute; the strongest alarm of each part that alarms."""
        if not self._states and not moment.facets:
            return {}
        alarms: dict[str, FacetAlarm] = {}
        self._states = {facet: self._states[facet] for facet in facets if facet in self._states} | {
            facet: self._fresh() for facet in facets if facet in moment.facets and facet not in self._states
        }
        for facet, states in self._states.items():
            found = self._step(states, _part(seen, moment.facets.get(facet, _NOTHING)), tuning)
            if found is not None:
                alarms[facet] = found
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
        return {
            facet: {name: msgspec.Raw(msgspec.json.encode(state)) for name, state in states.items()}
            for facet, states in self._states.items()
        }

    def restore(self, stored: StoredParts) -> None:
        """Become what was stored; a detector that is new since then starts fresh."""
        for facet, states in stored.items():
            fresh = self._states[facet] = self._fresh()
            for name, raw in states.items():
                if name in fresh:
                    fresh[name] = msgspec.json.decode(raw, type=self._detectors[name].state)


def _part(seen: Observation, counts: Counts) -> Observation:
    """What the detectors see of a part, in the same minute."""
    return seen._replace(posts=counts.posts, negatives=counts.negatives, complaints=counts.complaints)
