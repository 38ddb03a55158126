"""Rows of n-grams learn what texts of a kind have in common, the same way each time."""

import numpy as np

from pipeline.text.model import heads
from pipeline.text.training.ngram_learning import Habits, answers, learn
from pipeline.text.training.reading import read
from pipeline.text.training.targets import Told, of_public, together

BAD, GOOD = (
    ["kettle broke", "screen broke", "屏幕坏了", "水壶坏了"],
    ["kettle shines", "screen shines", "屏幕很亮", "水壶很亮"],
)
LESSON = together([
    of_public([*(Told(text, "neg") for text in BAD), *(Told(text, "pos") for text in GOOD)], 1.0),
    of_public([*(Told(text, complaint=True) for text in BAD), *(Told(text, complaint=False) for text in GOOD)], 1.0),
    of_public([*(Told(text, intensity=0.8) for text in BAD), *(Told(text, intensity=-0.8) for text in GOOD)], 1.0),
])  # fmt: skip
HABITS = Habits(least=1, bits=12, epochs=30)


def scores(texts: list[str], seed: int = 1) -> np.ndarray:
    learned = learn(read(LESSON.texts, HABITS.bits), LESSON, HABITS, seed)
    return answers(read(texts, HABITS.bits), learned)


def test_what_was_taught_is_known_of_texts_that_share_words_with_it():
    bad, good = scores(["the lamp broke", "the lamp shines"])
    worse, better = scores(["手机坏了", "手机很亮"])

    for one, other in ((bad, good), (worse, better)):
        assert one[heads.CUSTOMARY_COMPLAINT] > 0 > other[heads.CUSTOMARY_COMPLAINT]
        assert one[heads.INTENSITY] > 0.2 > -0.2 > other[heads.INTENSITY]
        assert one[heads.CUSTOMARY_SENTIMENT].argmax() == 0
        assert other[heads.CUSTOMARY_SENTIMENT].argmax() == 2


def test_heads_that_nobody_teaches_stay_silent():
    taught = scores(["the lamp broke"])[0]

    assert not taught[: heads.INTENSITY].any()


def test_the_same_seed_learns_the_same_and_another_one_does_not():
    assert np.array_equal(scores(BAD), scores(BAD))
    assert not np.array_equal(scores(BAD), scores(BAD, seed=2))


def test_a_text_without_features_has_the_bias_only():
    nothing, something = scores(["", "kettle broke"])

    assert np.isfinite(nothing).all()
    assert not np.array_equal(nothing, something)


def test_only_so_many_rows_speak_in_the_end():
    few = HABITS._replace(kept=20)
    rows = learn(read(LESSON.texts, few.bits), LESSON, few, 1).rows

    assert 0 < rows.any(axis=1).sum() <= 20


def test_nothing_is_learned_from_ngrams_of_fewer_texts():
    common = learn(read(LESSON.texts, HABITS.bits), LESSON, HABITS._replace(least=len(LESSON.texts) + 1), 1)

    assert not common.rows.any()
