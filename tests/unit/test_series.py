"""One brand as watch sees it: states survive a checkpoint, memory is an hour."""

from typing import Any

import msgspec
import pytest

from pipeline.closing import Moment
from pipeline.detectors._base import Observation, Tuning
from pipeline.incidents import Context
from pipeline.series import DETECTORS, HARMFUL, MEMORY_MS, Series, Stored
from schemas.alert import Alert
from schemas.brand_log import Counts
from tests.builders import START, watchlist

BUCKET = 300_000
RULES = watchlist(bucket_s=300, patience_s=600, quiet_s=900, idle_s=900).rules
TUNING = Tuning(300, 8.0)
CALM, CRISIS = 120, 20  # buckets


def close(series: Series, number: int) -> tuple[dict[str, Any], Alert | None]:
    """Four posts per bucket, and from bucket ``CALM`` on forty complaints more for ``CRISIS`` buckets."""
    minute, bad = START + number * BUCKET, 40 if CALM <= number < CALM + CRISIS else 0
    counts = Counts(posts=4 + bad, negatives=bad, complaints=bad)
    context = Context("acme", minute + BUCKET, RULES, "rules", HARMFUL, ())
    moment = Moment(minute, counts, tuple(range(bad)))
    seen = Observation(minute, 0, counts.posts, counts.negatives, counts.complaints)
    return series.close(context, seen, moment, TUNING)


def copied(series: Series) -> Series:
    return Series.restored(msgspec.msgpack.decode(msgspec.msgpack.encode(series.stored()), type=Stored))


@pytest.mark.parametrize("at", [0, CALM, CALM + 1, CALM + CRISIS, CALM + CRISIS + 30])
def test_a_series_read_back_goes_on_like_the_one_that_was_stored(at):
    series = Series()
    for number in range(at):
        close(series, number)
    again = copied(series)
    after = range(at, CALM + CRISIS + 60)

    assert [close(again, number) for number in after] == [close(series, number) for number in after]


def test_a_crisis_is_one_incident_from_opening_to_end():
    series, events = Series(), []
    for number in range(CALM + CRISIS + 60):
        alert = close(series, number)[1]
        if alert is not None:
            events.append((alert.event, alert.paged))

    assert events[0] == ("opened", True)
    assert events[-1] == ("resolved", True)
    assert [event for event, _ in events].count("opened") == 1
    assert series.incident is None


def test_a_detector_that_is_new_since_the_checkpoint_starts_fresh():
    series = Series()
    close(series, 0)
    stored = series.stored()
    del stored.states["mention_burst"]
    again = Series.restored(stored)

    assert again.states["mention_burst"] == DETECTORS["mention_burst"].start()
    assert again.states["negative_share"] == series.states["negative_share"]


def test_a_detector_that_is_gone_since_the_checkpoint_is_forgotten():
    stored = Series().stored()
    stored.states["oracle"] = msgspec.Raw(b"{}")

    assert set(Series.restored(stored).states) == set(DETECTORS)


def test_minutes_are_remembered_for_an_hour_and_silent_ones_not_at_all():
    series = Series()
    for number in range(50):
        close(series, number)
    context = Context("acme", START + 51 * BUCKET, RULES, "rules", HARMFUL, ())
    series.close(context, Observation(START + 50 * BUCKET, 0, 0, 0, 0), Moment(START + 50 * BUCKET, Counts()), TUNING)

    assert len(series.moments) == MEMORY_MS // BUCKET
    assert all(moment.counts.posts for moment in series.moments)
