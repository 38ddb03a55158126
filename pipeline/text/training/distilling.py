"""What teachers say about posts, as a lesson for the fast model."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from pipeline.text.model import heads
from pipeline.text.training.targets import Lesson

Floats = NDArray[np.float32]
OURS = heads.INTENSITY  # heads before it follow our definitions, which teachers know from our corpus


def with_opinions(lesson: Lesson, opinions: Mapping[str, Floats], trust: float, weight: float) -> Lesson:
    """The lesson, with what teachers believe about its posts.

    ``opinions`` are probabilities [OURS] by text. Where a post has labels of ours they count ``1 - trust`` and the
    teacher ``trust``, between 0 and 1; where it has none the teacher's word counts ``weight``, its category as much
    less as the post is likely no complaint.
    """
    targets, counted = lesson.targets.copy(), lesson.counted.copy()
    for row, text in enumerate(lesson.texts):
        believed = opinions.get(text)
        if believed is None:
            continue
        labelled = counted[row, :OURS] > 0
        targets[row, :OURS] = np.where(labelled, (1 - trust) * targets[row, :OURS] + trust * believed, believed)
        taught = np.full(OURS, weight, np.float32)
        taught[heads.CATEGORY] *= believed[heads.COMPLAINT]
        counted[row, :OURS] = np.where(labelled, counted[row, :OURS], taught)
    return lesson._replace(targets=targets, counted=counted)


def opinions(scores: Floats) -> Floats:
    """Probabilities [N, OURS] of a teacher's scores [N, K]."""
    wide = scores.astype(np.float64)
    believed = np.zeros((len(wide), OURS))
    for group in (heads.SENTIMENT, heads.CATEGORY, heads.SEVERITY, heads.INTENT):
        believed[:, group] = heads.softmax(wide[:, group])
    believed[:, heads.COMPLAINT] = heads.sigmoid(wide[:, heads.COMPLAINT])
    return believed.astype(np.float32)
