"""Complaint volume on streams whose crisis is known."""

import random
from copy import deepcopy
from functools import cache
from math import log

import pytest

from pipeline.detectors._base import BLOCK_S, Observation, Tuning, Verdict, threshold
from pipeline.detectors.complaint_volume import DETECTOR, RISES, State, _gains

TUNING = Tuning(bucket_s=60, log_threshold=threshold(60, keys=1, false_pages_per_week=0.1))
ONSET = 4 * 1_440
CHANCES = 20  # of a complaint in a minute


def verdicts(state: State, factor: float, minutes: range, *, chance: float = 0.02, seed: int = 7) -> list[Verdict]:
    """Judgements of minutes with ``20 * chance * factor`` complaints on average."""
    rng = random.Random(seed)
    answers = []
    for minute in minutes:
        complaints = sum(rng.random() < chance * factor for _ in range(CHANCES))
        answers.append(DETECTOR.step(state, Observation(minute * 60_000, minute // 60 % 24, 40, 0, complaints), TUNING))
    return answers


@cache
def history(chance: float = 0.02) -> State:
    state = DETECTOR.start()
    verdicts(state, 1, range(ONSET), chance=chance, seed=1)
    return state


def settled(chance: float = 0.02) -> State:
    """What is known after some ordinary days."""
    return deepcopy(history(chance))


def alarm_after(answers: list[Verdict]) -> int:
    """Minutes of crisis until the alarm."""
    return next(i for i, verdict in enumerate(answers) if verdict.score >= 1) + 1


@pytest.mark.parametrize(("factor", "minutes"), [(20, 1), (10, 2), (5, 8), (4, 25)])
def test_a_step_alarms_at_the_known_minute(factor, minutes):
    assert alarm_after(verdicts(settled(), factor, range(ONSET, ONSET + 600))) == minutes


def test_a_quiet_brand_is_heard_too():
    answers = verdicts(settled(chance=0.0005), 20, range(ONSET, ONSET + 600), chance=0.0005)

    assert alarm_after(answers) == 28


def test_a_rise_below_the_tolerance_is_not_an_alarm():
    answers = verdicts(settled(), 1.7, range(ONSET, ONSET + 1_440))

    assert max(verdict.score for verdict in answers) < 1


def test_the_alarm_says_what_it_saw_and_since_when():
    answers = verdicts(settled(), 5, range(ONSET, ONSET + 60))
    alarm = answers[alarm_after(answers) - 1]

    assert alarm.observed == pytest.approx(2.0, rel=0.5)
    assert 0.3 <= alarm.expected < 0.55
    assert alarm.since == pytest.approx(ONSET * 60_000, abs=180_000)
    assert alarm.unit == "complaints per minute"


def test_rearmed_it_needs_as_much_evidence_again():
    state = settled()
    verdicts(state, 10, range(ONSET, ONSET + 3))
    DETECTOR.rearm(state)
    again = verdicts(state, 10, range(ONSET + 3, ONSET + 60), seed=8)

    assert again[0].score < 0.6
    assert alarm_after(again) == 5


def test_it_is_calm_before_and_an_hour_after_but_not_during():
    state = settled()
    before = verdicts(state, 1, range(ONSET, ONSET + 60))
    during = verdicts(state, 10, range(ONSET + 60, ONSET + 120))
    after = verdicts(state, 1, range(ONSET + 120, ONSET + 240))

    assert all(verdict.calm for verdict in before)
    assert not any(verdict.calm for verdict in during[10:])
    assert all(verdict.calm for verdict in after[60:])


def test_shorter_buckets_find_no_more_evidence_in_rates_that_wander():
    rng = random.Random(4)
    fine, coarse = DETECTOR.start(), DETECTOR.start()
    for block in range(ONSET // 5 + 12):
        rate = rng.gammavariate(2, 2) * (10 if block * 5 >= ONSET else 1)
        counts = [max(round(rng.gauss(rate, rate**0.5)), 0) for _ in range(5)]
        at, hour = block * 300_000, block // 12 % 24
        whole = DETECTOR.step(coarse, Observation(at, hour, 200, 0, sum(counts)), TUNING._replace(bucket_s=300))
        for i, complaints in enumerate(counts):
            part = DETECTOR.step(fine, Observation(at + i * 60_000, hour, 40, 0, complaints), TUNING)

    assert whole.strength > 5
    assert whole.strength <= part.strength <= whole.strength + log(5)  # five times the possible starts


def test_minutes_weigh_exactly_what_their_block_weighs():
    counts, mean, spread = [3, 0, 7, 1, 2], 2.0, 0.2
    block = _gains(sum(counts), 5 * mean, spread)
    minutes = [_gains(count, mean, spread * BLOCK_S / 60) for count in counts]

    assert [sum(column) for column in zip(*minutes, strict=True)] == pytest.approx(block)
    assert len(block) == len(RISES)
