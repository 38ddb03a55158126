"""How much the whole-path measurements do: fully, or so little that a run shows only that everything works."""

from typing import NamedTuple


class Sizes(NamedTuple):
    """Rounds, and what each does."""

    rounds: int
    events: int  # of workload W
    backlog: int  # events to catch up with
    posts: int  # through the full path
    latency_s: float  # measured at each rate
    authors: tuple[int, int]  # few and many


FULL = Sizes(rounds=3, events=400_000, backlog=600_000, posts=60_000, latency_s=10.0, authors=(10_000, 1_000_000))
QUICK = Sizes(rounds=1, events=20_000, backlog=20_000, posts=4_000, latency_s=2.0, authors=(1_000, 20_000))
