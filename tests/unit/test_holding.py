"""What goes on after somebody has resolved an incident opens no new one, unless it is worse."""

import msgspec
import pytest

from pipeline.closing import Moment
from pipeline.detectors._base import Observation, Tuning
from pipeline.holding import Hold
from pipeline.incidents import Answer, Context
from pipeline.series import HARMFUL, Closed, Series
from schemas.brand_log import Counts
from tests.builders import START, watchlist

BUCKET, QUIET_S = 300_000, 3_600
RULES = watchlist(bucket_s=300, quiet_s=QUIET_S, idle_s=7_200).rules
TUNING = Tuning(300, 8.0)
CALM = 600  # buckets


def close(series: Series, number: int, bad: int) -> Closed:
    minute = START + number * BUCKET
    moment = Moment(minute, Counts(posts=20 + bad, negatives=2 + bad, complaints=2 + bad), tuple(range(2 + bad)))
    context = Context("acme", minute + BUCKET, RULES, "rules", HARMFUL, ())
    return series.close(context, Observation(minute, 0, 20 + bad, 2 + bad, 2 + bad), moment, TUNING)


def resolved() -> tuple[Series, int]:
    """A brand whose incident somebody has just resolved by order, and the number of the next bucket."""
    series, number = Series(), 0
    while number < CALM or series.incident is None:
        close(series, number, 12 if number >= CALM else 0)
        number += 1
    close(series, number, 12)
    series.incident.closing = Answer("Mei", "fixed", series.incident.severity, "c1")
    ended = close(series, number + 1, 12)

    assert ended.alert is not None
    assert (ended.alert.event, ended.alert.reason, series.incident) == ("resolved", "resolved_by", None)
    return series, number + 2


def reopened(series: Series, number: int, bad: int, buckets: int) -> int | None:
    """After how many buckets of so much trouble an incident opens."""
    for after in range(buckets):
        close(series, number + after, bad)
        if series.incident is not None:
            return after
    return None


def test_the_same_trouble_is_held_for_as_long_as_calm_would_have_had_to_last_and_then_opens():
    series, number = resolved()
    held = [reopened(series, number, 12, QUIET_S // 300 - 1)]
    opened = reopened(series, number + QUIET_S // 300 - 1, 12, 24)

    assert held == [None]
    assert opened is not None


def test_what_is_held_is_said_once_for_each_detector():
    series, number = resolved()
    said = [one for after in range(11) for one in close(series, number + after, 12).decisions if one.reason == "held"]

    assert len(said) == len({one.detector for one in said}) > 0
    assert {one.by for one in said} == {"Mei"}


def test_what_burned_before_and_after_somebody_resolved_it_is_not_what_the_brand_is_usually_made_of():
    series, number = resolved()
    for after in range(QUIET_S // 300 - 1):
        close(series, number + after, 12)
    for after in range(QUIET_S // 300, 5 * QUIET_S // 300):
        close(series, number + after, 0)
    posts, negatives, *_ = series.usual.totals

    assert negatives / posts == 2 / 20
    assert posts > 20 * (CALM + 2 * QUIET_S // 300)


def test_worse_trouble_opens_at_once():
    series, number = resolved()

    assert reopened(series, number, 150, 6) is not None


@pytest.mark.parametrize(("at", "severity", "ratio", "kept"), [
    (9, "error", 3.0, True), (10, "error", 3.0, False), (9, "info", 3.0, False), (9, "error", 1.4, False),
    (9, "warning", 3.0, True),
])  # fmt: skip
def test_a_hold_ends_in_time_or_with_a_higher_severity_or_twice_the_level(at, severity, ratio, kept):
    series = Series()
    number = 0
    while number < CALM or series.incident is None:
        close(series, number, 12 if number >= CALM else 0)
        number += 1
    context = Context("acme", at, RULES, "rules", HARMFUL, ())
    alarm = msgspec.structs.replace(next(iter(series.incident.fired.values())), observed=3.0, expected=1.0)
    incident = msgspec.structs.replace(series.incident, fired={"complaint_volume": alarm}, counts=Counts(posts=9))

    assert Hold(10, severity, ratio, "Mei").keeps(incident, context) is kept
