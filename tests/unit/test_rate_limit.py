"""Rules of the bucket of tokens."""

import pytest

from pipeline.rate_limit import RateLimit


def test_a_second_s_worth_goes_at_once_and_the_rest_at_the_rate():
    limit = RateLimit(10)
    waits = [limit.wait_s(100.0) for _ in range(30)]

    assert waits[:10] == [0.0] * 10
    assert waits[10:] == pytest.approx([(number + 1) / 10 for number in range(20)])


def test_a_pause_saves_up_no_more_than_a_second():
    limit = RateLimit(10)
    limit.wait_s(0.0)
    waits = [limit.wait_s(1_000.0) for _ in range(11)]

    assert waits == [0.0] * 10 + [pytest.approx(0.1)]


def test_without_a_rate_nobody_waits_and_a_clock_set_back_costs_nothing():
    unlimited, limit = RateLimit(0), RateLimit(1)
    limit.wait_s(50.0)

    assert [unlimited.wait_s(0.0) for _ in range(3)] == [0.0] * 3
    assert limit.wait_s(40.0) == pytest.approx(1.0)
