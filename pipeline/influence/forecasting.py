"""How far a cascade will go: its growth until twelve hours of age, from its size and its present speed.

Fitted on three days of the Higgs interactions (SNAP); ``docs/influence.md`` has the tables, and
``tests/bench/cascade_fit.py`` makes the constants again.
"""

from math import ceil, exp, exp2, floor, log
from typing import NamedTuple

HORIZON_S = 43_200  # forecasts are for this age of a cascade
SPEED_S = 1_800.0  # half-life of the sum that tells the present speed
LEAST = 10  # reposts from which a cascade is forecast

_SLOWEST = 0.05  # a pace below this is no slower
_LARGEST = 100  # a size above this is no larger: nine of ten to learn from were smaller
_LEAST_GROWTH = 0.02  # in logarithms; a cascade never shrinks


class Rung(NamedTuple):
    """An age at which cascades are forecast, and what was learnt of it.

    The logarithm of the growth is expected to be ``level + per_size * log(size) + per_pace * log(pace)``; four of five
    came to between ``low`` and ``high`` times that. ``ratio`` is the median growth of all, the baseline.
    """

    age_s: int
    level: float
    per_size: float
    per_pace: float
    low: float
    high: float
    ratio: float


RUNGS = (
    Rung(1_800, 0.418, 0.081, 0.623, 0.629, 2.45, 2.12),
    Rung(3_600, 0.508, 0.039, 0.657, 0.4, 2.8, 1.67),
    Rung(7_200, 0.287, 0.035, 0.243, 0.344, 3.98, 1.36),
    Rung(14_400, 0.203, 0.01, 0.074, 0.0, 4.35, 1.15),
)


class Forecast(NamedTuple):
    """How many more reposts until the horizon: the middle, an 80 % interval, and the baseline's word."""

    growing: bool
    expected: int
    low: int
    high: int
    by_ratio: int


def speed(recent: float, age_s: float) -> float:
    """Reposts a second, from their sum that fades with a half-life of ``SPEED_S`` and began ``age_s`` ago."""
    return recent * log(2) / SPEED_S / (1 - exp2(-age_s / SPEED_S))


def pace(size: int, speed_s: float, age_s: int) -> float:
    """The present speed against the average since the first repost: 1 is steady, less is slowing down."""
    return speed_s * age_s / size


def features(size: int, paced: float) -> tuple[float, float, float]:
    """What ``level``, ``per_size`` and ``per_pace`` are multiplied by."""
    return 1.0, log(min(size, _LARGEST)), log(max(paced, _SLOWEST))


def growth(rung: Rung, size: int, paced: float) -> float:
    """Expected logarithm of the growth until the horizon."""
    weights = (rung.level, rung.per_size, rung.per_pace)
    told = sum(weight * one for weight, one in zip(weights, features(size, paced), strict=True))
    return max(told, _LEAST_GROWTH)


def forecast(rung: Rung, size: int, speed_s: float) -> Forecast:
    """What becomes of a cascade of ``size`` at the age of the rung; ``speed_s`` in reposts a second."""
    paced = pace(size, speed_s, rung.age_s)
    expected = growth(rung, size, paced)
    return Forecast(
        paced >= 1,
        round(size * (exp(expected) - 1)),
        floor(size * (exp(expected * rung.low) - 1)),
        ceil(size * (exp(expected * rung.high) - 1)),
        round(size * (rung.ratio - 1)),
    )
