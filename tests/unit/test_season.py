"""The baseline of a count."""

import random
from math import isclose

import pytest

from pipeline.detectors._season import BLOCK_S, MIN_SPREAD, Season

BLOCKS_PER_HOUR = 12
DAY = 24 * BLOCKS_PER_HOUR


def taught(counts: list[float], *, clip: float = 5.0) -> Season:
    season = Season()
    for i, count in enumerate(counts):
        season.learn(count, i // BLOCKS_PER_HOUR % 24, BLOCK_S, clip)
    return season


def test_a_constant_count_is_its_own_expectation():
    season = taught([6.0] * DAY)

    assert season.rate(13) * BLOCK_S == pytest.approx(6)


def test_the_first_block_sets_the_level_and_later_ones_average_with_it():
    assert taught([8.0]).level == 8
    assert 4 < taught([8.0, 2.0]).level < 6


def test_hours_are_told_apart():
    nights_and_days = [1.0 if i // BLOCKS_PER_HOUR % 24 < 8 else 10.0 for i in range(10 * DAY)]
    season = taught(nights_and_days)

    assert season.rate(3) * BLOCK_S == pytest.approx(1, rel=0.15)
    assert season.rate(15) * BLOCK_S == pytest.approx(10, rel=0.1)


def test_a_silent_key_still_expects_something():
    assert taught([0.0] * DAY).rate(0) > 0


def test_an_outlier_teaches_no_more_than_the_clip_allows():
    usual = [5.0, 7.0] * DAY
    once, enormous = taught([*usual, 60.0]), taught([*usual, 1e9])

    assert enormous.level == once.level
    assert enormous.spread == once.spread
    assert taught([*usual, 60.0], clip=10.0).level > once.level


def test_spread_is_the_variance_beyond_poisson():
    rng = random.Random(1)
    counts = [rng.gauss(0, 1) * (100 + 0.1 * 100**2) ** 0.5 + 100 for _ in range(14 * DAY)]

    assert taught(counts).spread == pytest.approx(0.1, rel=0.1)
    assert taught([100.0] * DAY).spread == MIN_SPREAD


def test_the_length_of_a_bucket_changes_nothing():
    rng = random.Random(2)
    minutes = [rng.randint(0, 9) for _ in range(DAY * 5)]
    by_block, by_minute = taught([sum(minutes[i : i + 5]) for i in range(0, len(minutes), 5)]), Season()
    for i, count in enumerate(minutes):
        by_minute.learn(count, i // 60 % 24, 60, 5.0)

    assert isclose(by_minute.rate(7), by_block.rate(7))
    assert by_minute == by_block
