"""The mixture of e-detectors, where its evidence began, and the threshold it is held against."""

from math import exp, log

import pytest

from pipeline.detectors._base import threshold
from pipeline.detectors._evidence import LARGEST_LOG, Evidence, fresh

MINUTE = 60_000


def weighed(*blocks: list[float], moves: int = 1) -> Evidence:
    """Evidence after full blocks of these log likelihood ratios; the n-th counts 10 n of 2, in n posts."""
    evidence = fresh(moves)
    for number, gains in enumerate(blocks):
        evidence.weigh(gains, number * MINUTE, (10 * number, 2, number), full=True)
    return evidence


def test_no_evidence_weighs_nothing():
    assert fresh(3).strength == 0


def test_every_possible_start_is_counted():
    assert weighed(*[[log(2)]] * 3).strength == pytest.approx(log(2 + 4 + 8), abs=1e-3)


def test_the_mixture_is_the_mean():
    assert weighed([log(30), log(2)], moves=2).strength == pytest.approx(log(16), abs=1e-3)


def test_the_evidence_begins_where_its_sum_was_last_at_zero():
    evidence = weighed([1.0], [-3.0], [0.5], [2.0])

    assert (evidence.since, evidence.amount, evidence.exposure, evidence.posts) == (2 * MINUTE, 20 + 30, 4, 2 + 3)
    assert evidence.level == 50 / 4


def test_a_part_of_a_block_counts_until_more_of_it_is_known():
    evidence, whole = weighed([1.0]), weighed([1.0], [2.0])
    evidence.weigh([5.0], MINUTE, (7, 1, 3), full=False)
    early = evidence.strength
    evidence.weigh([2.0], MINUTE, (10, 2, 1), full=True)

    assert early == pytest.approx(log(exp(1) + 1) + 5, abs=1e-3)
    assert evidence == whole


def test_a_block_that_has_alarmed_is_not_weighed_again():
    evidence = fresh(1, spent=True)
    evidence.weigh([9.0], 0, (9, 1, 9), full=False)
    evidence.weigh([9.0], 0, (9, 2, 9), full=True)
    silent = evidence.strength
    evidence.weigh([2.0], MINUTE, (1, 2, 1), full=True)

    assert silent == 0
    assert evidence.strength == pytest.approx(2, abs=1e-3)


def test_overwhelming_evidence_stays_finite():
    assert weighed(*[[1e12]] * 3).strength == pytest.approx(LARGEST_LOG)


def test_the_threshold_grows_with_keys_and_shrinks_with_the_budget_but_not_with_short_buckets():
    assert threshold(300, 1, 0.1) == pytest.approx(log(2 * 2016 / 0.1))
    assert exp(threshold(60, 500, 5) - threshold(300, 1, 0.1)) == pytest.approx(500 * 0.1 / 5)
