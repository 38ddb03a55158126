"""Negative share on streams whose shift is known."""

import random
from copy import deepcopy
from functools import cache

import pytest

from pipeline.detectors._base import Observation, Tuning, Verdict, threshold
from pipeline.detectors._share import PRIOR_POSTS, PRIOR_SHARE
from pipeline.detectors.negative_share import DETECTOR, State

TUNING = Tuning(bucket_s=60, log_threshold=threshold(60, keys=1, false_pages_per_week=0.1))
ONSET = 3 * 1_440


def verdicts(state: State, share: float, minutes: range, *, posts: int = 4, seed: int = 5) -> list[Verdict]:
    rng = random.Random(seed)
    answers = []
    for minute in minutes:
        negatives = sum(rng.random() < share for _ in range(posts))
        answers.append(DETECTOR.step(state, Observation(minute * 60_000, 0, posts, negatives, 0), TUNING))
    return answers


@cache
def history(share: float = 0.15) -> State:
    state = DETECTOR.start()
    verdicts(state, share, range(ONSET), seed=1)
    return state


def settled(share: float = 0.15) -> State:
    """What is known after some ordinary days."""
    return deepcopy(history(share))


def alarm_after(answers: list[Verdict]) -> int:
    """Minutes of shift until the alarm."""
    return next(i for i, verdict in enumerate(answers) if verdict.score >= 1) + 1


@pytest.mark.parametrize(("share", "minutes"), [(0.9, 5), (0.6, 12), (0.45, 18), (0.3, 100)])
def test_a_jump_alarms_at_the_known_minute(share, minutes):
    assert alarm_after(verdicts(settled(), share, range(ONSET, ONSET + 600))) == minutes


def test_ten_times_the_posts_at_the_usual_share_are_no_news():
    answers = verdicts(settled(), 0.15, range(ONSET, ONSET + 300), posts=40)

    assert max(verdict.score for verdict in answers) < 1


def test_many_posts_of_one_minute_count_as_repeats_of_each_other():
    few, many = settled(), settled()
    strengths = [
        DETECTOR.step(state, Observation(ONSET * 60_000, 0, posts, posts // 2, 0), TUNING).strength
        for state, posts in ((few, 10), (many, 1_000))
    ]

    assert strengths[0] < strengths[1] < 50 * strengths[0]


def test_the_alarm_says_what_it_saw_and_since_when():
    answers = verdicts(settled(), 0.6, range(ONSET, ONSET + 60))
    alarm = answers[alarm_after(answers) - 1]

    assert alarm.observed == pytest.approx(0.6, abs=0.15)
    assert alarm.expected == pytest.approx(0.15, abs=0.02)
    assert alarm.since == pytest.approx(ONSET * 60_000, abs=300_000)


def test_a_brand_with_a_bad_name_is_judged_by_its_own_share():
    state = settled(share=0.75)
    usual = verdicts(state, 0.75, range(ONSET, ONSET + 1_440))
    worse = verdicts(state, 0.99, range(ONSET, ONSET + 600))

    assert max(verdict.score for verdict in usual) < 1
    assert alarm_after(worse) == 43


def test_a_mailbox_of_complaints_is_never_news():
    answers = verdicts(settled(share=0.97), 1.0, range(ONSET, ONSET + 1_440))

    assert max(verdict.score for verdict in answers) == 0
    assert all(verdict.calm for verdict in answers)


def test_silence_changes_neither_evidence_nor_what_is_usual():
    state = settled()
    before = verdicts(state, 0.6, range(ONSET, ONSET + 5))[-1]
    after = verdicts(state, 0.6, range(ONSET + 5, ONSET + 600), posts=0)[-1]

    assert after.strength == before.strength > 0
    assert after.expected == pytest.approx(before.expected, rel=0.02)
    assert after.calm


def test_a_key_that_says_nothing_keeps_the_prior():
    state = DETECTOR.start()
    verdicts(state, 0, range(1_440), posts=0)

    assert state.share.posts == PRIOR_POSTS
    assert state.share.usual == pytest.approx(PRIOR_SHARE)


def test_a_crisis_does_not_become_the_usual_share_in_a_day():
    state = settled()
    answers = verdicts(state, 0.9, range(ONSET, ONSET + 1_440))

    assert answers[-1].expected < 0.3
