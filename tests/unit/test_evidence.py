"""The mixture of e-detectors, where its evidence began, and the threshold it is held against."""

from math import exp, log

import pytest

from pipeline.detectors._base import threshold
from pipeline.detectors._evidence import LARGEST_LOG, Run, grow, strength


def test_no_evidence_weighs_nothing():
    assert strength([0.0] * 3) == 0


def test_every_possible_start_is_counted():
    ratios = [0.0]
    answers = [grow(ratios, [log(2)]) for _ in range(3)]

    assert answers == pytest.approx([log(2), log(2 + 4), log(2 + 4 + 8)])
    assert strength(ratios) == answers[-1]


def test_the_mixture_is_the_mean():
    assert grow([0.0, 0.0], [log(30), log(2)]) == pytest.approx(log(16))


def test_the_evidence_begins_where_its_sum_was_last_at_zero():
    run = Run()
    for minute, gain in enumerate([1.0, -3.0, 0.5, 2.0]):
        run.follow(gain, minute, 10 * minute, 2, 100)

    assert (run.since, run.amount, run.exposure, run.posts) == (2, 20 + 30, 2 + 2, 200)


def test_overwhelming_evidence_stays_finite():
    ratios = [0.0]
    answers = [grow(ratios, [1e12]) for _ in range(3)]

    assert answers[-1] == pytest.approx(LARGEST_LOG)


def test_the_threshold_grows_with_keys_and_shrinks_with_the_budget():
    assert threshold(300, 1, 0.1) == pytest.approx(log(2 * 2016 / 0.1))
    assert exp(threshold(60, 500, 5) - threshold(300, 1, 0.1)) == pytest.approx(5 * 500 * 0.1 / 5)
