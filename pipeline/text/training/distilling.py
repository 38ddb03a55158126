"""What teachers say about posts, as a lesson for the fast model."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from pipeline.text.model import heads
from pipeline.text.training.targets import Lesson

Floats = NDArray[np.float32]
_ONE_OF = (heads.SENTIMENT, heads.CATEGORY, heads.SEVERITY, heads.INTENT)
_YES_OR_NO = (heads.COMPLAINT, heads.CUSTOMARY_COMPLAINT)


def with_opinions(lesson: Lesson, opinions: Mapping[str, Floats], trust: float, weight: float) -> Lesson:
    """The lesson, with what teachers believe about its posts.

    ``opinions`` are probabilities [K] by text, NaN where a teacher has none. Where a post has a label it counts
    ``1 - trust`` and the teacher ``trust``, between 0 and 1; where it has none the teacher's word counts ``weight``,
    its category as much less as the post is likely no complaint.
    """
    targets, counted = lesson.targets.copy(), lesson.counted.copy()
    for row, text in enumerate(lesson.texts):
        believed = opinions.get(text)
        if believed is None:
            continue
        labelled, said = counted[row] > 0, ~np.isnan(believed)
        mixed = np.where(labelled, (1 - trust) * targets[row] + trust * believed, believed)
        targets[row] = np.where(said, mixed, targets[row])
        taught = np.full(heads.JOINT, weight, np.float32)
        taught[heads.CATEGORY] *= believed[heads.COMPLAINT]
        counted[row] = np.where(said & ~labelled, taught, counted[row])
    return lesson._replace(targets=targets, counted=counted)


def opinions(scores: Floats, taught: Lesson) -> Floats:
    """Probabilities [N, K] out of a teacher's scores; NaN for heads about which its lesson said nothing."""
    wide, told = scores.astype(np.float64), (taught.counted > 0).any(axis=0)
    believed = np.full(wide.shape, np.nan)
    for group in _ONE_OF:
        believed[:, group] = heads.softmax(wide[:, group])
    for head in _YES_OR_NO:
        believed[:, head] = heads.sigmoid(wide[:, head])
    believed[:, ~told] = np.nan
    return believed.astype(np.float32)
