"""Tocsin's rules as ``tocsin detect`` runs them, over many streams at a time in two processes."""

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC
from functools import partial
from multiprocessing import get_context
from random import Random

import msgspec
import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from pipeline.count_files import Bucket
from pipeline.detecting import burst_scores, crisis_alarms
from pipeline.detectors._base import Observation, Tuning, threshold
from pipeline.series import DETECTORS
from tests.bench.detection.streams import BUCKET_S

MINUTES = 20_000
PROCESSES = 2

Counts = NDArray[np.int64]


def buckets(columns: Sequence[Sequence[int]]) -> Iterator[Bucket]:
    """Columns of counts as buckets from 1970 on, a Thursday's midnight."""
    for place, counts in enumerate(zip(*columns, strict=True)):
        yield Bucket(place * BUCKET_S * 1000, tuple(map(int, counts)), (place,))


def alarms(columns: tuple[Counts, ...], budget: float) -> Counts:
    """Buckets in which the crisis rule alarms over posts, negatives and perhaps authors."""
    listed = [column.tolist() for column in columns]
    found = crisis_alarms(buckets(listed), BUCKET_S, UTC, budget, authors=len(columns) > 2)
    return np.array(sorted({alarm.at // 1000 // BUCKET_S - 1 for alarm in found}), int)


def all_alarms(streams: Iterable[tuple[Counts, ...]], budget: float, bar: Progress, title: str) -> list[Counts]:
    """The same for every stream."""
    listed = list(streams)
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        running = pool.map(partial(alarms, budget=budget), listed, chunksize=8)
        return list(bar.track(running, total=len(listed), description=title))


def burst(counts: Counts) -> NDArray[np.float64]:
    """Anomaly scores of a series of counts."""
    return np.array([score for _, score in burst_scores(buckets([counts.tolist()]), BUCKET_S, UTC)])


def costs() -> dict[str, tuple[float, int]]:
    """Microseconds of a closed minute and bytes of encoded state by detector, on a key of three posts a minute."""
    rng = Random(1)
    posts = [rng.randrange(7) for _ in range(MINUTES)]
    seen = [
        Observation(at * 60_000, at // 60 % 24, count, bad := min(count, int(rng.random() < 0.4)), bad)
        for at, count in enumerate(posts)
    ]
    tuning = Tuning(60, threshold(60, 1, 0.05))
    measured = {}
    for name, detector in DETECTORS.items():
        state = detector.start()
        began = time.process_time()
        for one in seen:
            detector.step(state, one, tuning)
        spent = time.process_time() - began
        measured[name] = (spent / MINUTES * 1e6, len(msgspec.msgpack.encode(state)))
    return measured
