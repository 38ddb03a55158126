"""Invented streams of posts with a known onset: rates that wander, campaigns, days and weekends, a noisy classifier."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tests.bench.detection.shapes import Shape

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

BUCKET_S = 300
PER_DAY = 86_400 // BUCKET_S
PER_WEEK = 7 * PER_DAY
DAYS = 28
LENGTH = DAYS * PER_DAY
QUIET_DAYS = 14  # before the earliest onset
AFTER_DAYS = 4  # that an onset leaves
SENSITIVITY, SPECIFICITY = 0.82, 0.94  # of the classifier that tells negative posts


class Streams(NamedTuple):
    """One stream a row, one bucket a column."""

    posts: Counts
    negatives: Counts  # as the classifier sees them
    authors: Counts  # distinct in the bucket
    onset: Counts  # bucket, -1 where there is no crisis
    rate: Floats  # posts per bucket on average


def wandering_rates(rng: np.random.Generator, count: int, shape: Shape) -> Streams:
    """Negative binomial posts around a daily curve times an autoregressive drift; two harmless campaigns a month."""
    rate, rates, shares = _ordinary(rng, count)
    add_campaigns(rng, rates, shares)
    onset = onsets(rng, count, shape)
    strike(rng, shape, onset, rates, shares)
    spread = rng.choice([0.02, 0.1, 0.4], (count, 1))
    posts = rng.negative_binomial(1 / spread, 1 / (1 + spread * rates))
    return Streams(posts, seen_negatives(rng, posts, shares), authors(rng, shape, onset, posts), onset, rate)


def _ordinary(rng: np.random.Generator, count: int) -> tuple[Floats, Floats, Floats]:
    """Mean rates, rates per bucket and negative shares of streams in which nothing happens."""
    day = np.arange(LENGTH) / PER_DAY
    rate = 10 ** rng.uniform(-1.7, 2.3, count)
    swing, peak = rng.uniform(0.4, 0.9, (count, 1)), rng.uniform(0, 1, (count, 1))
    curve = swing * np.cos(2 * np.pi * (day - peak)) + 0.25 * swing * np.cos(4 * np.pi * (day - peak) + 1)
    curve = np.exp(curve) / np.exp(curve).mean(axis=1, keepdims=True)
    weekend = np.where(day.astype(int) % 7 >= 5, rng.uniform(0.5, 1.1, (count, 1)), 1.0)
    depth = rng.choice([0.1, 0.2, 0.3], (count, 1))
    drift = wander(rng, PER_DAY * rng.choice([0.25, 1.0], count)) * depth - depth**2 / 2
    usual = rng.beta(4, 28, (count, 1))
    odds = np.log(usual / (1 - usual)) + 0.2 * wander(rng, np.full(count, PER_DAY / 2))
    return rate, rate[:, None] * curve * weekend * np.exp(drift), 1 / (1 + np.exp(-odds))


def wander(rng: np.random.Generator, time_constant: Floats) -> Floats:
    """Autoregressive noise of variance 1 for every time constant (in buckets)."""
    keep = np.exp(-1 / time_constant)
    noise = rng.normal(0, 1, (LENGTH, len(keep))) * np.sqrt(1 - keep**2)
    for at in range(1, LENGTH):
        noise[at] += keep * noise[at - 1]
    return noise.T


def add_campaigns(rng: np.random.Generator, rates: Floats, shares: Floats) -> None:
    """Two a month in every stream: more posts, fewer of them negative."""
    for row in range(len(rates)):
        for _ in range(rng.poisson(DAYS / 14)):
            begin = rng.integers(0, LENGTH - PER_DAY)
            span = slice(begin, begin + rng.integers(24, PER_DAY))
            rates[row, span] *= rng.uniform(1.5, 4)
            shares[row, span] *= 0.6


def onsets(rng: np.random.Generator, count: int, shape: Shape) -> Counts:
    """A bucket for each stream, after enough quiet days."""
    first, last = QUIET_DAYS * PER_DAY, (DAYS - AFTER_DAYS) * PER_DAY
    return rng.integers(first, last, count) if shape.curve else np.full(count, -1)


def strike(rng: np.random.Generator, shape: Shape, onset: Counts, rates: Floats, shares: Floats) -> None:  # noqa: ARG001  # every family draws alike
    """Let the crisis happen: rates grow by the shape's factor, shares by what it adds."""
    if shape.curve is None:
        return
    for row, at in enumerate(onset):
        factor, added = shape.curve(np.arange(LENGTH - at, dtype=float))
        rates[row, at:] *= factor
        shares[row, at:] = np.clip(shares[row, at:] + added, 0, 0.9)


def seen_negatives(rng: np.random.Generator, posts: Counts, shares: Floats) -> Counts:
    """What the classifier calls negative."""
    return rng.binomial(posts, SENSITIVITY * shares + (1 - SPECIFICITY) * (1 - shares))


def authors(rng: np.random.Generator, shape: Shape, onset: Counts, posts: Counts) -> Counts:
    """Nearly as many as posts, but in a flood a handful of accounts writes everything."""
    distinct = posts - rng.binomial(posts, 0.08)
    for row, at in enumerate(onset if shape.flood else ()):
        span = slice(at, at + shape.flood)
        few = rng.poisson(rng.integers(3, 15), shape.flood) + 1
        distinct[row, span] = np.minimum(posts[row, span], few)
    return distinct
