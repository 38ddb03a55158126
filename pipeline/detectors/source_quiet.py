"""Source gone quiet: a brand of which somebody always speaks has not been named for longer than chance allows."""

from collections.abc import Sequence

import msgspec

from pipeline.detectors._base import BLOCK_S, DAY_S, TOLERANCE, WEEK_S, Observation, Tuning, Verdict, forgetting
from pipeline.detectors._season import FLOOR, Season, season_among

CLIP = 3.0
KEPT = 1 - forgetting(BLOCK_S, 2 * WEEK_S)  # of the longest silence, each block
LONGER = 2.0  # than the longest silence must one be


class State(msgspec.Struct, array_like=True):
    """What is known of one key."""

    missed: float = 0.0  # posts expected since the last one
    longest: float = 0.0  # the same at the end of a silence, the largest, decayed
    since: int = 0
    told: bool = False
    season: Season = msgspec.field(default_factory=Season)


class SourceQuiet:
    """Silence as long as ``missed`` expected posts has probability exp(-missed) at the expected rate.

    Half the rate is tolerated, and the silence must be twice the longest of weeks, measured in expected posts, because
    people speak in bursts. A blind spot, not harm: while it lasts, no crisis of this brand is seen. Each hour of the
    day must have been heard once, for nights are quiet, and the end of a file that was fed is no silence.
    """

    name = "source_quiet"
    state = State
    harmful = False

    def start(self, peers: Sequence[State] = ()) -> State:
        """State of a key never seen before."""
        return State(season=season_among(peer.season for peer in peers))

    def step(self, state: State, seen: Observation, tuning: Tuning) -> Verdict:
        """Judge one bucket, then learn from it."""
        bucket_s, season = tuning.bucket_s, state.season
        if seen.posts:
            state.longest = max(state.longest, state.missed)
            state.missed, state.told, state.since = 0.0, False, seen.minute + bucket_s * 1000
        elif season.level > FLOOR and season.known and season.blocks * BLOCK_S >= DAY_S and not seen.over:
            state.missed += season.rate(seen.hour) * bucket_s
        strength = state.missed / TOLERANCE
        news = not state.told and state.missed > LONGER * state.longest
        season.learn(seen.posts, seen.hour, bucket_s, CLIP, campaign=seen.campaign)
        if not season.open_s:
            state.longest *= KEPT
        return Verdict(
            strength / tuning.log_threshold if news else 0.0, strength, 0.0, state.missed, "posts since the last",
            state.since, seen.posts > 0,
        )  # fmt: skip

    def rearm(self, state: State) -> None:
        """Say no more of this silence."""
        state.told = True


DETECTOR = SourceQuiet()
