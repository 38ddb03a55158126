"""What only the rarer detectors do: critical and influential complaints, a source gone quiet, recovery, slow burn."""

from collections.abc import Mapping
from functools import cache
from random import Random
from typing import Any

import msgspec

from pipeline.detectors._base import Observation, Tuning, Verdict, threshold
from pipeline.series import DETECTORS

TUNING = Tuning(bucket_s=300, log_threshold=threshold(300, keys=1, false_pages_per_week=0.1))
DAY, BUCKET_MS = 288, 300_000
KNOWN = 8 * DAY


def seen(at: int, *counts: int, campaign: bool = False) -> Observation:
    return Observation(at * BUCKET_MS, at // 12 % 24, *counts, campaign=campaign)


@cache
def learned(name: str) -> bytes:
    """Eight days of about ten posts a bucket, 30 % negative, complainers of some hundred followers."""
    rng, state = Random(9), DETECTORS[name].start()
    for at in range(KNOWN):
        posts = rng.randint(5, 15)
        bad = sum(rng.random() < 0.3 for _ in range(posts))
        reach = round(rng.lognormvariate(6, 1)) if bad else 0
        DETECTORS[name].step(state, seen(at, posts, bad, bad, 0, reach), TUNING)
    return msgspec.msgpack.encode(state)


def alarms(name: str, stream: list[Observation]) -> list[tuple[int, Verdict]]:
    """Buckets since the eighth day, and verdicts, that alarm; rearmed each time."""
    detector = DETECTORS[name]
    state: Any = msgspec.msgpack.decode(learned(name), type=detector.state)
    told = []
    for one in stream:
        verdict = detector.step(state, one, TUNING)
        if verdict.score >= 1:
            told.append((one.minute // BUCKET_MS - KNOWN, verdict))
            detector.rearm(state)
    return told


def test_one_report_of_danger_is_none_and_four_within_minutes_are():
    one = [seen(KNOWN + at, 10, 3, 3, int(at == 5)) for at in range(DAY)]
    four = [seen(KNOWN + at, 10, 3, 3, 2 * int(at in {5, 6})) for at in range(DAY)]

    assert alarms("critical_complaint", one) == []
    assert [at for at, _ in alarms("critical_complaint", four)] == [6]


def test_reports_that_come_days_apart_are_usual():
    stream = [seen(KNOWN + at, 10, 3, 3, int(at % (2 * DAY) == 7)) for at in range(14 * DAY)]

    assert alarms("critical_complaint", stream) == []


def first_day(posts: int, critical: Mapping[int, int]) -> list[int]:
    """Buckets of the first day of a brand with so many posts in each that alarm over these reports."""
    detector = DETECTORS["critical_complaint"]
    state = detector.start()
    told = []
    for at in range(DAY):
        if detector.step(state, seen(at, posts, 3, 3, critical.get(at, 0)), TUNING).score >= 1:
            told.append(at)
            detector.rearm(state)
    return told


def test_on_its_first_day_a_brand_of_which_much_is_said_has_reports_that_were_misread():
    scattered = {200: 1, 201: 1, 202: 1, 203: 1}
    burst = {200: 2, 201: 3, 202: 4}

    assert first_day(20, scattered) == []
    assert first_day(2, scattered) != [], "of a brand with few posts each report counts"
    assert 200 <= first_day(20, burst)[0] <= 202


def test_a_complainer_known_to_millions_is_news_and_one_known_to_thousands_is_not():
    def stream(reach: int) -> list[Observation]:
        return [seen(KNOWN, 10, 3, 3, 0, reach)]

    assert alarms("influential_complaint", stream(5_000)) == []
    (_, verdict), *_ = alarms("influential_complaint", stream(5_000_000))
    assert verdict.observed == 5_000_000
    assert 250 < verdict.expected < 650


def test_silence_is_told_once_and_again_after_somebody_spoke():
    silent = [seen(KNOWN + at, 0, 0, 0) for at in range(40)]
    again = [seen(KNOWN + 40, 9, 3, 3), *(seen(KNOWN + 41 + at, 0, 0, 0) for at in range(150))]
    told = alarms("source_quiet", [*silent, *again])

    assert len(told) == 2
    assert 1 <= told[0][0] <= 6
    assert told[1][0] > 41 + told[0][0], "the longest silence of weeks is the measure"


def test_the_end_of_a_file_that_was_fed_is_no_silence():
    ended = [seen(KNOWN + at, 0, 0, 0)._replace(over=True) for at in range(40)]
    silent = [seen(KNOWN + 40 + at, 0, 0, 0) for at in range(40)]
    told = alarms("source_quiet", [*ended, *silent])

    assert [at > 40 for at, _ in told] == [True]


def test_the_first_night_of_a_brand_is_no_silence_for_its_hours_were_never_heard():
    detector = DETECTORS["source_quiet"]
    state = detector.start()
    stream = [seen(at, 20 if at < DAY // 2 else 0, 0, 0) for at in range(DAY)]

    assert max(detector.step(state, one, TUNING).score for one in stream) < 1


def test_a_brand_of_which_little_is_said_cannot_fall_silent():
    detector = DETECTORS["source_quiet"]
    state = detector.start()
    verdicts = [detector.step(state, seen(at, int(at % 200 == 0), 0, 0), TUNING) for at in range(10 * DAY)]
    verdicts += [detector.step(state, seen(at, 0, 0, 0), TUNING) for at in range(10 * DAY, 11 * DAY)]

    assert max(verdict.score for verdict in verdicts) < 1


def test_recovery_is_a_share_that_falls_and_not_fewer_posts():
    fallen = [seen(KNOWN + at, 10, 0, 0) for at in range(DAY)]
    fewer = [seen(KNOWN + at, 3, int(at % 10 in {0, 3, 6}), 0) for at in range(DAY)]
    fewer = [one._replace(negatives=3 * int(place % 10 in {0, 3, 6})) for place, one in enumerate(fewer)]
    told = alarms("sentiment_recovery", fallen)

    assert told
    assert told[0][1].observed < 0.1 < told[0][1].expected
    assert alarms("sentiment_recovery", fewer) == []


def test_a_share_that_creeps_is_found_within_days_and_a_steady_one_never():
    def stream(grows: float) -> list[Observation]:
        rng = Random(4)
        return [
            seen(KNOWN + at, 10, bad, bad)
            for at in range(5 * DAY)
            if (bad := sum(rng.random() < 0.3 + grows * at / DAY for _ in range(10))) >= 0
        ]

    told = alarms("slow_burn", stream(0.05))
    assert told
    assert told[0][0] < 4 * DAY
    assert told[0][1].observed > told[0][1].expected
    assert alarms("slow_burn", stream(0.0)) == []


def test_a_share_that_stays_high_is_not_calm_because_it_was_told_and_is_once_it_was_usual_for_a_period():
    detector, period = DETECTORS["slow_burn"], DAY // 4
    state: Any = msgspec.msgpack.decode(learned("slow_burn"), type=detector.state)
    stream = [seen(KNOWN + at, 10, 6, 6) for at in range(DAY)] + [seen(KNOWN + DAY + at, 10, 3, 3) for at in range(DAY)]
    calm, told = [], []
    for at, one in enumerate(stream):
        verdict = detector.step(state, one, TUNING)
        calm.append(verdict.calm)
        if verdict.score >= 1:
            told.append(at)
            detector.rearm(state)

    assert told
    assert not any(calm[told[0] : DAY + period - 1])
    assert all(calm[DAY + 2 * period :])


def test_a_campaign_lifts_volumes_and_leaves_the_share_armed():
    def stream(*counts: int, campaign: bool) -> list[Observation]:
        return [seen(KNOWN + at, *counts, campaign=campaign) for at in range(DAY // 2)]

    assert alarms("mention_burst", stream(30, 9, 9, campaign=False))
    assert alarms("mention_burst", stream(30, 9, 9, campaign=True)) == []
    assert alarms("complaint_volume", stream(25, 13, 13, campaign=False))
    assert alarms("complaint_volume", stream(25, 13, 13, campaign=True)) == []
    assert alarms("negative_share", stream(60, 40, 40, campaign=True))


def test_a_campaign_teaches_no_volume():
    detector = DETECTORS["mention_burst"]
    state: Any = msgspec.msgpack.decode(learned("mention_burst"), type=detector.state)
    before = state.season.level
    for at in range(2 * DAY):
        detector.step(state, seen(KNOWN + at, 40, 12, 12, campaign=True), TUNING)

    assert state.season.level < 1.1 * before
