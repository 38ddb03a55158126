"""The influence score: what an endorsement is worth, how it fades, and how much of unknown accounts is believed.

Chosen on four days of the Higgs interactions (SNAP); ``docs/influence.md`` has the tables.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Sums = float | NDArray[np.float64]  # of one author, or of many

# Half-lives of the three sums that are kept of every author, s: lasting, spreading, and the last hour.
LASTING_S, SPREADING_S, FRESH_S = 86_400.0, 21_600.0, 3_600.0
LASTING_FRESH, SPREADING_FRESH = 8.0, 4.0  # how often the last hour counts on top

KIND_WEIGHTS: Mapping[str, float] = MappingProxyType({
    "repost": 1.0, "share": 1.0, "quote": 0.5, "reply": 0.2, "mention": 0.2,
    "follow": 0.2, "like": 0.1, "reaction": 0.1, "bookmark": 0.1, "save": 0.1,
})  # fmt: skip  # interactions that are not named endorse nobody

SPREAD = frozenset({"repost", "share"})  # pass a post on as it is, and are grouped by it

KNOWN_S = 43_200  # an account is known when it was first seen, or made, so long ago
BELIEVED = 5.0  # endorsements by unknown accounts are believed up to so many times those by known ones
STANDING = 20.0  # trusted influence that makes an unknown account half as trusted as a known one
OUT_DISCOUNT = 0.2  # for each doubling of what an actor has endorsed within a day
EXCESS = 1_000.0  # endorsements of one actor within a day, decayed, after which the rest count nothing
NEVER = 2**32 - 1  # stands for the time since an endorsement that never was, s


@numba.njit(nogil=True, cache=True)
def believed(every: Sums, trusted: Sums) -> Any:  # noqa: ANN401  # like the sums
    """Influence of an author: all endorsements, capped by those of known accounts and a root of the crowd's.

    Both arguments are decayed sums, ``trusted`` a part of ``every``; floats or arrays. Where nobody is known yet, as in
    the first hours of a log, the root keeps the order of ``every``.
    """
    return np.minimum(every, BELIEVED * trusted + np.sqrt(every))


@numba.njit(nogil=True, cache=True)
def lasting(every_day: Sums, every_hour: Sums, trusted_day: Sums, trusted_hour: Sums) -> Any:  # noqa: ANN401  # like the sums
    """The lasting score, from the sums with half-lives of a day and an hour."""
    return believed(every_day + LASTING_FRESH * every_hour, trusted_day + LASTING_FRESH * trusted_hour)


@numba.njit(nogil=True, cache=True)
def spreading(every_quarter: Sums, every_hour: Sums, trusted_quarter: Sums, trusted_hour: Sums) -> Any:  # noqa: ANN401  # like the sums
    """The score of spreading now, from the sums with half-lives of six hours and an hour."""
    return believed(every_quarter + SPREADING_FRESH * every_hour, trusted_quarter + SPREADING_FRESH * trusted_hour)
