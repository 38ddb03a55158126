"""The shapes a crisis takes: how its posts multiply and how much of them turns negative."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Curve = Callable[[NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.float64]]]
DAY = 288.0  # buckets of five minutes
HOUR = 12


class Shape(NamedTuple):
    """``curve`` maps buckets since the onset to the factor of the rate and what is added to the negative share."""

    curve: Curve | None
    within: int = 288  # buckets in which it must be found
    flood: int = 0  # buckets in which a handful of accounts writes all


def _step(age: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return 1 + 4 * np.exp(-age / DAY), 0.6 * np.exp(-age / (2 * DAY))


def _ramp(age: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rise = np.minimum(age / 72, 1)
    return 1 + 5 * rise * np.exp(-np.maximum(age - 72, 0) / DAY), 0.5 * rise * np.exp(-age / (2 * DAY))


def _slow(age: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rise = np.minimum(age / (2 * DAY), 1)
    return 1 + 0.6 * rise, 0.2 * rise


def _sentiment(age: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.ones_like(age), np.full_like(age, 0.3)


def _cascade(age: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    growth = np.minimum(2 ** (np.minimum(age, 40) / 4), 50)
    return 1 + growth * np.exp(-np.maximum(age - 24, 0) / (DAY / 2)), 0.6 * np.exp(-age / (2 * DAY))


def _flood(age: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.where(age < HOUR, 10.0, 1.0), np.where(age < HOUR, 0.7, 0.0)


QUIET = Shape(None)
SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        "step x5": Shape(_step),
        "ramp 6 h": Shape(_ramp),
        "slow burn 48 h": Shape(_slow, within=3 * 288),
        "sentiment only +.3": Shape(_sentiment),
        "cascade x2 / 20 min": Shape(_cascade),
        "bot flood 1 h": Shape(_flood, flood=HOUR),
    }
)
