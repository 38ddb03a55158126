"""What a detector is: it looks at every closed bucket of one key and says how surprised it is."""

from collections.abc import Sequence
from functools import cache
from math import log
from statistics import median
from typing import NamedTuple, Protocol, TypeVar

import msgspec

DAY_S = 86_400
WEEK_S = 7 * DAY_S
BLOCK_S = 300  # rates wander together for minutes, so spread measured on shorter blocks is understated
WARM_S = 2 * DAY_S
WARM_BUSY_S = 7_200
WARM_BUSY_POSTS = 200
TOLERANCE = 2.0  # ordinary drift and campaigns move a level by up to this factor; less is nobody's emergency
CAMPAIGN = 3.0  # what a campaign that was announced may multiply a level by, before that tolerance
QUORUM = 3  # peers that must know what is usual before a newcomer believes it
HELD = 0.99  # score of evidence that would alarm, but for a reason not to

S = TypeVar("S")


class Tuning(NamedTuple):
    """Settings all detectors share."""

    bucket_s: int  # a divisor of 300
    log_threshold: float  # ln of the e-value that alarms, see ``threshold``


class Observation(NamedTuple):
    """Totals of one closed bucket. Every bucket is shown once, in order, empty ones too."""

    minute: int  # start of the bucket, ms since 1970
    hour: int  # local hour of the day, 0..23
    posts: int
    negatives: int
    complaints: int
    critical: int = 0  # people who complain of severity 3, each once a day
    reach: int = 0  # followers of the author most followed among those quoted for a complaint
    campaign: bool = False  # whether one of the brand's campaigns is on
    over: bool = False  # whether the feed had ended: nobody could be heard


class Verdict(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one detector thinks after one bucket. A struct, because a tuple takes five times as long to make."""

    score: float  # fraction of the detector's own threshold; >= 1 alarms
    strength: float  # ln of the evidence against "nothing is going on", >= 0
    observed: float  # level the evidence stands on
    expected: float  # level that is normal now
    unit: str  # what observed and expected count
    since: int  # ms; start of the bucket in which the evidence began, 0 before the first
    calm: bool  # the recent level is one that could not have alarmed


class Detector(Protocol[S]):
    """A pure fold over the buckets of one key. The state is all it remembers and survives the codec unchanged.

    A cold key cannot alarm: ``score`` stays below 1 until the detector has seen enough to know what is normal.
    """

    name: str
    state: type[S]
    harmful: bool  # whether an alarm by itself means harm to the brand, not just attention

    def start(self, peers: Sequence[S] = ()) -> S:
        """State of a key never seen before: what is usual is taken from its peers, as far as they have learned it.

        The order of the peers does not matter.
        """

    def step(self, state: S, seen: Observation, tuning: Tuning) -> Verdict:
        """Judge one bucket by what was known before it, then learn from it."""

    def rearm(self, state: S) -> None:
        """Forget the evidence that has just alarmed, so that the next alarm needs evidence of its own."""


def threshold(bucket_s: int, keys: int, false_pages_per_week: float) -> float:
    """Natural log of the e-value at which to alarm, so that all ``keys`` together stay within the weekly budget.

    A Shiryaev-Roberts e-detector stopped at A runs at least A buckets on average under the null (Shin, Ramdas and
    Rinaldo, "E-detectors", 2024, doi 10.51387/23-NEJSDS51). Starts are sought at the beginnings of blocks, however
    short the buckets. The factor 2 splits the budget between the two detectors that bring most pages. It is at least 1
    however large the budget: of 0 or less a detector can tell no fraction.
    """
    return max(log(2 * WEEK_S / max(bucket_s, BLOCK_S) * keys / false_pages_per_week), 1.0)


@cache
def forgetting(elapsed_s: float, half_life_s: float) -> float:
    """Weight of the newest value in an exponential average with that half-life."""
    return float(1 - 0.5 ** (elapsed_s / half_life_s))


def pooled(values: Sequence[float], otherwise: float) -> float:
    """What is usual among the peers that know it; ``otherwise`` if they are fewer than ``QUORUM``."""
    return median(values) if len(values) >= QUORUM else otherwise


def is_warm(age_s: int, posts: float) -> bool:
    """Whether enough is known of a key to call anything unusual: two days, or much said in two hours."""
    return age_s >= WARM_S or (age_s >= WARM_BUSY_S and posts >= WARM_BUSY_POSTS)
