"""The ridge expert finds what the definition of its penalty says, and what it is told to leave alone stays."""

import numpy as np
import pytest

from pipeline.text.training import ridge_learning
from pipeline.text.training.reading import read
from pipeline.text.training.ridge_learning import Question, evenly, some, together

BITS = 14
TEXTS = [
    "no refund after weeks", "the parcel never came, no refund", "nobody answers, the parcel never came",
    "lovely walk by the river", "a lovely evening by the sea", "the river is lovely after rain",
]  # fmt: skip
OTHERS = ["退款等了三周, no refund", "没人回复,退款没到, no refund", "今天天气真好", "今天去江边散步"]
EVERYWHERE = np.ones(1 << BITS, np.bool_)


def asked(texts: list[str], yes: int) -> Question:
    truth = np.arange(len(texts)) < yes
    return Question(texts, truth.astype(np.float32), np.ones(len(texts), np.float32))


def test_the_slope_of_the_penalised_loss_is_nought_where_it_ends():
    question, seen = evenly(asked(TEXTS, 2)), read(TEXTS, BITS)
    answer = ridge_learning.learn(seen, question, EVERYWHERE)

    wrong = question.weights * (1 / (1 + np.exp(-ridge_learning.scores(seen, answer))) - question.truth)
    counts = np.zeros((len(TEXTS), 1 << BITS))
    for number in range(len(TEXTS)):
        np.add.at(counts[number], seen.rows[seen.row_bounds[number] : seen.row_bounds[number + 1]], 1)
    often = (counts > 0).sum(0)
    chosen = np.flatnonzero(often >= ridge_learning.LEAST)
    rarity = np.log(len(TEXTS) / often[chosen]) + 1
    scales = rarity / rarity.mean()
    told = (wrong[:, None] * counts[:, chosen] / np.sqrt(seen.sizes)[:, None]).sum(0)

    assert answer.rows[chosen].any()
    assert answer.rows[chosen] / scales**2 == pytest.approx(-16 * told, abs=2e-3)
    assert wrong.sum() == pytest.approx(0, abs=1e-3)


def test_posts_never_seen_are_told_apart_and_rare_n_grams_say_nothing():
    answer = ridge_learning.learn(read(TEXTS, BITS), asked(TEXTS, 3), EVERYWHERE)
    told = ridge_learning.scores(read(["no refund, the parcel never came", "lovely river", "lovely sea"], BITS), answer)

    assert (told > 0).tolist() == [True, False, False]
    assert np.isin(np.flatnonzero(answer.rows), read(TEXTS, BITS).rows).all()
    assert not ridge_learning.learn(read(TEXTS[:1], BITS), asked(TEXTS[:1], 1), EVERYWHERE).rows.any()


def test_rows_that_may_not_speak_stay_silent():
    silent = EVERYWHERE.copy()
    silent[read(TEXTS[:1], BITS).rows] = False
    answer = ridge_learning.learn(read(TEXTS, BITS), asked(TEXTS, 3), silent)

    assert answer.rows.any()
    assert not answer.rows[~silent].any()


def test_what_was_answered_before_stays_and_other_rows_learn():
    first = ridge_learning.learn(read(TEXTS, BITS), asked(TEXTS, 3), EVERYWHERE)
    both = ridge_learning.learn(read(OTHERS, BITS), asked(OTHERS, 2), EVERYWHERE, first)

    assert both.bias == first.bias
    assert first.rows[read(OTHERS[:1], BITS).rows].any()
    assert np.array_equal(both.rows[first.rows != 0], first.rows[first.rows != 0])
    assert (ridge_learning.scores(read(OTHERS, BITS), both) > first.bias).tolist() == [True, True, False, False]


def test_yes_and_no_are_of_one_weight_in_all():
    question = evenly(together([asked(TEXTS, 2), asked(OTHERS, 1)]))

    assert question.texts == TEXTS + OTHERS
    assert question.weights[question.truth > 0].sum() == pytest.approx(5)
    assert question.weights.sum() == pytest.approx(10)
    assert some(question, question.truth > 0).texts == [*TEXTS[:2], OTHERS[0]]


def test_the_same_posts_give_the_same_answer():
    one, other = (ridge_learning.learn(read(TEXTS, BITS), asked(TEXTS, 3), EVERYWHERE) for _ in range(2))

    assert np.array_equal(one.rows, other.rows)
    assert one.bias == other.bias
