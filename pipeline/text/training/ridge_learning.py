"""Learn one question by logistic regression with a ridge penalty, all posts at once: better where they are few.

AdaGrad, which learns everything together, stops before the few posts of one custom are understood: of posts never
seen it finds complaints with an F1 of 77, this with 82 (``complaints_en``, folds within the posts learned from).
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.text.model import heads
from pipeline.text.training.reading import Read, texts_with

LEAST = 2  # posts that hold an n-gram which learns
_FREEDOM = 16.0  # of the coefficients: the inverse of the penalty, in units of the mean n-gram
_STEPS, _TURNS = 25, 40  # of Newton's method, and of conjugate gradients within each
_ENOUGH = 1e-3  # of the first slope: what is left of it at the end
_HALVINGS = 8  # of a step, before it is taken as it is

Doubles = NDArray[np.float64]
Product = Callable[[Doubles], Doubles]


class Question(NamedTuple):
    """Posts, and what is asked of them. N posts."""

    texts: list[str]
    truth: NDArray[np.float32]  # [N]: 1 yes, 0 no
    weights: NDArray[np.float32]  # [N]


class Answer(NamedTuple):
    """A column of coefficients: their sum over a post's n-grams, by the root of how many there are, is log odds."""

    rows: NDArray[np.float32]  # [2**bits]
    bias: float


class _Table(NamedTuple):
    """The n-grams that learn, post by post."""

    places: NDArray[np.int64]  # of the coefficient of each n-gram; those of post n are at bounds[n] to bounds[n + 1]
    bounds: NDArray[np.int64]
    shares: Doubles  # [N]
    scales: Doubles  # by coefficient: rare n-grams may say more
    known: Doubles  # [N]: log odds before anything is learned
    pace: float  # of the bias: 0 where it stays as it is


def evenly(question: Question) -> Question:
    """The same, with yes and no of one weight in all."""
    yes = question.truth > 0
    total, said = question.weights.sum(), question.weights[yes].sum()
    factors = np.where(yes, total / (2 * said), total / (2 * (total - said)))
    return question._replace(weights=(question.weights * factors).astype(np.float32))


def together(questions: Iterable[Question]) -> Question:
    """All posts of the questions in a row."""
    texts, truth, weights = zip(*questions, strict=True)
    return Question([text for some in texts for text in some], np.concatenate(truth), np.concatenate(weights))


def some(question: Question, rows: NDArray[np.bool_]) -> Question:
    """The posts that are chosen."""
    texts = [question.texts[row] for row in np.flatnonzero(rows)]
    return Question(texts, question.truth[rows], question.weights[rows])


def learn(seen: Read, question: Question, speaking: NDArray[np.bool_], before: Answer | None = None) -> Answer:
    """The answer to a question about the posts that were ``seen``, by rows that may speak, [2**bits]; 5 s for 10,000.

    Coefficients are penalised by the square of their size over the n-gram's inverse document frequency. What was
    answered ``before``, of other posts, stays as it is; only other rows learn. The same posts in the same order give
    the same answer.
    """
    start = before or Answer(np.zeros(len(speaking), np.float32), 0.0)
    often = texts_with(seen.rows, seen.row_bounds, len(speaking))
    chosen = np.flatnonzero(speaking & (often >= LEAST) & (start.rows == 0))
    rarity = np.log(len(question.texts) / often[chosen]) + 1
    scales = rarity / (rarity.sum() / max(len(chosen), 1))
    table = _Table(
        *_placed(seen, chosen, len(speaking)), 1 / np.sqrt(np.maximum(seen.sizes, 1)), scales, scores(seen, start),
        float(before is None),
    )  # fmt: skip
    learned = _newton(table, question.truth.astype(np.float64), question.weights.astype(np.float64))
    rows = start.rows.copy()
    rows[chosen] = learned[:-1] * table.scales
    return Answer(rows, start.bias + float(learned[-1]))


def scores(seen: Read, answer: Answer) -> Doubles:
    """Log odds of posts, [N]."""
    share = 1 / np.sqrt(np.maximum(seen.sizes, 1))
    found: Doubles = _sums(seen.rows.astype(np.int64), seen.row_bounds, answer.rows.astype(np.float64))
    return found * share + answer.bias


