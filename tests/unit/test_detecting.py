"""Detectors over counts: bursts once in an episode, crises with their time, floods held back."""

from collections.abc import Iterable, Iterator
from datetime import UTC
from random import Random

from pipeline.count_files import Bucket
from pipeline.detecting import Alarm, burst_scores, crisis_alarms

DAY, BUCKET_MS = 288, 300_000
ONSET = 4 * DAY


def made(counts: Iterable[tuple[int, ...]]) -> Iterator[Bucket]:
    for place, told in enumerate(counts):
        yield Bucket(place * BUCKET_MS, told, (place,))


def posts(rng: Random, usual: int) -> int:
    return rng.randint(usual // 2, usual * 3 // 2)


def bursts(size: int, lasts: int, days: int = 6) -> list[int]:
    """Buckets scored 1/2 or more, of a series in which posts multiply by ``size`` on the fifth day."""
    rng = Random(3)
    counts = [(posts(rng, 20) * (size if ONSET <= at < ONSET + lasts else 1),) for at in range(days * DAY)]
    scored = list(burst_scores(made(counts), 300, UTC))

    assert all(0 <= score <= 1 for _, score in scored)
    return [place for place, (_, score) in enumerate(scored) if score >= 0.5]


def crisis(
    lasts: int, *, share: float, factor: int = 1, authors: int | None = None, budget: float = 0.05
) -> list[Alarm]:
    """Alarms of a series whose share of negatives is 15 % but for ``lasts`` buckets of the fifth day."""
    rng = Random(5)
    counts = []
    for at in range(6 * DAY):
        on = ONSET <= at < ONSET + lasts
        count = posts(rng, 20) * (factor if on else 1)
        bad = sum(rng.random() < (share if on else 0.15) for _ in range(count))
        counts.append((count, bad, min(authors, count) if authors and on else count))
    return list(crisis_alarms(made(counts), 300, UTC, budget, authors=authors is not None))


def test_a_burst_is_scored_once_however_long_it_lasts():
    assert len(bursts(10, lasts=DAY // 2)) == 1
    assert ONSET <= bursts(10, lasts=DAY // 2)[0] <= ONSET + 3


def test_an_ordinary_series_has_no_burst():
    assert bursts(1, lasts=0) == []


def test_a_crisis_alarms_at_the_end_of_its_bucket_and_once_by_each_rule():
    alarms = crisis(DAY // 2, share=0.7, factor=5)

    assert sorted(alarm.rule for alarm in alarms) == ["complaint_volume", "negative_share"]
    assert alarms[0].at == (ONSET + 1) * BUCKET_MS
    assert alarms[0].since == ONSET * BUCKET_MS
    assert all(alarm.score >= 1 and alarm.observed > 2 * alarm.expected for alarm in alarms)


def test_a_second_crisis_after_calm_alarms_again():
    rng = Random(6)
    hours = {ONSET + hour for hour in range(24)} | {ONSET + 3 * DAY + hour for hour in range(24)}
    counts = []
    for at in range(9 * DAY):
        count = posts(rng, 20)
        counts.append((count, sum(rng.random() < (0.8 if at in hours else 0.15) for _ in range(count))))
    alarms = list(crisis_alarms(made(counts), 300, UTC, 0.05, authors=False))

    assert [alarm.at // BUCKET_MS // DAY for alarm in alarms if alarm.rule == "negative_share"] == [4, 7]


def test_more_posts_of_which_no_more_are_negative_are_a_campaign():
    assert crisis(DAY // 2, share=0.13, factor=6) == []


def test_what_a_handful_of_accounts_writes_does_not_alarm():
    assert crisis(12, share=0.7, factor=10, authors=8) == []
    assert crisis(12, share=0.7, factor=10, authors=150)


def test_a_smaller_budget_alarms_later():
    early, late = (crisis(DAY, share=0.3, budget=budget)[0].at for budget in (1.0, 1e-6))

    assert early < late


def test_a_gap_is_no_time_of_zeros():
    rng = Random(8)
    counts = [(posts(rng, 20), 2) for _ in range(3 * DAY)]
    gap: list[Bucket | None] = [
        *made(counts),
        None,
        *(one._replace(at=one.at + 9 * 86_400_000) for one in made(counts)),
    ]

    assert list(crisis_alarms(gap, 300, UTC, 1.0, authors=False)) == []
