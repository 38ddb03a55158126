"""What an incident's excess comes from: exact leave-one-out of every facet, and of every text that spreads."""

from collections.abc import Iterator
from fractions import Fraction
from math import exp, inf

from pipeline.account import Account, measure_of
from pipeline.clusters import MEASURES, accounts
from pipeline.detectors._base import Verdict
from pipeline.usual import part
from schemas.alert import Driver, Excess
from schemas.brand_log import Cluster, Counts

LISTED = 12
LONGEST = 30.0  # strength; e^30 minutes are 20 million years, and a longer time says nothing more
LEAST = Fraction(1, 10)  # of the excess; less drives nothing
TELLING = 0.05  # above the usual part of the total; what is always so explains nothing
COPIES = 3  # posts from which on a text counts as spreading
TEXT = "text"


def excess(account: Account, counts: Counts, lead: Verdict) -> Excess | None:
    """The excess of the leading level and its drivers; None where no more was counted than expected."""
    measure = measure_of(lead.unit)
    counted = getattr(counts, measure)
    expected = _expected(account, counted, lead)
    more = counted - expected
    if more <= 0:
        return None
    found = [*_texts(account, measure, more), *_facets(account, measure, expected, more)]
    found = [driver for driver in found if _telling(driver) >= TELLING]
    found.sort(key=lambda driver: (-_telling(driver), driver.facet))
    return Excess(measure=measure, counted=counted, expected=round(float(expected), 3), drivers=tuple(found[:LISTED]))


def categories(account: Account) -> dict[str, float]:
    """Share of the complaints of each category, the largest first."""
    index, found = MEASURES.index("complaints"), dict[str, int]()
    for facet, split in account.splits.items():
        kind, _, value = facet.partition(":")
        if kind == "category" and split[index]:
            found[value] = split[index]
    total = max(sum(found.values()), 1)
    return {
        name: round(count / total, 4) for name, count in sorted(found.items(), key=lambda item: (-item[1], item[0]))
    }


def once_in(strength: float, bucket_s: int) -> int:
    """Seconds between two alarms of this strength if nothing were ever going on, at least; 0 if it says nothing.

    A Shiryaev-Roberts e-detector reaches e^strength after as many buckets on average, or later (Shin, Ramdas and
    Rinaldo 2024). Half of that, as there are two of them.
    """
    return round(exp(min(strength, LONGEST)) / 2) * bucket_s if strength > 0 else 0


def _expected(account: Account, counted: int, lead: Verdict) -> Fraction:
    """Of the whole time; of a level that nobody noted down the part that was expected of the level."""
    measure = measure_of(lead.unit)
    if measure in account.expected:
        return Fraction(account.expected[measure], 1000)
    if not (0 < lead.observed < inf and 0 <= lead.expected < inf):
        return Fraction(counted)
    return Fraction(counted) * Fraction(lead.expected) / Fraction(lead.observed)


def _facets(account: Account, measure: str, expected: Fraction, more: Fraction) -> Iterator[Driver]:
    """Without a facet its own part of what was expected is missing, too."""
    index = MEASURES.index(measure)
    for facet, split in account.splits.items():
        usual = _usual(account, facet, index)
        if measure == "negatives":  # the expected share of the facet's own posts
            own = expected * split[0] / max(account.counted, 1)
        elif usual is None:
            own = expected * split[index] / (more + expected)
        else:
            own = expected * usual
        share = min((split[index] - own) / more, Fraction(1))
        if share >= LEAST:
            yield Driver(
                facet=facet, share=_rounded(share), usual=None if usual is None else _rounded(usual), count=split[index]
            )


def _usual(account: Account, facet: str, index: int) -> Fraction | None:
    found = part(account.usual, facet, index) if account.usual else None
    return None if found is None else Fraction(min(found[0], found[1]), found[1])


def _texts(account: Account, measure: str, more: Fraction) -> Iterator[Driver]:
    """Nothing was expected of a text: all its posts are excess."""
    for cluster in account.clusters:
        count = cluster.counts[MEASURES.index(measure)]
        share = min(Fraction(count) / more, Fraction(1))
        if count >= COPIES and share >= LEAST:
            yield _text(cluster, count, share)


def _text(cluster: Cluster, count: int, share: Fraction) -> Driver:
    return Driver(
        facet=f"{TEXT}:{cluster.fingerprint:016x}",
        share=_rounded(share),
        usual=0.0,
        count=count,
        reposts=min(cluster.reposts, count),
        accounts=min(accounts(cluster), count),
        first=cluster.first,
    )


def _telling(driver: Driver) -> float:
    """By how much its share of the excess is above its usual one; unknown counts as half of it."""
    return driver.share - (driver.share / 2 if driver.usual is None else driver.usual)


def _rounded(share: Fraction) -> float:
    return round(float(share), 4)
