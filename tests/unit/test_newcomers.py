"""What a brand that is named for the first time takes from those that are known."""

from functools import cache
from random import Random
from typing import Any

import msgspec

from pipeline.detectors._base import Observation, Tuning, threshold
from pipeline.detectors._season import UNIT
from pipeline.newcomers import MOST, Newcomers
from pipeline.series import DETECTORS, Series

TUNING = Tuning(bucket_s=300, log_threshold=threshold(300, keys=1, false_pages_per_week=0.1))
DAY, BUCKET_MS, NIGHT = 288, 300_000, 8 * 12
BURST = DETECTORS["mention_burst"]


def bucket(rng: Random, at: int) -> Observation:
    """Four times as many posts by day as by night, one of six a complaint."""
    posts = round((12 if at % DAY < NIGHT else 48) * rng.gammavariate(40, 1 / 40))
    bad = sum(rng.random() < 1 / 6 for _ in range(posts))
    return Observation(at * BUCKET_MS, at // 12 % 24, posts, bad, bad)


@cache
def learned(seed: int) -> bytes:
    """Eight days of one brand."""
    rng, state = Random(seed), BURST.start()
    for at in range(8 * DAY):
        BURST.step(state, bucket(rng, at), TUNING)
    return msgspec.msgpack.encode(state)


def peers(count: int) -> list[Any]:
    return [msgspec.msgpack.decode(learned(seed), type=BURST.state) for seed in range(count)]


def expected_in_the_morning(state: object) -> float:
    """Posts per minute at eight, of a brand first named at midnight."""
    rng = Random(99)
    return [BURST.step(state, bucket(rng, at), TUNING).expected for at in range(NIGHT + 1)][-1]


def test_a_newcomer_expects_the_morning_that_others_have():
    assert expected_in_the_morning(BURST.start(peers(3))) > 3 * expected_in_the_morning(BURST.start())


def test_two_do_not_say_what_is_usual():
    assert BURST.start(peers(2)) == BURST.start()


def test_days_of_the_peers_are_averaged_hour_by_hour():
    season = BURST.start(peers(3)).season

    assert season.factors[3] < 0.7 * UNIT < UNIT < season.factors[15]
    assert (season.blocks, season.level) == (0, 0.0)


def test_the_oldest_are_learned_from_whatever_order_they_are_held_in():
    watched = {str(number): Series(born=number) for number in range(2 * MOST)}
    for name, series in watched.items():
        series.states["slow_burn"].periods = 20
        series.states["slow_burn"].square = 1.0 if int(name) < MOST else 2.0
    backwards = dict(reversed(watched.items()))
    starts = [Newcomers().join(held, "new", 1).states["slow_burn"].square for held in (watched, backwards)]

    assert starts == [1.0, 1.0]
    assert watched["new"].born == 1


def test_newcomers_of_one_minute_learn_from_the_same_brands():
    newcomers, watched = Newcomers(), dict[str, Series]()
    first = newcomers.join(watched, "a", 60_000)
    for state in first.states.values():
        if hasattr(state, "periods"):
            state.periods, state.square = 20, 5.0
    second = newcomers.join(watched, "b", 60_000)

    assert second.states["slow_burn"].square != 5.0
