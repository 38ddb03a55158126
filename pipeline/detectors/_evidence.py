"""Evidence that a level has risen: a mixture of Shiryaev-Roberts e-detectors, one for each size of rise."""

from collections.abc import Iterable
from math import exp, log
from typing import NamedTuple

import msgspec

LARGEST_LOG = 600.0  # the product of two ratios this large is infinite, and cut back to one
LARGEST = exp(LARGEST_LOG)


class Alternative(msgspec.Struct, array_like=True):
    """One size of rise, weighed against the null.

    ``ratio`` sums the likelihood ratios of every possible start. ``excess`` is Page's CUSUM, the log ratio of the
    likeliest start, which is ``since``; ``amount`` and ``exposure`` have been counted from there.
    """

    ratio: float = 0.0
    excess: float = 0.0
    since: int = 0
    amount: float = 0.0
    exposure: float = 0.0


class Weight(NamedTuple):
    """The mixture's answer."""

    strength: float  # ln of the e-value, >= 0
    level: float  # amount per exposure since ``since``, as the strongest alternative has it
    since: int


def fresh(count: int) -> list[Alternative]:
    """No evidence for any of ``count`` alternatives."""
    return [Alternative() for _ in range(count)]


def weigh(alternatives: list[Alternative], gains: Iterable[float], minute: int, amount: float, exposure: float) -> None:
    """Add one bucket: ``gains`` are its log likelihood ratios, ``exposure`` > 0 is what ``amount`` is counted in."""
    for alternative, gain in zip(alternatives, gains, strict=True):
        ratio = (alternative.ratio + 1) * exp(min(gain, LARGEST_LOG))
        alternative.ratio = min(ratio, LARGEST)
        if alternative.excess <= 0:
            alternative.excess, alternative.since, alternative.amount, alternative.exposure = 0.0, minute, 0.0, 0.0
        alternative.excess += gain
        alternative.amount += amount
        alternative.exposure += exposure


def sum_up(alternatives: list[Alternative]) -> Weight:
    """The e-value of the equal mixture, and what the strongest alternative saw."""
    strongest = alternatives[0]
    total = 0.0
    for alternative in alternatives:
        total += alternative.ratio
        if alternative.ratio > strongest.ratio:
            strongest = alternative
    mean = total / len(alternatives)
    level = strongest.amount / strongest.exposure if strongest.exposure else 0.0
    return Weight(log(mean) if mean > 1 else 0.0, level, strongest.since)
