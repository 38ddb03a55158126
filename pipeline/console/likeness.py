"""How alike two incidents are, so that a responder finds what helped the last time."""

from collections.abc import Iterable, Mapping, Sequence
from math import hypot
from typing import NamedTuple

import msgspec

from schemas.vocabulary import Severity

MOST = 5
LEAST = 0.3  # below, they share no more than a detector
_SAME_BRAND = 1.2  # of two that are equally alike, the same brand's is worth more


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """What is compared of an incident; the fields are columns of ``alerts``, of its last event."""

    incident_id: str
    brand: str
    started: int  # ms
    at: int  # ms
    severity: Severity
    reason: str
    complaints: int
    detectors: Sequence[str]
    drivers: Mapping[str, float]
    categories: Mapping[str, float]


class Match(NamedTuple):
    """A past incident and how alike it is, 0 to 1."""

    past: Traits
    likeness: float


def alike(one: Traits, other: Traits) -> float:
    """The cosine of what alarmed, where complaints come from and what they are about; 0 to 1."""
    here, there = _weights(one), _weights(other)
    lengths = hypot(*here.values()) * hypot(*there.values())
    return sum(weight * there.get(key, 0.0) for key, weight in here.items()) / lengths if lengths else 0.0


def matches(of: Traits, past: Iterable[Traits]) -> list[Match]:
    """The MOST incidents before ``of`` that are most alike, the closest first."""
    earlier = (one for one in past if one.incident_id != of.incident_id and one.started < of.started)
    close = [Match(one, found) for one in earlier if (found := alike(of, one)) >= LEAST]
    close.sort(
        key=lambda match: (-match.likeness * (_SAME_BRAND if match.past.brand == of.brand else 1), -match.past.at)
    )
    return close[:MOST]


def _weights(one: Traits) -> dict[str, float]:
    detectors = {f"detector {name}": 1 / len(one.detectors) for name in one.detectors}
    return (
        detectors
        | {f"driver {key}": share for key, share in one.drivers.items()}
        | {f"category {key}": share for key, share in one.categories.items()}
    )
