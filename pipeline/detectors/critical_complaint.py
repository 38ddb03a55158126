"""Critical complaint: reports of injury, danger or fraud come faster than the few that such a brand gets anyway."""

from collections.abc import Sequence
from math import log

import msgspec

from pipeline.detectors._base import CAMPAIGN, DAY_S, WEEK_S, Observation, Tuning, Verdict, is_warm
from pipeline.detectors._evidence import Evidence, fresh

RISES = tuple((rise, log(rise)) for rise in (4.0, 30.0, 200.0))  # above the tolerated rate
TOLERANCE = 6.0  # such reports repeat each other, and come by day
MEMORY_S = 8 * WEEK_S  # after which what is known counts half
PRIOR_S, PRIOR = float(WEEK_S), 2.0  # a new key is taken for one that gets two a week
MISREAD = 1 / 2_000  # of all posts; of ordinary talk one in 1,500 to one in 8,000 was taken for such a report
CLIP = 1  # of a bucket: the reports of a crisis must not become usual
CALM_MS = 1_800_000  # without a report


class State(msgspec.Struct, array_like=True):
    """What is known of one key."""

    age_s: int = 0
    posts: int = 0
    seconds: float = PRIOR_S  # in which ``count`` came
    count: float = PRIOR
    last: int = 0  # ms; newest report
    evidence: Evidence = msgspec.field(default_factory=lambda: fresh(len(RISES)))


class CriticalComplaint:
    """Tests "the rate of complaints of severity 3 is at most six times the usual one" against those in ``RISES``.

    Poisson counts without an hour of the day, for which they are too few. Three or four within minutes are enough: a
    start is only sought where there is a report, and evidence no better than none is dropped.
    """

    name = "critical_complaint"
    state = State
    harmful = True

    def start(self, peers: Sequence[State] = ()) -> State:  # noqa: ARG002  # such reports are too few to tell of others
        """State of a key never seen before."""
        return State()

    def step(self, state: State, seen: Observation, tuning: Tuning) -> Verdict:
        """Judge one bucket, then learn from it."""
        bucket_s, count, evidence = tuning.bucket_s, seen.critical, state.evidence
        usual = _usual(state)
        if (count or evidence.sums[0] > 0) and _is_known(state):
            tolerated = TOLERANCE * usual * bucket_s * (CAMPAIGN if seen.campaign else 1.0)
            gains = [count * log_rise - (rise - 1) * tolerated for rise, log_rise in RISES]
            evidence.weigh(gains, seen.minute, (count, bucket_s, count), full=True)
            if not evidence.strength and not count:
                self.rearm(state)
        _learn(state, seen, bucket_s)
        found = evidence.strength
        return Verdict(
            found / tuning.log_threshold, found, evidence.level * 60, usual * 60, "critical complaints per minute",
            evidence.since, seen.minute - state.last >= CALM_MS,
        )  # fmt: skip

    def rearm(self, state: State) -> None:
        """Start the evidence anew."""
        state.evidence = fresh(len(RISES))


def _is_known(state: State) -> bool:
    """Two days, or a quarter of one in which much was said: nobody can tell sooner what is usual."""
    return state.age_s >= DAY_S // 4 and is_warm(state.age_s, state.posts)


def _usual(state: State) -> float:
    """Reports a second. Of a key of which much is said a week's misreadings are believed, until it is known better."""
    misread = MISREAD * PRIOR_S * state.posts / max(state.age_s, 1)
    return (state.count + max(misread - PRIOR, 0.0)) / state.seconds


def _learn(state: State, seen: Observation, bucket_s: int) -> None:
    state.age_s += bucket_s
    state.posts += seen.posts
    state.seconds += bucket_s
    if seen.critical:
        state.count += min(seen.critical, CLIP)
        state.last = seen.minute
    if state.seconds > MEMORY_S:
        state.seconds, state.count = state.seconds / 2, state.count / 2


DETECTOR = CriticalComplaint()
