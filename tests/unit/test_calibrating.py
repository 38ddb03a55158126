"""Calibrated scores are probabilities: what is believed at 0.8 is true four times in five."""

import numpy as np
import pytest

from pipeline.text.model import heads
from pipeline.text.training.calibrating import calibration, evened_platt, platt, tempered
from pipeline.text.training.targets import Lesson


def test_platt_finds_the_slope_and_offset_that_scores_were_distorted_by():
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, 40_000)
    truth = rng.random(len(logits)) < heads.sigmoid(logits)

    _, slope, offset = platt((logits - 0.7) / 3, truth.astype(np.float32))

    assert abs(slope - 3) < 0.1
    assert abs(offset - 0.7) < 0.1


def test_a_temperature_finds_how_much_too_sure_scores_are():
    rng = np.random.default_rng(2)
    logits = rng.normal(0, 1.5, (20_000, 3))
    truth = np.eye(3, dtype=np.float32)[(logits + rng.gumbel(size=logits.shape)).argmax(1)]

    assert abs(tempered(2 * logits, truth).slope - 0.5) < 0.05


def test_heads_that_nothing_is_known_about_keep_their_scores():
    count = 200
    targets, counted = np.zeros((count, heads.COUNT), np.float32), np.zeros((count, heads.COUNT), np.float32)
    for head in (heads.COMPLAINT, heads.CUSTOMARY_COMPLAINT):
        targets[::2, head], counted[:, head] = 1, 1
    scores = np.random.default_rng(3).normal(size=(count, heads.COUNT)).astype(np.float32)
    held = Lesson([""] * count, targets, counted, np.ones(count, np.float32))

    made = calibration(scores, scores, held)

    assert (made.slope[heads.SENTIMENT] == 1).all()
    assert (made.blend[heads.SENTIMENT] == 0.5).all()
    assert made.slope[heads.INTENSITY] == 1
    assert made.offset[heads.INTENT.start] == 0
    assert made.slope[heads.COMPLAINT] != 1


def test_the_half_that_knows_more_counts_more():
    rng, count = np.random.default_rng(4), 4_000
    targets, counted = np.zeros((count, heads.COUNT), np.float32), np.zeros((count, heads.COUNT), np.float32)
    targets[: count // 2, heads.COMPLAINT], counted[:, heads.COMPLAINT] = 1, 1
    truth = 2 * targets[:, [heads.COMPLAINT]] - 1
    knowing, guessing = (
        (strength * truth + rng.normal(size=(count, heads.COUNT))).astype(np.float32) for strength in (2, 0.1)
    )
    held = Lesson([""] * count, targets, counted, np.ones(count, np.float32))

    assert calibration(guessing, knowing, held).blend[heads.COMPLAINT] > 0.5
    assert calibration(knowing, guessing, held).blend[heads.COMPLAINT] < 0.5


def test_customs_of_complaints_are_judged_halfway_to_even():
    rng = np.random.default_rng(5)
    truth = (rng.random((4_000, 1)) < 0.2).astype(np.float32)
    scores = 2 * truth + rng.normal(size=truth.shape)
    plain, evened = platt(scores, truth), evened_platt(scores, truth)

    assert evened.offset - plain.offset == pytest.approx(np.log(0.8 / 0.2) / 2, abs=0.15)
    assert evened.slope == pytest.approx(plain.slope, rel=0.1)
