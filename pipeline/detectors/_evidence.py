"""Evidence that a level has moved: a mixture of Shiryaev-Roberts e-detectors, one for each size of the move."""

from collections.abc import Sequence
from math import exp, log

import msgspec

LARGEST_LOG = 300.0  # the exponential of twice as much is finite
LARGEST = exp(LARGEST_LOG)
DIGITS = 4  # of a log that is kept


class Evidence(msgspec.Struct, array_like=True):
    """What was seen up to the end of the last block.

    ``sums`` are the likelihood ratios of every possible start, a block's beginning, added up for each move.
    The counts begin where ``excess`` was last at zero and hold what was weighed last, be it part of a block.
    """

    sums: list[float]
    excess: float = 0.0  # Page's CUSUM of the first move
    since: int = 0  # ms
    amount: int = 0
    exposure: int = 0  # what ``amount`` is counted in
    posts: int = 0
    strength: float = 0.0  # natural log of the e-value of the equal mixture, at least 0, as weighed last
    part: tuple[int, int, int] = (0, 0, 0)  # amount, exposure and posts of the open block in the counts
    spent: bool = False  # whether the block that is being filled has alarmed already

    @property
    def level(self) -> float:
        """Amount per exposure."""
        return self.amount / self.exposure if self.exposure else 0.0

    def may_reach(self, strength: float, gain: float) -> bool:
        """Whether an open block that gains at most ``gain`` for any move could bring the strength there."""
        return log(sum(self.sums) / len(self.sums) + 1) + gain >= strength

    def weigh(self, gains: Sequence[float], minute: int, part: tuple[int, int, int], *, full: bool) -> None:
        """Count the block that began at ``minute`` as far as it is filled, and keep it if it is ``full``.

        ``gains`` are its log likelihood ratios, ``part`` its amount, exposure and posts. One that has alarmed is not
        weighed again.
        """
        if self.spent:
            self.spent = not full
            return
        self._count(minute, part)
        grown = [
            min((one + 1) * exp(min(gain, LARGEST_LOG)), LARGEST) for one, gain in zip(self.sums, gains, strict=True)
        ]
        mean = sum(grown) / len(grown)
        self.strength = round(log(mean), DIGITS) if mean > 1 else 0.0
        if full:
            self.sums, self.part = grown, (0, 0, 0)
            self.excess = round(max(self.excess, 0.0) + gains[0], DIGITS)

    def _count(self, minute: int, part: tuple[int, int, int]) -> None:
        """Replace what the counts hold of the open block."""
        if self.excess <= 0:
            self.since = minute
            self.amount, self.exposure, self.posts = part
        else:
            amount, exposure, posts = self.part
            self.amount += part[0] - amount
            self.exposure += part[1] - exposure
            self.posts += part[2] - posts
        self.part = part


def fresh(moves: int, *, spent: bool = False) -> Evidence:
    """No evidence for any of so many moves."""
    return Evidence([0.0] * moves, spent=spent)
