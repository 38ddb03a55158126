"""How often alarms come without cause, and how soon with one."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tests.bench.detection.streams import BUCKET_S, LENGTH, PER_DAY, PER_WEEK, QUIET_DAYS

Floats = NDArray[np.float64]
Alarms = Sequence[NDArray[np.int64]]  # buckets that alarm, a row for each stream

MERGED = 144  # buckets: alarms closer than twelve hours are one false alarm
FIRST = QUIET_DAYS * PER_DAY  # rules have learned by then


class Found(NamedTuple):
    """``delay`` is the median in minutes to the end of the deciding bucket, infinite if most were missed."""

    recall: float
    delay: float


def alarms_above(score: Floats, threshold: float) -> Alarms:
    """Buckets whose score reaches the threshold."""
    return [np.flatnonzero(row >= threshold) for row in score]


def false_alarms(alarms: Alarms) -> float:
    """Per stream and week, on streams in which nothing happens."""
    episodes = sum(
        int(late.size > 0) + int((np.diff(late) > MERGED).sum()) for late in (row[row >= FIRST] for row in alarms)
    )
    return episodes / (len(alarms) * (LENGTH - FIRST) / PER_WEEK)


def found(alarms: Alarms, onset: NDArray[np.int64], within: int) -> Found:
    """First alarms in the ``within`` buckets from the onset on."""
    delays = delays_after(alarms, onset, within)
    return Found(float(np.isfinite(delays).mean()), float(np.median(delays)))


def delays_after(alarms: Alarms, onset: NDArray[np.int64], within: int) -> Floats:
    """Minutes from each onset to the end of the first alarming bucket, infinite where there is none in time."""
    first = [row[(row >= at) & (row < at + within)] for row, at in zip(alarms, onset, strict=True)]
    return np.array(
        [(row[0] - at + 1) * BUCKET_S / 60 if row.size else np.inf for row, at in zip(first, onset, strict=True)]
    )


def threshold_for(score: Floats, budget: float) -> float:
    """The lowest threshold, never below 1, with at most ``budget`` false alarms per stream and week."""
    tried = (
        np.unique(np.concatenate([[1.0], np.quantile(score[score >= 1], np.linspace(0, 1, 400))]))
        if (score >= 1).any()
        else [1.0]
    )
    low, high = 0, len(tried) - 1
    while low < high:
        middle = (low + high) // 2
        if false_alarms(alarms_above(score, tried[middle])) <= budget:
            high = middle
        else:
            low = middle + 1
    return float(tried[low]) * (1 + 1e-9)
