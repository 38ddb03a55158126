"""Learn the rows of n-grams: multi-task logistic regression by AdaGrad (Duchi, Hazan, Singer 2011), text by text."""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.text.model import heads
from pipeline.text.model.features import finished
from pipeline.text.training.reading import Read, texts_with
from pipeline.text.training.targets import Lesson

Floats = NDArray[np.float32]
_ONE_OF, _YES_OR_NO, _NUMBER = 0, 1, 2
_NEVER = -20.0  # log odds
_BIAS_PACE = 0.1  # of the rate: every text moves the bias
# First head, head after the last, and what is asked of each group of heads.
_GROUPS = np.array([
    (heads.SENTIMENT.start, heads.SENTIMENT.stop, _ONE_OF), (heads.COMPLAINT, heads.COMPLAINT + 1, _YES_OR_NO),
    (heads.CATEGORY.start, heads.CATEGORY.stop, _ONE_OF), (heads.SEVERITY.start, heads.SEVERITY.stop, _ONE_OF),
    (heads.INTENT.start, heads.INTENT.stop, _ONE_OF), (heads.INTENSITY, heads.INTENSITY + 1, _NUMBER),
    (heads.CUSTOMARY_SENTIMENT.start, heads.CUSTOMARY_SENTIMENT.stop, _ONE_OF),
    (heads.CUSTOMARY_COMPLAINT, heads.CUSTOMARY_COMPLAINT + 1, _YES_OR_NO), (heads.GATE, heads.GATE + 1, _YES_OR_NO),
])  # fmt: skip


class Habits(NamedTuple):
    """How to learn; chosen on the held-out fifth."""

    bits: int = 22  # log2 of the number of rows
    least: int = 12  # texts that hold an n-gram; from rarer ones nothing is learned
    kept: int = 300_000  # rows that say most, once everything was learned: only they learn again
    epochs: int = 6
    rate: float = 0.1
    decay: float = 1e-6  # of the weights
    drop: float = 0.3  # of the n-grams of a text, each time it is read


class Pace(NamedTuple):
    """The habits of one epoch."""

    rate: float
    decay: float
    drop: float


class Taught(NamedTuple):
    """The numbers of a lesson."""

    targets: Floats
    counted: Floats
    weights: Floats


class State(NamedTuple):
    """What is learned, and the sums of squared slopes that AdaGrad divides by."""

    rows: Floats
    squares: Floats
    bias: Floats
    bias_squares: Floats


class Learned(NamedTuple):
    """K heads."""

    rows: Floats  # [2**bits, K]
    bias: Floats  # [K]


def learn(seen: Read, lesson: Lesson, habits: Habits, seed: int) -> Learned:
    """Rows that answer the lesson; the same for the same seed. About 20 us a text and epoch.

    Everything is learned twice, the second time by the rows alone that said most the first time: rare n-grams know
    single posts by heart (without them complaints of posts never seen are found better, and the file is a third).
    """
    often = _limited(seen, texts_with(seen.rows, seen.row_bounds, 1 << habits.bits) >= habits.least)
    first = _learned(often, lesson, habits, seed)
    strength = (first.rows**2).sum(axis=1)
    speaking = np.zeros(len(strength), np.bool_)
    speaking[np.argsort(-strength, kind="stable")[: habits.kept]] = True
    return _learned(_limited(seen, speaking & (strength > 0)), lesson, habits, seed)


def _limited(seen: Read, speaking: NDArray[np.bool_]) -> Read:
    """The same texts with no other rows than those."""
    heard = speaking[seen.rows]
    bounds = np.concatenate([np.zeros(1, np.int64), np.cumsum(heard)])[seen.row_bounds]
    return seen._replace(rows=seen.rows[heard], row_bounds=bounds)


def _learned(seen: Read, lesson: Lesson, habits: Habits, seed: int) -> Learned:
    rows = np.zeros((1 << habits.bits, heads.JOINT), np.float32)
    squares, bias = np.full_like(rows, 1e-4), np.zeros(heads.JOINT, np.float32)
    bias_squares = np.full_like(bias, 1e-4)
    rng, taught = np.random.default_rng(seed), Taught(lesson.targets, lesson.counted, lesson.weights)
    for epoch in range(habits.epochs):
        pace = Pace(habits.rate * (1 - 0.9 * epoch / habits.epochs), habits.decay, habits.drop)
        order, salt = rng.permutation(len(lesson.texts)), rng.integers(1 << 62, dtype=np.uint64)
        _epoch(seen, taught, order, salt, State(rows, squares, bias, bias_squares), pace)
    return Learned(rows, bias)


