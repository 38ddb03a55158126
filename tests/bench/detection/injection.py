"""Real onsets on invented baselines: tweets of disasters as they came, added to a brand's ordinary days."""

import csv
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tests.bench.detection.streams import BUCKET_S, PER_DAY, Floats, seen_negatives

DAYS, LEARNED = 24, 18
LASTS = 4 * PER_DAY
BASES = (0.02, 0.2, 2.0)  # posts per bucket
REPEATS = 5
SHARE, BAD = 0.12, 0.7  # of negatives on ordinary days and among the disaster's posts


class Onset(NamedTuple):
    """Posts per bucket since the first; ``mark`` is the first whose trailing hour holds a fifth of the peak hour's."""

    name: str
    human: bool
    posts: NDArray[np.int64]
    mark: int


class Injected(NamedTuple):
    """One stream: the disaster's first post is in bucket ``began``, its mark in bucket ``mark``."""

    posts: NDArray[np.int64]
    negatives: NDArray[np.int64]
    began: int
    mark: int
    base: float
    human: bool


def onsets(folder: Path) -> list[Onset]:
    """The crises of CrisisLexT26 whose tweets are there."""
    return [_onset(path) for path in sorted(folder.glob("*/*entire_period.csv"))]


def _onset(path: Path) -> Onset:
    description = json.loads(next(path.parent.glob("*description.json")).read_text("utf-8"))
    with path.open(encoding="utf-8", newline="") as file:
        cells = [row[0] for row in csv.reader(file, skipinitialspace=True) if row]
    times = np.array(sorted(time for cell in cells if (time := _seconds(cell)) is not None))
    posts = np.bincount(((times - times[0]) // BUCKET_S).astype(int))[:LASTS]
    hour = np.convolve(posts, np.ones(12))[: len(posts)]
    return Onset(
        path.parent.name,
        "Human" in description["categorization"]["category"],
        posts,
        int(np.argmax(hour >= 0.2 * hour.max())),
    )


def _seconds(text: str) -> float | None:
    try:
        return datetime.strptime(text, "%a %b %d %H:%M:%S %z %Y").timestamp()
    except ValueError:
        return None


def injected(real: Sequence[Onset], seed: int) -> list[Injected]:
    """Every onset on every base, ``REPEATS`` times."""
    return [_inject(one, base, np.random.default_rng([seed, crc32(one.name.encode()), number, repeat]))
            for one in real for number, base in enumerate(BASES) for repeat in range(REPEATS)]  # fmt: skip


def _inject(real: Onset, base: float, rng: np.random.Generator) -> Injected:
    at = np.arange(DAYS * PER_DAY)
    curve = np.exp(0.6 * np.cos(2 * np.pi * (at / PER_DAY - rng.uniform())))
    keep = np.exp(-1 / (PER_DAY / 2))
    drift = rng.normal(0, np.sqrt(1 - keep**2), len(at))
    for place in range(1, len(at)):
        drift[place] += keep * drift[place - 1]
    rates: Floats = base * curve / curve.mean() * np.exp(0.2 * drift)
    posts = rng.negative_binomial(10, 1 / (1 + rates / 10))
    negatives = seen_negatives(rng, posts, np.full(len(at), SHARE))
    began = LEARNED * PER_DAY + int(rng.integers(0, PER_DAY))
    more = real.posts[: len(at) - began]
    posts[began : began + len(more)] += more
    negatives[began : began + len(more)] += seen_negatives(rng, more, np.full(len(more), BAD))
    return Injected(posts, negatives, began, began + real.mark, base, real.human)
