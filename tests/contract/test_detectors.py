"""What every detector in the package promises, whoever wrote it."""

import random
from collections.abc import Callable, Iterator
from functools import cache
from math import cos, exp, isfinite, pi
from typing import Any, NamedTuple

import msgspec
import pytest

from pipeline import detectors
from pipeline.detectors._base import Detector, Observation, Tuning, Verdict, threshold
from pipeline.discover import plugins

DETECTORS = plugins(detectors, "DETECTOR")
TUNING = Tuning(bucket_s=60, log_threshold=threshold(60, keys=1, false_pages_per_week=0.1))
DAY = 1_440  # buckets


@pytest.fixture(params=sorted(DETECTORS))
def detector(request: pytest.FixtureRequest) -> Detector[Any]:
    return DETECTORS[request.param]  # type: ignore[no-any-return]  # discovery is untyped


def count(rng: random.Random, mean: float) -> int:
    """A Poisson number, by Knuth's product."""
    floor, product, number = exp(-mean), rng.random(), 0
    while product > floor:
        product *= rng.random()
        number += 1
    return number


def noisy(rng: random.Random, days: int, *, shift_at: int) -> Iterator[Observation]:
    """Days and nights of posts whose rate wanders every five minutes; from ``shift_at`` on an hour earlier."""
    rate = 1.0
    for i in range(days * DAY):
        if i % 5 == 0:
            rate = rng.gammavariate(10, 0.1)
        phase = (i + (60 if i >= shift_at else 0)) / DAY
        posts = count(rng, 2 * rate * exp(0.8 * cos(2 * pi * phase)))
        negatives = sum(rng.random() < 0.15 for _ in range(posts))
        complaints = sum(rng.random() < 0.7 for _ in range(negatives))
        critical = int(rng.random() < 2e-4)
        reach = round(rng.lognormvariate(6, 1.5)) if complaints else 0
        yield Observation(i * 60_000, i // 60 % 24, posts, negatives, complaints, min(critical, complaints), reach)


@cache
def ordinary() -> tuple[Observation, ...]:
    """Nine days of one brand, the clocks changing on the seventh."""
    return tuple(noisy(random.Random(20), 9, shift_at=6 * DAY))


@cache
def learned(name: str, days: int) -> bytes:
    """The encoded state of a detector that has seen the first ``days`` of ``ordinary``."""
    state = DETECTORS[name].start()
    for seen in ordinary()[: days * DAY]:
        DETECTORS[name].step(state, seen, TUNING)
    return msgspec.msgpack.encode(state)


@cache
def flat(posts: int, negatives: int, complaints: int) -> tuple[Observation, ...]:
    return tuple(Observation(i * 60_000, i // 60 % 24, posts, negatives, complaints) for i in range(3 * DAY))


def after(start: Observation, minutes: int, *counts: int) -> list[Observation]:
    """Minutes alike that follow ``start``."""
    begin = start.minute + 60_000
    return [Observation(begin + i * 60_000, (start.hour * 60 + i) // 60 % 24, *counts) for i in range(minutes)]


def catastrophe(start: Observation, minutes: int) -> list[Observation]:
    """Fifty times the posts of ``ordinary``, nearly all of them complaints, some of somebody known to many."""
    return after(start, minutes, 200, 180, 170, 20, 5_000_000)


class Story(NamedTuple):
    """What makes a detector ring, within so many minutes, and which way its level then differs from the expected."""

    stream: Callable[[Observation], list[Observation]]
    within: int
    higher: bool = True


STORIES = {
    "sentiment_recovery": Story(lambda start: after(start, 1_440, 2, 0, 0), 1_440, higher=False),
    "source_quiet": Story(lambda start: after(start, 180, 0, 0, 0), 180, higher=False),
    "slow_burn": Story(lambda start: after(start, 3 * DAY, 3, 1, 1), 3 * DAY),
}
SETTLED = {"slow_burn": 13 * 60}  # minutes of ordinary life until it is calm: two of its periods
CATASTROPHE = Story(lambda start: catastrophe(start, 10), 10)


def judge(detector: Detector[Any], state: object, stream: tuple[Observation, ...] | list[Observation]) -> list[Verdict]:
    return [detector.step(state, seen, TUNING) for seen in stream]


def numbers(verdict: Verdict) -> tuple[float, float, float, float]:
    return verdict.score, verdict.strength, verdict.observed, verdict.expected


def settled(detector: Detector[Any], days: int) -> Any:  # noqa: ANN401  # each detector has its own state
    return msgspec.msgpack.decode(learned(detector.name, days), type=detector.state)


def reread(detector: Detector[Any], state: object) -> Any:  # noqa: ANN401  # each detector has its own state
    return msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=detector.state)


def test_a_detector_is_named_after_its_module():
    names = {module: plugin.name for module, plugin in DETECTORS.items()}

    assert names == {module: module for module in DETECTORS}


def test_the_same_stream_gives_the_same_verdicts_even_through_the_codec(detector):
    rng = random.Random(3)
    stream = ordinary()[: 5 * DAY // 2]
    whole, pieces = detector.start(), detector.start()
    expected = judge(detector, whole, stream)
    actual = []
    for seen in stream:
        if rng.random() < 0.02:
            pieces = reread(detector, pieces)
        actual.append(detector.step(pieces, seen, TUNING))

    assert actual == expected
    assert pieces == whole


def test_ordinary_life_and_a_change_of_the_clocks_raise_no_alarm(detector):
    state = detector.start()
    highest = max(verdict.score for verdict in judge(detector, state, ordinary()))

    assert highest < 1


def test_the_state_stays_small(detector):
    state = settled(detector, 5)
    judge(detector, state, catastrophe(ordinary()[5 * DAY - 1], 12_800))  # 20,000 minutes together

    assert len(msgspec.msgpack.encode(state)) <= 1_400


@pytest.mark.parametrize("level", [(0, 0, 0), (1, 0, 0), (7, 2, 1), (40, 40, 40)])
def test_a_constant_level_raises_no_alarm(detector, level):
    state = detector.start()
    highest = max(verdict.score for verdict in judge(detector, state, flat(*level)))

    assert highest < 1


@pytest.mark.parametrize("budget", [1_000, 4_032, 10_000])  # a week; e-values of 4, 1 and less
def test_however_large_the_budget_it_rings_for_what_it_is_for(detector, budget):
    story, tuning = STORIES.get(detector.name, CATASTROPHE), Tuning(60, threshold(60, 1, budget))
    state = settled(detector, 8)
    stream = story.stream(ordinary()[8 * DAY - 1])
    scores = [detector.step(state, seen, tuning).score for seen in stream[: story.within]]

    assert max(scores) >= 1
    assert min(scores) >= 0


def test_a_cold_key_raises_no_alarm(detector):
    state = detector.start()
    verdicts = judge(detector, state, catastrophe(ordinary()[0], 300))

    assert max(verdict.score for verdict in verdicts) < 1


def test_a_key_that_begins_at_full_volume_is_not_an_alarm(detector):
    state = detector.start()
    verdicts = judge(detector, state, ordinary()[DAY // 2 : 4 * DAY])

    assert max(verdict.score for verdict in verdicts) < 1


def test_what_it_is_for_alarms_in_time_and_it_says_what_it_saw(detector):
    story = STORIES.get(detector.name, CATASTROPHE)
    state = settled(detector, 8)
    onset = ordinary()[8 * DAY - 1]
    verdicts = judge(detector, state, story.stream(onset))
    alarm = next(verdict for verdict in verdicts[: story.within] if verdict.score >= 1)

    assert (alarm.observed > 1.2 * alarm.expected > 0) if story.higher else (alarm.observed < alarm.expected / 2)
    assert alarm.strength > 5
    assert onset.minute - max(3_600, story.within * 60) * 1000 <= alarm.since
    assert alarm.since <= onset.minute + max(story.within * 60_000, 600_000)
    assert not alarm.calm


def test_rearmed_it_alarms_no_more_once_life_is_ordinary_and_becomes_calm(detector):
    story = STORIES.get(detector.name, CATASTROPHE)
    state = settled(detector, 8)
    stream = story.stream(ordinary()[7 * DAY])[:30] if story is CATASTROPHE else story.stream(ordinary()[8 * DAY - 1])
    for seen in stream:
        if detector.step(state, seen, TUNING).score >= 1:
            detector.rearm(state)
    tail = judge(detector, state, ordinary()[8 * DAY + 30 : 9 * DAY])

    settled_by = SETTLED.get(detector.name, 240)

    assert max(verdict.score for verdict in tail) < 1
    assert all(verdict.calm for verdict in tail[settled_by : settled_by + 60]) or detector.name == "source_quiet"


@pytest.mark.parametrize("seen", [(10**9,) * 5, (0, 0, 0), (0, 9, 9, 9, 9), (3, 10**9, 10**9), (10**9, 0, 0)])
def test_impossible_numbers_give_finite_verdicts(detector, seen):
    state = settled(detector, 5)
    begin = ordinary()[5 * DAY].minute
    stream = [Observation(begin + i * 60_000, 0, *(seen if i % 3 else (0, 0, 0))) for i in range(300)]
    verdicts = judge(detector, state, stream)

    assert all(isfinite(number) for verdict in verdicts for number in numbers(verdict))
    assert all(verdict.score >= 0 and verdict.strength >= 0 for verdict in verdicts)
    assert reread(detector, state) == state


def test_a_state_is_encoded_alike_before_and_after_a_checkpoint(detector):
    state = settled(detector, 5)
    for seen in (*ordinary()[5 * DAY : 5 * DAY + 7], *catastrophe(ordinary()[5 * DAY + 7], 9)):
        detector.step(state, seen, TUNING)
    fresh = detector.start()

    assert msgspec.msgpack.encode(reread(detector, state)) == msgspec.msgpack.encode(state)
    assert msgspec.msgpack.encode(reread(detector, fresh)) == msgspec.msgpack.encode(fresh)


def test_a_newcomer_learns_from_peers_in_any_order_and_judges_by_nothing_it_has_not_seen(detector):
    peers = [settled(detector, days) for days in (3, 5, 8, 8)]
    state, again = detector.start(peers), detector.start(peers[::-1])
    verdict = detector.step(state, ordinary()[0], TUNING)

    assert reread(detector, again) == again == detector.start(peers)
    assert verdict.score < 1
    assert numbers(verdict) == numbers(detector.step(again, ordinary()[0], TUNING))
    assert detector.start(peers[:2]) == detector.start()
