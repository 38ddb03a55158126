"""Detectors over counts that are already there: a score for every bucket, or the alarms of the crisis rule."""

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from math import floor
from typing import Any, NamedTuple

from pipeline.count_files import Bucket
from pipeline.crowd import handful
from pipeline.detectors._base import Detector, Observation, Tuning, Verdict, threshold
from pipeline.series import DETECTORS

BURST = "mention_burst"
CRISIS = ("complaint_volume", "negative_share")
QUIET_S = 3_600  # calm before an episode of a rule is over
MEMORY_MS = 43_200_000  # how far back authors are counted


class Alarm(NamedTuple):
    """One alarm. Times are ms since 1970, ``at`` is the end of the bucket that decided."""

    at: int
    rule: str
    score: float  # fraction of the threshold, >= 1
    observed: float
    expected: float
    since: int


def burst_scores(buckets: Iterable[Bucket | None], bucket_s: int, zone: tzinfo) -> Iterator[tuple[Bucket, float]]:
    """A score between 0 and 1 for every bucket of posts: from 1/2 on it is the alarm of a burst, once in an episode."""
    detector: Detector[Any] = DETECTORS[BURST]
    state, tuning = detector.start(), Tuning(bucket_s, 0.0)
    for bucket in buckets:
        if bucket is None:
            continue
        verdict = detector.step(state, _seen(bucket, zone, bucket.counts[0], 0), tuning)
        if verdict.score >= 1:
            detector.rearm(state)
        whole = floor(verdict.score) if verdict.score >= 1 else verdict.score  # alarms of nearly one size are alike
        yield bucket, 1 - 2**-whole


def crisis_alarms(
    buckets: Iterable[Bucket | None], bucket_s: int, zone: tzinfo, budget: float, *, authors: bool
) -> Iterator[Alarm]:
    """Alarms over posts, negatives and, if ``authors``, distinct authors; every negative post counts as a complaint.

    ``budget`` is how many false alarms a week are accepted. Each of the rules alarms once in an episode, which
    ends after an hour of calm. What few authors wrote waits until more join in.
    """
    rules = {name: _Rule(DETECTORS[name]) for name in CRISIS}
    tuning, crowd = Tuning(bucket_s, threshold(bucket_s, 1, budget)), _Crowd()
    for bucket in buckets:
        if bucket is None:
            continue
        posts, negatives = bucket.counts[:2]
        crowd.hear(bucket.at, posts, bucket.counts[2] if authors else posts)
        seen = _seen(bucket, zone, posts, negatives)
        for name, rule in rules.items():
            verdict = rule.hear(seen, tuning, crowd)
            if verdict is not None:
                at = bucket.at + bucket_s * 1000
                yield Alarm(at, name, verdict.score, verdict.observed, verdict.expected, verdict.since)


def _seen(bucket: Bucket, zone: tzinfo, posts: int, negatives: int) -> Observation:
    hour = datetime.fromtimestamp(bucket.at / 1000, zone).hour
    return Observation(bucket.at, hour, posts, negatives, negatives)


class _Rule:
    """One detector and the episode it is in."""

    def __init__(self, detector: Detector[Any]) -> None:
        self._detector, self._state = detector, detector.start()
        self._told, self._calm_s = False, 0

    def hear(self, seen: Observation, tuning: Tuning, crowd: "_Crowd") -> Verdict | None:
        """The verdict, if it begins an episode; none begins while a few write for the ``crowd``."""
        verdict = self._detector.step(self._state, seen, tuning)
        alarm = verdict.score >= 1
        if alarm:
            self._detector.rearm(self._state)
        self._calm_s = self._calm_s + tuning.bucket_s if verdict.calm and not alarm else 0
        self._told = self._told and self._calm_s < QUIET_S
        if not alarm or self._told or crowd.few_since(verdict.since):
            return None
        self._told = True
        return verdict


class _Crowd:
    """How many authors stand behind the posts of the last hours."""

    def __init__(self) -> None:
        self._heard: deque[tuple[int, int, int]] = deque()

    def hear(self, at: int, posts: int, authors: int) -> None:
        """Count a bucket."""
        self._heard.append((at, posts, authors))
        while self._heard[0][0] < at - MEMORY_MS:
            self._heard.popleft()

    def few_since(self, since: int) -> bool:
        """Whether a handful wrote what was posted since then."""
        posts = authors = 0
        for at, count, distinct in self._heard:
            if at >= since:
                posts, authors = posts + count, authors + distinct
        return handful(authors, posts)
