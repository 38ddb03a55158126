"""The benchmark's own arithmetic: the Numenta scoring, false alarms, delays, and rules that see no future."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.bench.detection import nab
from tests.bench.detection.incumbents import INCUMBENTS
from tests.bench.detection.measuring import FIRST, MERGED, delays_after, false_alarms, found
from tests.bench.detection.shapes import QUIET, SHAPES
from tests.bench.detection.streams import LENGTH, PER_WEEK, wandering_rates

STANDARD = nab.PROFILES["standard"]
ROWS, FIRST_ROW, LAST_ROW = 1_000, 400, 499


@pytest.fixture(name="series")
def one_window(tmp_path: Path) -> dict[str, nab.Labelled]:
    """A thousand rows, of which the first 150 do not count, and one window of a hundred."""
    (tmp_path / "data").mkdir()
    times = [datetime(2025, 1, 1) + timedelta(minutes=5 * row) for row in range(ROWS)]  # noqa: DTZ001  # as the files have it
    lines = [f"{time},{row % 7}" for row, time in enumerate(times)]
    (tmp_path / "data" / "a.csv").write_text("\n".join(["timestamp,value", *lines]), "utf-8")
    window = [str(times[FIRST_ROW]), str(times[LAST_ROW])]
    (tmp_path / "windows.json").write_text(json.dumps({"a.csv": [window]}), "utf-8")
    return nab.read(tmp_path)


def score(series: dict[str, nab.Labelled], *rows: int, profile: nab.Profile = STANDARD) -> float:
    alarms = np.zeros(ROWS)
    alarms[list(rows)] = 1.0
    return nab.judge(series, {"a.csv": alarms}, profile, 0.5).score


def test_the_first_row_of_a_window_is_perfect_and_silence_is_nothing(series):
    assert score(series, FIRST_ROW) == pytest.approx(100)
    assert score(series) == 0


def test_a_hit_is_worth_less_the_later_and_only_the_earliest_counts(series):
    middle, late = score(series, 450), score(series, LAST_ROW)

    assert 50 < late < middle < 100
    assert score(series, 450, 451, LAST_ROW) == middle


def test_alarms_outside_cost_less_right_after_a_window_and_nothing_in_the_probation(series):
    hit = score(series, 450)

    assert score(series, 450, 149) == hit
    assert hit - score(series, 450, 300) == pytest.approx(100 * STANDARD.false_alarm / 2)
    assert 0 < hit - score(series, 450, LAST_ROW + 5) < 100 * STANDARD.false_alarm / 4
    assert hit - score(series, 450, 300, profile=nab.PROFILES["low FP"]) > 100 * 0.1


def test_the_best_threshold_beats_every_other(series):
    scores = {"a.csv": np.random.default_rng(1).random(ROWS)}
    best = nab.optimise(series, scores, STANDARD)
    others = [nab.judge(series, scores, STANDARD, threshold).score for threshold in np.linspace(0, 1, 200)]

    assert best.score >= max(others)
    assert nab.judge(series, scores, STANDARD, best.threshold) == best


def test_false_alarms_near_each_other_are_one():
    weeks = (LENGTH - FIRST) / PER_WEEK
    alarms = [np.array([FIRST - 1, FIRST + 10, FIRST + 10 + MERGED, FIRST + 11 + 2 * MERGED]), np.array([], int)]

    assert false_alarms(alarms) == pytest.approx(2 / (2 * weeks))


def test_delays_count_to_the_end_of_the_bucket_and_only_in_time():
    alarms, onset = [np.array([50, 103]), np.array([99]), np.array([400])], np.array([100, 100, 100])

    assert list(delays_after(alarms, onset, 288)) == [20, np.inf, np.inf]
    assert found(alarms, onset, 301).recall == pytest.approx(2 / 3)


@pytest.mark.parametrize("name", INCUMBENTS)
def test_a_published_rule_sees_no_future_and_rings_in_a_flood(name):
    counts = np.random.default_rng(2).poisson(6.0, (1, 20 * 288)).astype(float)
    counts[0, 18 * 288 :] *= 40
    score, before = INCUMBENTS[name](counts), INCUMBENTS[name](counts[:, : 18 * 288])

    assert np.array_equal(score[:, : 18 * 288], before)
    assert score[0, 18 * 288 :].max() >= 1


def test_streams_are_alike_for_one_seed_and_a_crisis_begins_at_its_onset():
    made = [wandering_rates(np.random.default_rng(5), 12, SHAPES["step x5"]) for _ in range(2)]
    before = [row[at - 288 : at].sum() for row, at in zip(made[0].negatives, made[0].onset, strict=True)]
    after = [row[at : at + 288].sum() for row, at in zip(made[0].negatives, made[0].onset, strict=True)]

    assert np.array_equal(made[0].posts, made[1].posts)
    assert sum(after) > 5 * sum(before)
    assert (wandering_rates(np.random.default_rng(5), 3, QUIET).onset == -1).all()
