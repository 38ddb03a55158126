"""How many people stand behind evidence of more than half a day: distinct authors of negative posts and complaints."""

from collections.abc import Iterable

import msgspec

from pipeline.closing import Moment
from pipeline.detectors._base import Verdict
from pipeline.sketch import distinct_of

HALF_MS = 43_200_000  # the younger half begins anew so often; what it held is the older one
SIZE = 32  # hashes kept of each half: exact below, a standard error of 18 % above
FEW = 0.5  # authors per post; a flood is below, and ordinary life, in which people post twice, is not
MANY = 8  # posts from which on that says anything


def handful(authors: int, posts: int) -> bool:
    """Whether a few wrote what many seem to have said."""
    return posts >= MANY and authors < FEW * posts


class Crowd(msgspec.Struct, array_like=True):
    """The smallest hashes of authors of negative posts and complaints, by half days."""

    begun: int = 0  # start of the younger half, ms
    young: tuple[int, ...] = ()
    old: tuple[int, ...] = ()

    def hear(self, moment: Moment) -> None:
        """Take in the authors of a closed minute."""
        if moment.minute >= self.begun + HALF_MS:
            adjacent = moment.minute < self.begun + 2 * HALF_MS
            self.begun, self.young, self.old = moment.minute, (), self.young if adjacent else ()
        if moment.authors:
            self.young = tuple(sorted({*self.young, *moment.authors})[:SIZE])

    def behind(self, alarms: Iterable[Verdict], at: int) -> int:
        """Distinct authors of the last half day to day, if one of the alarms of ``at`` weighs as much, else 0."""
        if all(alarm.since > at - HALF_MS for alarm in alarms):
            return 0
        return distinct_of(sorted({*self.young, *self.old})[:SIZE], SIZE)
