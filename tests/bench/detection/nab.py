"""The scoring of the Numenta Anomaly Benchmark: early hits in labelled windows against alarms outside of them.

Lavin and Ahmad, "Evaluating Real-Time Anomaly Detection Algorithms", 2015, arXiv 1510.03336. As the benchmark does, one
threshold serves all series, and it is the one that serves the scores best.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from math import ceil, floor
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Profile(NamedTuple):
    """What an alarm outside of all windows and a missed window cost, in hits."""

    false_alarm: float
    miss: float


PROFILES: Mapping[str, Profile] = MappingProxyType(
    {"standard": Profile(0.11, 1.0), "low FP": Profile(0.22, 1.0), "low FN": Profile(0.11, 2.0)}
)
PROBATION, LONGEST_PROBATION = 0.15, 5000  # fraction of a series that does not count, and of how long a one at most
NOTHING = 1e300  # a threshold above every score


class Labelled(NamedTuple):
    """A series with its windows, ``window`` is -1 outside of them; ``worth`` is what an alarm in a row is worth.

    Rows of the probation are left out of ``rows``.
    """

    times: Sequence[datetime]
    counts: NDArray[np.int64]
    rows: slice
    window: NDArray[np.int64]
    worth: Floats


class Result(NamedTuple):
    """Normalised score (100 is perfect, 0 silent), windows found and alarms outside of windows."""

    score: float
    found: int
    windows: int
    false_alarms: int
    threshold: float


def read(folder: Path) -> dict[str, Labelled]:
    """The series of a folder with ``data/*.csv`` and ``windows.json``, by file name."""
    windows = json.loads((folder / "windows.json").read_text("utf-8"))
    return {path.name: _labelled(path, windows[path.name]) for path in sorted((folder / "data").glob("*.csv"))}


def _labelled(path: Path, windows: Sequence[Sequence[str]]) -> Labelled:
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    times = [datetime.fromisoformat(line["timestamp"]) for line in lines]
    place = {time: at for at, time in reversed(list(enumerate(times)))}
    spans = [tuple(place[datetime.fromisoformat(text)] for text in span) for span in windows]
    begin = ceil(min(floor(PROBATION * len(lines)), PROBATION * LONGEST_PROBATION))
    window, worth = np.full(len(lines), -1), np.full(len(lines), -1.0)
    for number, (first, last) in enumerate(spans):
        until = spans[number + 1][0] if number + 1 < len(spans) else len(lines)
        width = last - first + 1
        inside, after = np.arange(first, last + 1), np.arange(last + 1, until)
        worth[inside] = _sigmoid(-(last - inside + 1) / width) / _sigmoid(np.array(-1.0))
        worth[after] = _sigmoid((after - last) / max(width - 1, 1))
        window[inside] = number
    counts = np.array([int(line["value"]) for line in lines])
    return Labelled(times, counts, slice(begin, len(lines)), window, worth)


def _sigmoid(position: Floats) -> Floats:
    """1 well before the end of a window, 0 at its end, -1 far behind it."""
    return np.where(position > 3, -1.0, 2 / (1 + np.exp(np.minimum(5 * position, 700))) - 1)  # as the benchmark has it


def optimise(series: Mapping[str, Labelled], scores: Mapping[str, Floats], profile: Profile) -> Result:
    """The result at the threshold that suits the scores best."""
    flat, worth, window = _pooled(series, scores)
    order = np.argsort(-flat, kind="stable")
    flat, worth, window = flat[order], worth[order], window[order]
    outside = window < 0
    total = np.cumsum(np.where(outside, profile.false_alarm * worth, 0.0))
    for number in range(int(window.max(initial=-1)) + 1):
        mine = window == number
        if mine.any():
            best = np.maximum.accumulate(np.where(mine, worth, -profile.miss))
            total += best + profile.miss  # from missed to found
    last = np.append(flat[1:] < flat[:-1], True)  # a threshold takes all equal scores or none
    total = np.where(last, total, -np.inf)
    at = int(np.argmax(total))
    return judge(series, scores, profile, float(flat[at]) if total[at] > 0 else NOTHING)


def judge(series: Mapping[str, Labelled], scores: Mapping[str, Floats], profile: Profile, threshold: float) -> Result:
    """The result of the alarms ``score >= threshold``."""
    flat, worth, window = _pooled(series, scores)
    alarm = flat >= threshold
    total = profile.false_alarm * float(worth[alarm & (window < 0)].sum())
    windows = np.unique(window[window >= 0])
    best = [worth[alarm & (window == number)].max(initial=-np.inf) for number in windows]
    found = sum(value > -np.inf for value in best)
    total += sum(value if value > -np.inf else -profile.miss for value in best)
    silent = -profile.miss * len(windows)
    perfect = sum(len(set(one.window.tolist()) - {-1}) for one in series.values())
    score = 100 * (total - silent) / (perfect - silent)
    return Result(float(score), int(found), len(windows), int((alarm & (window < 0)).sum()), threshold)


def leave_one_out(series: Mapping[str, Labelled], scores: Mapping[str, Floats], profile: Profile) -> float:
    """Score when every series is judged at the threshold that suits the others best, weighed by windows."""
    total = windows = 0.0
    for name, one in series.items():
        others = {other: series[other] for other in series if other != name}
        threshold = optimise(others, scores, profile).threshold
        result = judge({name: one}, scores, profile, threshold)
        total, windows = total + result.score * result.windows, windows + result.windows
    return float(total / windows)


def _pooled(series: Mapping[str, Labelled], scores: Mapping[str, Floats]) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Scores, worths and windows (numbered through) of the rows that count."""
    flat, worth, window, before = [], [], [], 0
    for name, one in series.items():
        flat.append(np.asarray(scores[name], float)[one.rows])
        worth.append(one.worth[one.rows])
        mine = one.window[one.rows]
        window.append(np.where(mine >= 0, mine + before, -1))
        before += int(one.window.max(initial=-1)) + 1
    return np.concatenate(flat), np.concatenate(worth), np.concatenate(window)
