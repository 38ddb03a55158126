"""The rules that others publish, re-implemented: what they compare, over which windows, by which factor.

Each takes counts (a stream a row, a bucket of five minutes a column) and gives a score that alarms from 1 on.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rule = Callable[[Floats], Floats]

HOUR, DAY = 12, 288


def huginn(counts: Floats) -> Floats:
    """Peak detector: an hour above the mean of 14 days by three standard deviations, at least two days apart."""
    hour = _sums(counts, HOUR)
    mean, deviation = _moments(hour, 14 * DAY)
    score = _at_hours(hour / np.maximum(mean + 3 * deviation, 4))
    return _spaced(score, 2 * DAY)


def socialmetrix(counts: Floats) -> Floats:
    """The average of 24 hours above that of seven days by 1.5 standard deviations of its hours, looked at hourly."""
    hour = _sums(counts, HOUR)
    mean, deviation = _moments(hour, 7 * DAY)
    return _at_hours(_sums(counts, DAY) / 24 / np.maximum(mean + 1.5 * deviation, 1 / 24))


def wizikey(counts: Floats) -> Floats:
    """The day so far above twice the mean of the seven days before it."""
    today = counts.copy()
    for at in range(1, counts.shape[1]):
        if at % DAY:
            today[:, at] += today[:, at - 1]
    days = _before(_sums(counts, 7 * DAY), np.arange(counts.shape[1]) % DAY + 1) / 7
    return today / np.maximum(2 * days, 1)


def meltwater(counts: Floats) -> Floats:
    """The last hour above twice the mean hour of the 12 before it, the same hour yesterday and a week ago.

    The windows are published, the factor is assumed.
    """
    hour = _sums(counts, HOUR)
    recent = _before(_sums(counts, 12 * HOUR), HOUR) / 12
    usual = np.maximum.reduce([recent, _before(hour, DAY), _before(hour, 7 * DAY)])
    return hour / np.maximum(2 * usual, 3)


def mutualmind(counts: Floats) -> Floats:
    """Ten minutes above twice the mean of six hours."""
    return _sums(counts, 2) / np.maximum(2 * _before(_sums(counts, 6 * HOUR), 2) / 36, 2)


def fixed_ratio(counts: Floats) -> Floats:
    """The last hour above three times the mean hour of seven days: what rule builders offer first."""
    return _sums(counts, HOUR) / np.maximum(3 * _before(_sums(counts, 7 * DAY), HOUR) / 168, 3)


def windowed_gaussian(counts: Floats) -> Floats:
    """A bucket above the mean of 14 days by four standard deviations."""
    mean, deviation = _moments(counts, 14 * DAY)
    return counts / np.maximum(mean + 4 * deviation, 1)


def _sums(counts: Floats, width: int) -> Floats:
    """Sums of the last ``width`` buckets; of fewer at the beginning, as if the rest were zero."""
    total = np.cumsum(counts, axis=1)
    return total - _before(total, width)


def _before(values: Floats, shift: int | NDArray[np.int64]) -> Floats:
    """Values ``shift`` buckets ago, 0 before the first."""
    place = np.arange(values.shape[1]) - shift
    return np.where(place >= 0, values[:, np.maximum(place, 0)], 0.0)


def _moments(values: Floats, width: int) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the ``width`` values before each."""
    filled = np.maximum(np.minimum(np.arange(values.shape[1]), width), 1)
    mean = _before(_sums(values, width), 1) / filled
    square = _before(_sums(values * values, width), 1) / filled
    return mean, np.sqrt(np.maximum(square - mean * mean, 0))


def _at_hours(score: Floats) -> Floats:
    return np.where(np.arange(score.shape[1]) % HOUR == HOUR - 1, score, 0.0)


def _spaced(score: Floats, apart: int) -> Floats:
    """No two alarms within ``apart`` buckets."""
    spaced = score.copy()
    for row in spaced:
        last = -apart
        for at in np.flatnonzero(row >= 1):
            if at - last < apart:
                row[at] = 0.999
            else:
                last = at
    return spaced


INCUMBENTS: Mapping[str, Rule] = MappingProxyType(
    {
        "fixed ratio 1 h / 7 d": fixed_ratio,
        "windowed Gaussian": windowed_gaussian,
        "Huginn": huginn,
        "Socialmetrix": socialmetrix,
        "Wizikey": wizikey,
        "Meltwater (factor assumed)": meltwater,
        "MutualMind": mutualmind,
    }
)
