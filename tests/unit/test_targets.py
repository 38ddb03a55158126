"""What a labelled post teaches, and what a teacher's word adds to it."""

import numpy as np
import pytest

from pipeline.text.model import heads
from pipeline.text.training.distilling import opinions, with_opinions
from pipeline.text.training.targets import FOLDS, Told, fold, of_corpus, of_public, together
from tests.builders import example


def test_a_post_of_ours_teaches_our_heads_and_the_gate():
    lesson = of_corpus([example()], weight=3.0)
    taught = np.flatnonzero(lesson.counted[0])

    assert taught.tolist() == [*range(heads.INTENSITY), heads.GATE]
    assert np.flatnonzero(lesson.targets[0]).tolist() == [0, 3, 6, 12, 14, heads.GATE]
    assert lesson.weights.tolist() == [3.0]


def test_what_is_no_complaint_teaches_no_category():
    lesson = of_corpus([example(complaint=0, category="none", severity=0)], weight=1.0)

    assert lesson.counted[0, heads.CATEGORY].sum() == 0
    assert lesson.targets[0, heads.COMPLAINT] == 0
    assert lesson.targets[0, heads.SEVERITY].tolist() == [1, 0, 0, 0]


def test_a_public_set_of_two_feelings_says_nothing_about_the_third_and_rare_labels_weigh_more():
    lesson = of_public([Told("a", "neg"), Told("b", "pos"), Told("c", "pos"), Told("d", "pos")], weight=1.0)

    assert lesson.counted[0, heads.CUSTOMARY_SENTIMENT].tolist() == [1, 0, 1]
    assert lesson.weights[0] == pytest.approx((4 / 2 / 1) ** 0.5)
    assert lesson.weights[1] == pytest.approx((4 / 2 / 3) ** 0.5)
    assert lesson.targets[0, heads.GATE] == 0


def test_sets_of_complaints_and_intensity_teach_only_those():
    lesson = together([of_public([Told("a", complaint=True)], 2.0), of_public([Told("b", intensity=-0.5)], 1.0)])

    assert np.flatnonzero(lesson.counted[0]).tolist() == [heads.CUSTOMARY_COMPLAINT, heads.GATE]
    assert np.flatnonzero(lesson.counted[1]).tolist() == [heads.INTENSITY, heads.GATE]
    assert lesson.targets[1, heads.INTENSITY] == -0.5


def test_the_same_text_is_in_the_same_fold_and_folds_are_alike_in_size():
    counts = np.bincount([fold(str(number)) for number in range(5_000)], minlength=FOLDS)

    assert fold("a") == fold("a")
    assert counts.min() > 850


def test_a_teacher_is_trusted_a_little_against_a_label_and_alone_where_there_is_none():
    believed = np.full(heads.JOINT, np.nan, np.float32)
    believed[: heads.INTENSITY] = 0.2
    lesson = together(
        [of_corpus([example(text="ours")], 1.0), of_public([Told("theirs", "neg"), Told("unheard", "neg")], 1.0)]
    )
    heard = with_opinions(lesson, {"ours": believed, "theirs": believed}, trust=0.5, weight=0.4)

    assert heard.targets[0, heads.COMPLAINT] == pytest.approx(0.6)
    assert heard.counted[0, heads.COMPLAINT] == 1
    assert heard.targets[1, heads.COMPLAINT] == pytest.approx(0.2)
    assert heard.counted[1, heads.COMPLAINT] == pytest.approx(0.4)
    assert heard.counted[1, heads.CATEGORY].tolist() == pytest.approx([0.08] * 6)
    assert np.array_equal(heard.counted[2], lesson.counted[2])
    assert np.array_equal(heard.counted[:, heads.INTENSITY :], lesson.counted[:, heads.INTENSITY :])
    assert np.array_equal(heard.targets[:, heads.INTENSITY :], lesson.targets[:, heads.INTENSITY :])


def test_opinions_are_probabilities_of_what_the_teacher_was_taught():
    scores = np.random.default_rng(1).normal(size=(3, heads.JOINT)).astype(np.float32)
    taught = together([of_corpus([example()], 1.0), of_public([Told("late", complaint=True)], 1.0)])
    believed = opinions(scores, taught)
    told = believed[:, [*range(heads.INTENSITY), heads.CUSTOMARY_COMPLAINT]]

    for group in (heads.SENTIMENT, heads.CATEGORY, heads.SEVERITY, heads.INTENT):
        assert believed[:, group].sum(1) == pytest.approx(1)
    assert ((told >= 0) & (told <= 1)).all()
    assert np.isnan(believed[:, [heads.INTENSITY, *range(21, 24), heads.GATE]]).all()
    assert np.isnan(opinions(scores, of_corpus([example()], 1.0))[:, heads.CUSTOMARY_COMPLAINT]).all()
