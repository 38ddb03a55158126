"""Who stands behind evidence of days, when hardly anybody writes in the hour of the alarm."""

import pytest

from pipeline.closing import Moment
from pipeline.crowd import HALF_MS, SIZE, Crowd, handful
from pipeline.detectors._base import Observation, Tuning, Verdict
from pipeline.incidents import Context
from pipeline.series import HARMFUL, Series
from schemas.alert import Alert
from schemas.brand_log import Counts
from tests.builders import START, watchlist

BUCKET_S = 300
RULES = watchlist(bucket_s=BUCKET_S, min_authors=8).rules
HOUR_MS = 3_600_000
OLD, NEW = START - HALF_MS, START - HALF_MS + 1


def alarm(since: int) -> Verdict:
    return Verdict(1.5, 9.0, 0.4, 0.2, "negative share over days", since, calm=False)


def heard(*minutes: tuple[int, tuple[int, ...]]) -> Crowd:
    crowd = Crowd()
    for at, authors in minutes:
        crowd.hear(Moment(START + at, Counts(), authors))
    return crowd


def test_only_evidence_of_half_a_day_brings_the_crowd_of_the_day():
    crowd = heard((-10 * HOUR_MS, (1, 2, 3)), (-HOUR_MS, (3, 4)))

    assert crowd.behind([alarm(NEW), alarm(OLD)], START) == 4
    assert crowd.behind([alarm(NEW)], START) == 0
    assert crowd.behind([], START) == 0


@pytest.mark.parametrize(("later", "known"), [(HALF_MS - 1, 2), (HALF_MS, 2), (2 * HALF_MS - 1, 2), (2 * HALF_MS, 1)])
def test_people_are_forgotten_after_a_day(later, known):
    assert heard((0, (1,)), (later, (2,))).behind([alarm(OLD)], START) == known


def test_many_people_cost_no_more_than_two_sketches():
    crowd = heard((0, tuple(range(0, 2**63, 2**63 // 5_000))))

    assert len(crowd.young) == SIZE
    assert crowd.behind([alarm(OLD)], START) == pytest.approx(5_000, rel=0.2)


@pytest.mark.parametrize(("authors", "posts", "few"), [(3, 7, False), (3, 8, True), (4, 8, False), (0, 0, False)])
def test_a_handful_wrote_much_if_each_of_them_wrote_more_than_two(authors, posts, few):
    assert handful(authors, posts) is few


def creeping(trolls: int = 0) -> list[Alert]:
    """Two weeks of steady days, then more negative ones, nights without a post; ``trolls`` write in the last nights."""
    series, alerts = Series(), []
    for number in range(16 * 288):
        day, hour = divmod(number // 12, 24)
        bad = 2 + number % 2 * (day >= 14) if 8 <= hour < 23 else 3 * trolls * (day >= 15)
        people = range(bad) if hour < 8 else range(number * bad, number * bad + bad)
        counts = Counts(posts=6 if 8 <= hour < 23 else bad, negatives=bad, complaints=bad // 2)
        at, authors = START + number * BUCKET_S * 1000, tuple(sorted({person % (10**6) * 2**40 for person in people}))
        if trolls and hour < 8:
            authors = authors[:trolls]
        seen = Observation(at, hour, counts.posts, counts.negatives, counts.complaints)
        context = Context("acme", at + BUCKET_S * 1000, RULES, "rules", HARMFUL, ())
        alert = series.close(context, seen, Moment(at, counts, authors), Tuning(BUCKET_S, 8.0)).alert
        alerts += [alert] if alert else []
    return alerts


def test_a_slow_burn_told_at_night_pages_for_those_who_wrote_by_day():
    opened = next(alert for alert in creeping() if "slow_burn" in alert.detectors)

    assert (opened.at - START) // HOUR_MS % 24 < 8
    assert opened.authors < RULES.min_authors
    assert (opened.reason, opened.paged, opened.suspected_flood) == ("first", True, False)


def test_three_who_write_all_night_wake_nobody_though_many_wrote_by_day():
    burning = [alert for alert in creeping(trolls=3) if "slow_burn" in alert.detectors]
    by_night = [alert for alert in burning if (alert.at - START) // HOUR_MS % 24 < 8]

    assert {(alert.reason, alert.paged, alert.suspected_flood) for alert in by_night} == {
        ("too_few_authors", False, True)
    }