def widened(learned: Learned) -> Learned:
    """The same for all heads: experts say nothing, and nothing is theirs to say."""
    rows, bias = np.zeros((len(learned.rows), heads.COUNT), np.float32), np.zeros(heads.COUNT, np.float32)
    rows[:, : heads.JOINT], bias[: heads.JOINT] = learned.rows, learned.bias
    bias[heads.TAKEAWAY] = _NEVER
    return Learned(rows, bias)


def answers(seen: Read, learned: Learned) -> Floats:
    """Scores of texts, [N, K]."""
    out = np.empty((len(seen.row_bounds) - 1, len(learned.bias)), np.float32)
    _answer(seen, learned.rows, learned.bias, out)
    return out


@numba.njit(cache=True)
def _answer(seen: Read, rows: Floats, bias: Floats, out: Floats) -> None:
    for number in range(len(seen.sizes)):
        found = seen.rows[seen.row_bounds[number] : seen.row_bounds[number + 1]]
        out[number] = _scores(found, seen.sizes[number], rows, bias)


@numba.njit(cache=True)
def _scores(found: NDArray[np.int32], size: int, rows: Floats, bias: Floats) -> Floats:
    scores, share = np.zeros(len(bias), np.float32), np.float32(1 / np.sqrt(max(size, 1)))
    for row in found:
        for head in range(len(bias)):
            scores[head] += rows[row, head]
    for head in range(len(bias)):
        scores[head] = scores[head] * share + bias[head]
    return scores


@numba.njit(cache=True)
def _epoch(seen: Read, taught: Taught, order: NDArray[np.int64], salt: np.uint64, state: State, pace: Pace) -> None:
    """Read every text once. Which of its n-grams are dropped is decided by a hash: no generator is needed in here."""
    kept = np.uint64((1 - pace.drop) * 2.0**32)
    for number in order:
        found = seen.rows[seen.row_bounds[number] : seen.row_bounds[number + 1]]
        if len(found) == 0:
            continue
        scores = _scores(found, seen.sizes[number], state.rows, state.bias)
        errors = _errors(scores, taught.targets[number], taught.counted[number])
        for head in range(len(errors)):
            errors[head] *= taught.weights[number]
            state.bias_squares[head] += errors[head] ** 2
            state.bias[head] -= _BIAS_PACE * pace.rate * errors[head] / np.sqrt(state.bias_squares[head])
        share, start = np.float32(1 / np.sqrt(seen.sizes[number])), salt + np.uint64(number)
        for place in range(len(found)):
            if finished(start * np.uint64(len(found) + 1) + np.uint64(place)) >> np.uint64(32) < kept:
                _step(state.rows[found[place]], state.squares[found[place]], errors, share, pace)


@numba.njit(cache=True)
def _step(row: Floats, squares: Floats, errors: Floats, share: np.float32, pace: Pace) -> None:
    for head in range(len(row)):
        if errors[head] != 0:
            slope = errors[head] * share + pace.decay * row[head]
            squares[head] += slope * slope
            row[head] -= pace.rate * slope / np.sqrt(squares[head])


@numba.njit(cache=True)
def _errors(scores: Floats, target: Floats, counted: Floats) -> Floats:
    """Derivative of the loss by each score: what is believed less what is true, where the text says something."""
    errors = np.zeros(len(scores), np.float32)
    for group in range(len(_GROUPS)):
        first, end, kind = _GROUPS[group]
        if kind == _ONE_OF:
            _exclusive(scores, target, counted, first, end, errors)
        elif kind == _YES_OR_NO:
            errors[first] = (1 / (1 + np.exp(-scores[first])) - target[first]) * counted[first]
        else:
            errors[first] = (scores[first] - target[first]) * counted[first]
    return errors


@numba.njit(cache=True)
def _exclusive(scores: Floats, target: Floats, counted: Floats, first: int, end: int, errors: Floats) -> None:
    """Errors of heads of which one is true, among those that are counted."""
    highest, total = np.float32(-np.inf), np.float32(0)
    for head in range(first, end):
        if counted[head] > 0:
            highest = max(highest, scores[head])
    for head in range(first, end):
        if counted[head] > 0:
            errors[head] = np.exp(scores[head] - highest)
            total += errors[head]
    for head in range(first, end):
        if counted[head] > 0:
            errors[head] = (errors[head] / total - target[head]) * counted[head]
