"""The rule to beat: two tolerant e-detectors at the thresholds of theory, all streams at once.

Complaints at most twice the seasonal expectation, and a share at most a quarter and two points above the usual one.
"""

from math import log

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RISES = np.array([1.3, 1.6, 2.5, 5.0])
TURNED = np.array([0.1, 0.25, 0.5])
WEEK, HOUR_BLOCKS = 2016, 84
LARGEST = 600.0
LOG_THRESHOLD = log(2 * WEEK / 0.02)
WARM = 576


def reference(posts: Floats, negatives: Floats) -> Floats:
    """Score of every bucket, 1 alarms at 0.02 nominal false alarms a week."""
    volume, share = _Volume(len(posts)), _Share(len(posts))
    score = np.zeros(posts.shape)
    for at in range(posts.shape[1]):
        found = np.maximum(volume.hear(negatives[:, at], at // 12 % 24, at), share.hear(posts[:, at], negatives[:, at]))
        score[:, at] = found / LOG_THRESHOLD if at >= WARM else 0.0
    return score


def _log_mean(logs: Floats) -> Floats:
    top = logs.max(axis=1)
    return np.maximum(top + np.log(np.exp(logs - top[:, None]).mean(axis=1)), 0)


def _grown(logs: Floats, gains: Floats) -> Floats:
    return np.minimum(np.logaddexp(logs, 0) + gains, LARGEST)


class _Volume:
    def __init__(self, count: int) -> None:
        self.level, self.spread = np.zeros(count), np.full(count, 0.3)
        self.counts, self.levels = np.zeros((24, count)), np.zeros((24, count))
        self.excess, self.square = np.zeros(count), np.zeros(count)
        self.logs = np.full((count, len(RISES)), -50.0)

    def hear(self, count: Floats, hour: int, at: int) -> Floats:
        factor = np.maximum((self.counts[hour] + 3) / (self.levels[hour] + 3), 0.1)
        mean = np.maximum(self.level * factor, 1e-3)
        shape, tolerated = 1 / self.spread, 2 * mean
        change = np.log((shape + tolerated)[:, None] / (shape[:, None] + RISES * tolerated[:, None]))
        gains = count[:, None] * (np.log(RISES) + change) + shape[:, None] * change
        self.logs = _grown(self.logs, gains) if at >= 288 else self.logs
        self._learn(count, hour, at, factor, mean)
        return _log_mean(self.logs)

    def _learn(self, count: Floats, hour: int, at: int, factor: Floats, mean: Floats) -> None:
        if at > 288:
            count = np.minimum(count, mean + 5 * np.sqrt(mean + self.spread * mean**2) + 1)
        weight = max(1 - 0.5 ** (1 / WEEK), 1 / (at + 1))
        self.level += weight * (count / factor - self.level)
        keep = 0.5 ** (1 / HOUR_BLOCKS)
        self.counts[hour] = self.counts[hour] * keep + count
        self.levels[hour] = self.levels[hour] * keep + np.maximum(self.level, 1e-4)
        self.excess += weight * ((count - mean) ** 2 - mean - self.excess)
        self.square += weight * (mean**2 - self.square)
        self.spread = np.clip((self.excess + 5e-4) / (self.square + 1e-2), 0.02, 3)


class _Share:
    def __init__(self, count: int) -> None:
        self.posts, self.negatives = np.full(count, 8.0), np.full(count, 1.2)
        self.logs = np.full((count, len(TURNED)), -50.0)

    def hear(self, posts: Floats, negatives: Floats) -> Floats:
        usual = self.negatives / self.posts
        tolerated = np.minimum(1.25 * usual + 0.02, 0.85)[:, None]
        risen = tolerated + (1 - tolerated) * TURNED
        others = (posts - negatives)[:, None]
        gains = negatives[:, None] * np.log(risen / tolerated) + others * np.log((1 - risen) / (1 - tolerated))
        repeats = 1 + 0.02 * np.maximum(posts - 1, 0)[:, None]
        self.logs = np.where(posts[:, None] > 0, _grown(self.logs, gains / repeats), self.logs)
        keep = 0.5 ** (1 / WEEK)
        self.negatives = self.negatives * keep + np.minimum(negatives, posts * np.minimum(2 * usual, 1) + 0.5)
        self.posts = self.posts * keep + posts
        lacking = np.maximum(8 - self.posts, 0)
        self.negatives, self.posts = self.negatives + usual * lacking, self.posts + lacking
        return _log_mean(self.logs)
