"""Mention burst on streams whose burst is known."""

import random
from copy import deepcopy
from functools import cache
from math import exp, lgamma, log

import pytest

from pipeline.detectors._base import Observation, Tuning, Verdict
from pipeline.detectors.mention_burst import DETECTOR, HELD, State, tail

TUNING = Tuning(bucket_s=60, log_threshold=12.0)
ONSET = 4 * 1_440


def verdicts(state: State, factor: float, minutes: range, *, seed: int = 11) -> list[Verdict]:
    """Judgements of minutes with ``3 * factor`` posts on average; rearmed after every alarm."""
    rng = random.Random(seed)
    answers = []
    for minute in minutes:
        posts = max(round(rng.gauss(3 * factor, (3 * factor) ** 0.5)), 0)
        answers.append(DETECTOR.step(state, Observation(minute * 60_000, minute // 60 % 24, posts, 0, 0), TUNING))
        if answers[-1].score >= 1:
            DETECTOR.rearm(state)
    return answers


def alarms(answers: list[Verdict]) -> list[int]:
    """Minutes since the start, counted to the end of the bucket."""
    return [i + 1 for i, verdict in enumerate(answers) if verdict.score >= 1]


@cache
def history() -> State:
    state = DETECTOR.start()
    verdicts(state, 1, range(ONSET), seed=2)
    return state


def settled() -> State:
    """What is known after some ordinary days."""
    return deepcopy(history())


@pytest.mark.parametrize(("factor", "minutes"), [(30, 5), (10, 10), (5, 25)])
def test_a_burst_alarms_once_at_the_known_minute(factor, minutes):
    assert alarms(verdicts(settled(), factor, range(ONSET, ONSET + 300))) == [minutes]


def test_a_burst_that_outgrows_itself_alarms_again():
    state = settled()
    first = alarms(verdicts(state, 5, range(ONSET, ONSET + 300)))
    held = verdicts(state, 8, range(ONSET + 300, ONSET + 360))
    grown = alarms(verdicts(state, 25, range(ONSET + 360, ONSET + 420)))

    assert len(first) == 1
    assert max(verdict.score for verdict in held) == HELD
    assert len(grown) == 1


def test_the_same_burst_two_days_later_is_not_news_but_a_larger_one_is():
    state = settled()
    verdicts(state, 10, range(ONSET, ONSET + 60))
    verdicts(state, 1, range(ONSET + 60, ONSET + 2_880))
    smaller = max(verdict.score for verdict in verdicts(state, 4, range(ONSET + 2_880, ONSET + 2_940)))
    larger = alarms(verdicts(state, 15, range(ONSET + 2_940, ONSET + 3_000)))

    assert smaller < 1
    assert larger


def test_the_alarm_says_what_it_saw_and_since_when():
    answers = verdicts(settled(), 10, range(ONSET, ONSET + 60))
    alarm = answers[alarms(answers)[0] - 1]

    assert alarm.observed == pytest.approx(30, rel=0.3)
    assert 3 <= alarm.expected < 6
    assert alarm.since == pytest.approx(ONSET * 60_000, abs=600_000)
    assert not alarm.calm


@pytest.mark.parametrize(("count", "mean", "spread"), [(30, 10.0, 0.1), (200, 100.0, 0.02), (15, 2.0, 0.5)])
def test_the_tail_is_the_sum_of_the_negative_binomial(count, mean, spread):
    shape, odds = 1 / spread, mean / (mean + 1 / spread)
    exact = sum(
        exp(lgamma(n + shape) - lgamma(n + 1) - lgamma(shape) + shape * log(1 - odds) + n * log(odds))
        for n in range(count, count + 5_000)
    )

    assert tail(count, mean, spread) == pytest.approx(-log(exact), abs=0.4)


def test_as_many_as_expected_are_no_surprise():
    assert tail(10, 10.0, 0.1) == 0
    assert tail(0, 10.0, 0.1) == 0
