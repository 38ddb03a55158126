"""The mixture of e-detectors, and the threshold it is held against."""

from math import exp, log

import pytest

from pipeline.detectors._base import threshold
from pipeline.detectors._evidence import LARGEST_LOG, fresh, sum_up, weigh


def test_no_evidence_weighs_nothing():
    assert sum_up(fresh(3)) == (0.0, 0.0, 0)


def test_every_possible_start_is_counted():
    alternatives = fresh(1)
    for minute in range(3):
        weigh(alternatives, [log(2)], minute, 1, 1)

    assert sum_up(alternatives).strength == pytest.approx(log(2 + 4 + 8))


def test_the_mixture_is_the_mean():
    alternatives = fresh(2)
    weigh(alternatives, [log(30), log(2)], 0, 1, 1)

    assert sum_up(alternatives).strength == pytest.approx(log(16))


def test_the_evidence_begins_where_its_sum_was_last_at_zero():
    alternatives = fresh(1)
    for minute, gain in enumerate([1.0, -3.0, 0.5, 2.0]):
        weigh(alternatives, [gain], minute, 10 * minute, 2)

    assert sum_up(alternatives).since == 2
    assert sum_up(alternatives).level == (20 + 30) / (2 + 2)


def test_the_strongest_alternative_is_the_one_quoted():
    alternatives = fresh(2)
    weigh(alternatives, [-1.0, 1.0], 0, 100, 1)
    weigh(alternatives, [0.1, 3.0], 1, 2, 1)

    assert sum_up(alternatives).since == 0
    assert sum_up(alternatives).level == 51


def test_overwhelming_evidence_stays_finite():
    alternatives = fresh(1)
    for minute in range(3):
        weigh(alternatives, [1e12], minute, 1, 1)

    assert sum_up(alternatives).strength == pytest.approx(LARGEST_LOG)


def test_the_threshold_grows_with_keys_and_shrinks_with_the_budget():
    assert threshold(300, 1, 0.1) == pytest.approx(log(2 * 2016 / 0.1))
    assert exp(threshold(60, 500, 5) - threshold(300, 1, 0.1)) == pytest.approx(5 * 500 * 0.1 / 5)