def _placed(seen: Read, chosen: NDArray[np.int64], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which of the chosen rows each post holds, by their position among them; and where each post begins."""
    numbers = np.full(count, -1, np.int64)
    numbers[chosen] = np.arange(len(chosen))
    places = numbers[seen.rows]
    bounds = np.concatenate([np.zeros(1, np.int64), np.cumsum(places >= 0)])[seen.row_bounds]
    return places[places >= 0], bounds


def _newton(table: _Table, truth: Doubles, weights: Doubles) -> Doubles:
    """Coefficients, before they are scaled, and the bias, which nothing penalises."""
    learned, penalty = np.zeros(len(table.scales) + 1), np.ones(len(table.scales) + 1)
    penalty[-1] = 0
    pull, first, bent = weights * _FREEDOM, 0.0, table._replace(known=np.zeros_like(table.known))

    def slope(at: Doubles) -> Doubles:
        return penalty * at + _spread(table, pull * (heads.sigmoid(_margins(table, at)) - truth))

    for _ in range(_STEPS):
        downhill = -slope(learned)
        first = first or _length(downhill)
        if _length(downhill) <= _ENOUGH * first:
            break
        likely = heads.sigmoid(_margins(table, learned))
        bend = partial(_bend, table=bent, curve=pull * likely * (1 - likely) + 1e-9, penalty=penalty)
        step = _solved(bend, downhill)
        learned = learned + _damped(step, learned, partial(_cost, table=table, truth=truth, pull=pull, penalty=penalty))
    return learned


def _bend(way: Doubles, table: _Table, curve: Doubles, penalty: Doubles) -> Doubles:
    """How much the slope changes along a way."""
    return penalty * way + _spread(table, curve * _margins(table, way))


def _damped(step: Doubles, at: Doubles, cost: Callable[[Doubles], float]) -> Doubles:
    """The step, halved until it makes things better."""
    now = cost(at)
    for _ in range(_HALVINGS):
        if cost(at + step) <= now:
            break
        step = step / 2
    return step


def _cost(at: Doubles, table: _Table, truth: Doubles, pull: Doubles, penalty: Doubles) -> float:
    margins = _margins(table, at)
    return float((penalty * at * at).sum() / 2 + (pull * (np.logaddexp(0, margins) - truth * margins)).sum())


def _solved(product: Product, wanted: Doubles) -> Doubles:
    """What the product turns into ``wanted``, roughly, by conjugate gradients (Hestenes and Stiefel 1952)."""
    found, left = np.zeros_like(wanted), wanted
    way, size = wanted, (wanted * wanted).sum()
    for _ in range(_TURNS):
        turned = product(way)
        stride = size / (way * turned).sum()
        found, left = found + stride * way, left - stride * turned
        now = (left * left).sum()
        if now <= 1e-4 * (wanted * wanted).sum():
            break
        way, size = left + now / size * way, now
    return found


def _margins(table: _Table, at: Doubles) -> Doubles:
    told: Doubles = _sums(table.places, table.bounds, at[:-1] * table.scales)
    margins: Doubles = told * table.shares + at[-1] + table.known
    return margins


def _spread(table: _Table, errors: Doubles) -> Doubles:
    """What the errors of posts say to the coefficients and the bias."""
    told = _told(table.places, table.bounds, errors * table.shares, len(table.scales)) * table.scales
    return np.append(told, table.pace * errors.sum())


def _length(vector: Doubles) -> float:
    return float((vector * vector).sum() ** 0.5)  # not by BLAS, whose sums depend on the number of threads


@numba.njit(cache=True)
def _sums(places: NDArray[np.int64], bounds: NDArray[np.int64], values: Doubles) -> Doubles:
    out = np.zeros(len(bounds) - 1)
    for number in range(len(out)):
        for place in places[bounds[number] : bounds[number + 1]]:
            out[number] += values[place]
    return out


@numba.njit(cache=True)
def _told(places: NDArray[np.int64], bounds: NDArray[np.int64], said: Doubles, count: int) -> Doubles:
    out = np.zeros(count)
    for number in range(len(said)):
        for place in places[bounds[number] : bounds[number + 1]]:
            out[place] += said[number]
    return out
