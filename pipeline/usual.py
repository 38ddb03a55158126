"""What usually makes up the posts of a brand: how many came from each channel, product, region... in quiet times."""

from collections.abc import Mapping

import msgspec

from pipeline.closing import Moment
from pipeline.clusters import MEASURES

HALVED = 20_000  # posts after which all counts are halved: weeks of a small brand, hours of a large one
KNOWN = 20  # of what is measured; with fewer nothing is called usual
FACETS = 48  # kept when counts are halved


class Usual(msgspec.Struct, array_like=True):
    """Totals in the order of ``MEASURES``, of all and of each facet. Integers, so that a replay learns the same."""

    totals: list[int] = msgspec.field(default_factory=lambda: [0] * len(MEASURES))
    facets: dict[str, list[int]] = {}

    def learn(self, moment: Moment) -> None:
        """Add a minute that belongs to no incident."""
        for index, name in enumerate(MEASURES):
            self.totals[index] += getattr(moment.counts, name)
        for facet, split in moment.splits.items():
            held = self.facets.setdefault(facet, [0] * len(MEASURES))
            for index, amount in enumerate(split):
                held[index] += amount
        if self.totals[0] >= HALVED:
            self._halve()

    def _halve(self) -> None:
        self.totals = [total // 2 for total in self.totals]
        largest = sorted(self.facets.items(), key=lambda item: (-item[1][0], item[0]))[:FACETS]
        self.facets = {facet: halves for facet, split in largest if any(halves := [count // 2 for count in split])}

    def copy(self) -> "Usual":
        """A state of its own."""
        return Usual(list(self.totals), {facet: list(split) for facet, split in self.facets.items()})


def part(usual: Usual, facet: str, index: int) -> tuple[int, int] | None:
    """Which part of the total of a measure a facet usually is, as a fraction; None while too little is known."""
    total = usual.totals[index]
    if total < KNOWN:
        return None
    held: Mapping[str, list[int]] = usual.facets
    return (held[facet][index] if facet in held else 0), total
