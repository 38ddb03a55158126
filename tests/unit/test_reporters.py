"""How many people told of a danger: each once a day."""

import pytest

from pipeline.closing import Moment
from pipeline.reporters import MEMORY_MS, MOST, Reporters
from schemas.brand_log import Counts
from tests.builders import MINUTE, START


def told(at: int, *people: int, posts: int | None = None) -> Moment:
    counts = Counts(critical=len(people) if posts is None else posts)
    return Moment(START + at, counts, reporters=people)


def test_one_person_who_tells_it_seven_times_is_one_report():
    reporters = Reporters()

    assert [reporters.reports(told(at * MINUTE, 1)) for at in range(7)] == [1, 0, 0, 0, 0, 0, 0]


def test_everybody_is_counted_who_was_not_heard_before():
    reporters = Reporters()
    reporters.reports(told(0, 1, 2))

    assert reporters.reports(told(MINUTE, 2, 3, 4, posts=9)) == 2


@pytest.mark.parametrize(("later", "reports"), [(MEMORY_MS - MINUTE, 0), (MEMORY_MS, 1)])
def test_after_a_day_the_same_person_is_news(later, reports):
    reporters = Reporters()
    reporters.reports(told(0, 1))

    assert reporters.reports(told(later, 1)) == reports


def test_who_goes_on_telling_stays_known():
    reporters = Reporters()
    heard = [reporters.reports(told(at * MEMORY_MS // 2, 1)) for at in range(5)]

    assert heard == [1, 0, 0, 0, 0]


def test_a_log_without_authors_counts_posts():
    assert Reporters().reports(told(0, posts=3)) == 3


def test_a_crowd_takes_bounded_memory_and_the_newest_are_remembered():
    reporters = Reporters()
    for at in range(3 * MOST):
        reporters.reports(told(at, at))

    assert len(reporters.last) == MOST
    assert reporters.reports(told(3 * MOST, 3 * MOST - 1, 0)) == 1
