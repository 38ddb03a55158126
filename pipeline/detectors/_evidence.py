"""Evidence that a level has risen: a mixture of Shiryaev-Roberts e-detectors, one for each size of rise."""

from collections.abc import Iterable
from math import exp, log

import msgspec

LARGEST_LOG = 300.0  # the product of two ratios this large is finite, and cut back to one
LARGEST = exp(LARGEST_LOG)


class Run(msgspec.Struct, array_like=True):
    """Where the evidence began: Page's CUSUM of the smallest rise, and what was counted since it was last at zero."""

    excess: float = 0.0
    since: int = 0  # ms
    amount: int = 0
    exposure: int = 0  # what ``amount`` is counted in
    posts: int = 0

    def follow(self, gain: float, minute: int, amount: int, exposure: int, posts: int = 0) -> None:
        """Add one bucket, whose log likelihood ratio is ``gain``."""
        if self.excess <= 0:
            self.excess, self.since, self.amount, self.exposure, self.posts = 0.0, minute, 0, 0, 0
        self.excess += gain
        self.amount += amount
        self.exposure += exposure
        self.posts += posts


def grow(ratios: list[float], gains: Iterable[float]) -> float:
    """Add one bucket; the natural log of the e-value of the equal mixture, at least 0.

    ``ratios`` sum the likelihood ratios of every possible start, ``gains`` are the logs of this bucket's.
    """
    total = 0.0
    for place, gain in enumerate(gains):
        ratio = (ratios[place] + 1) * exp(gain if gain < LARGEST_LOG else LARGEST_LOG)  # noqa: FURB136  # twice as fast, four times a bucket
        if ratio > LARGEST:  # noqa: PLR1730  # as above
            ratio = LARGEST
        ratios[place] = ratio
        total += ratio
    mean = total / len(ratios)
    return log(mean) if mean > 1 else 0.0


def strength(ratios: list[float]) -> float:
    """What ``grow`` answered last."""
    mean = sum(ratios) / len(ratios)
    return log(mean) if mean > 1 else 0.0
