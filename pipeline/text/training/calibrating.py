"""Make scores into probabilities that mean what they say, head by head, on posts that nothing was learned from."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.text.model import heads
from pipeline.text.training.targets import Lesson

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
_STEPS = 30  # of Newton's method
_SLOPES = np.geomspace(0.3, 3, 47)  # that are tried for heads of which one is true
_BLENDS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)  # of the network's scores, that are tried
_LEAST = 1e-12  # probability


class Calibration(NamedTuple):
    """From the scores of both halves to those that probabilities are made of; [K] each, see ``model.weights``."""

    blend: Floats
    slope: Floats
    offset: Floats


class Fit(NamedTuple):
    """A slope and an offset of scores, and how well they then tell the truth: the higher the better."""

    goodness: float
    slope: float
    offset: float


def calibration(by_ngrams: Floats, by_network: Floats, held: Lesson) -> Calibration:
    """For each head the blend, slope and offset that tell the truth about held-out posts best."""
    made = neutral()
    for columns, fit in _FITS:
        rows = (held.counted[:, columns] > 0).all(axis=1)
        if rows.any():
            truth, halves = held.targets[rows, columns], (by_ngrams[rows, columns], by_network[rows, columns])
            best, made.blend[columns] = max((fit(_blended(*halves, blend), truth), blend) for blend in _BLENDS)
            made.slope[columns], made.offset[columns] = best.slope, best.offset
    return made


def neutral() -> Calibration:
    """Both halves alike where both have learned, and scores as they are."""
    made = Calibration(*(np.full(heads.COUNT, value, np.float32) for value in (0.5, 1, 0)))
    made.blend[heads.JOINT :] = 0
    return made


def _blended(by_ngrams: Floats, by_network: Floats, blend: float) -> Doubles:
    return (by_ngrams + np.float32(blend) * (by_network - by_ngrams)).astype(np.float64)


def platt(scores: Doubles, truth: Floats) -> Fit:
    """Slope and offset that make ``sigmoid(slope * score + offset)`` a probability (Platt 1999)."""
    return _weighted_platt(scores, truth, np.ones(truth.shape, np.float32))


def evened_platt(scores: Doubles, truth: Floats) -> Fit:
    """The same where the rarer answer counts more, by the root of how much rarer it is.

    So it is with the sentiments of public sets: how many of their posts are complaints says nothing of other posts,
    and halfway to even is where the F1 of both answers is highest.
    """
    share = np.clip(truth.mean(), 0.01, 0.99)
    weights = np.where(truth > 0, share, 1 - share) ** -0.5
    return _weighted_platt(scores, truth, np.asarray(weights, np.float32))


def _weighted_platt(scores: Doubles, truth: Floats, weights: Floats) -> Fit:
    slope, offset = 1.0, 0.0
    for _ in range(_STEPS):
        believed = heads.sigmoid(slope * scores + offset)
        wrong, certain = weights * (believed - truth), weights * (believed * (1 - believed) + 1e-9)
        gradient = np.array([(wrong * scores).sum(), wrong.sum()])
        curve = np.array([
            [(certain * scores * scores).sum() + 1e-6, (certain * scores).sum()],
            [(certain * scores).sum(), certain.sum() + 1e-6],
        ])  # fmt: skip
        slope, offset = np.array([slope, offset]) - np.linalg.solve(curve, gradient)
    likely = heads.sigmoid(np.where(truth > 0, 1, -1) * (slope * scores + offset))
    return Fit(float(np.average(np.log(likely + _LEAST), weights=weights)), float(slope), float(offset))


def tempered(scores: Doubles, truth: Floats) -> Fit:
    """The factor that makes the classes' ``softmax`` probabilities (Guo 2017)."""
    rows, classes = np.arange(len(truth)), truth.argmax(axis=1)
    likely = [np.log(heads.softmax(factor * scores)[rows, classes] + _LEAST).mean() for factor in _SLOPES]
    most = int(np.argmax(likely))
    return Fit(float(likely[most]), float(_SLOPES[most]), 0.0)


def as_it_is(scores: Doubles, truth: Floats) -> Fit:
    """A number is what it says, and the better the smaller its squared error is."""
    return Fit(-float(((scores - truth) ** 2).mean()), 1.0, 0.0)


_FITS: tuple[tuple[slice, Callable[[Doubles, Floats], Fit]], ...] = (
    *((slice(head, head + 1), platt) for head in (heads.COMPLAINT, heads.GATE)),
    (slice(heads.CUSTOMARY_COMPLAINT, heads.CUSTOMARY_COMPLAINT + 1), evened_platt),
    *((group, tempered) for group in (heads.SENTIMENT, heads.CATEGORY, heads.SEVERITY, heads.INTENT)),
    (heads.CUSTOMARY_SENTIMENT, tempered),
    (slice(heads.INTENSITY, heads.INTENSITY + 1), as_it_is),
)
