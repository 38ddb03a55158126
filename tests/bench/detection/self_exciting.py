"""A second family of streams: posts that make posts, two humps a day, weekends, holidays, trends."""

import numpy as np

from tests.bench.detection.shapes import Shape
from tests.bench.detection.streams import (
    DAYS,
    LENGTH,
    PER_DAY,
    Floats,
    Streams,
    add_campaigns,
    authors,
    onsets,
    seen_negatives,
    strike,
)


def self_exciting(rng: np.random.Generator, count: int, shape: Shape) -> Streams:
    """A discrete Hawkes process: every post makes ``offspring`` more on average, exponentially later.

    A reply tends to feel as the post it answers, so that the share of negatives wanders with the clusters.
    """
    rate, arrivals, shares = _ordinary(rng, count)
    add_campaigns(rng, arrivals, shares)
    onset = onsets(rng, count, shape)
    strike(rng, shape, onset, arrivals, shares)
    offspring = rng.uniform(0.2, 0.7, count)
    keep = np.exp(-1 / rng.uniform(1, 8, count))  # memory of 5 to 40 minutes
    likeness = rng.uniform(0, 0.5, count)
    posts, truly = np.zeros((count, LENGTH), int), np.zeros((count, LENGTH))
    arrivals *= (1 - offspring)[:, None]
    excited, angry = np.zeros(count), np.zeros(count)
    for at in range(LENGTH):
        own = arrivals[:, at]
        posts[:, at] = rng.poisson(own + excited)
        mood = np.where(excited > 0, angry / np.maximum(excited, 1e-12), 0)
        replies = excited / (own + excited)
        share = shares[:, at] + replies * likeness * (mood - shares[:, at])
        truly[:, at] = rng.binomial(posts[:, at], np.clip(share, 0, 1))
        excited = keep * excited + (1 - keep) * offspring * posts[:, at]
        angry = keep * angry + (1 - keep) * offspring * truly[:, at]
    real = np.divide(truly, posts, out=np.zeros_like(truly), where=posts > 0)
    negatives = seen_negatives(rng, posts, real)
    return Streams(posts, negatives, authors(rng, shape, onset, posts), onset, rate)


def _ordinary(rng: np.random.Generator, count: int) -> tuple[Floats, Floats, Floats]:
    """Mean rates, rates per bucket and negative shares of streams in which nothing happens."""
    hour = np.arange(LENGTH) % PER_DAY / PER_DAY * 24
    day = np.arange(LENGTH) // PER_DAY
    rate = 10 ** rng.uniform(-1.7, 2.3, count)
    noon, night = rng.uniform(9, 14, (count, 1)), rng.uniform(18, 23, (count, 1))
    curve = (
        rng.uniform(0.15, 0.4, (count, 1))
        + _hump(hour, noon, 2.5)
        + rng.uniform(0.5, 1.5, (count, 1)) * _hump(hour, night, 2.0)
    )
    curve /= curve.mean(axis=1, keepdims=True)
    weekday = rng.uniform(0.8, 1.2, (count, 7))
    weekday[:, 5:] *= rng.uniform(0.5, 1.3, (count, 1))
    trend = np.exp(rng.uniform(-0.02, 0.02, (count, 1)) * (day - DAYS / 2))
    rates = rate[:, None] * curve * weekday[:, day % 7] * trend
    usual = rng.beta(4, 28, (count, 1)) * np.ones(LENGTH)
    for row in range(count):
        for holiday in rng.choice(DAYS, rng.poisson(2), replace=False):
            span = slice(holiday * PER_DAY, (holiday + 1) * PER_DAY)
            rates[row, span] *= rng.choice([rng.uniform(0.3, 0.7), rng.uniform(1.3, 2.0)])
            usual[row, span] *= rng.uniform(0.7, 1.2)
    return rate, rates, usual


def _hump(hour: Floats, at: Floats, width: float) -> Floats:
    apart = np.abs(hour - at)
    return np.exp(-0.5 * (np.minimum(apart, 24 - apart) / width) ** 2)
