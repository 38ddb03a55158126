"""What a labelled post teaches each head: its target, and how much the head is to be taught by it."""

from collections.abc import Iterable, Sequence
from hashlib import sha1
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.text.model import heads
from pipeline.text.training.examples import Example
from schemas.vocabulary import Sentiment

FOLDS = 5

Floats = NDArray[np.float32]


class Lesson(NamedTuple):
    """Posts and what they teach. N posts, K heads."""

    texts: list[str]
    targets: Floats  # [N, K]: a probability, or the intensity
    counted: Floats  # [N, K]: 0 where the post says nothing about the head
    weights: Floats  # [N]


class Told(NamedTuple):
    """What a public set says of a post; None where it says nothing."""

    text: str
    sentiment: Sentiment | None = None
    complaint: bool | None = None
    intensity: float | None = None


def fold(text: str) -> int:
    """Which fifth of the corpus a post belongs to: fold 0 is held out, whatever else the corpus holds."""
    return int.from_bytes(sha1(text.encode(errors="replace"), usedforsecurity=False).digest()[:4], "big") % FOLDS


def of_corpus(examples: Sequence[Example], weight: float) -> Lesson:
    """What our own posts teach: everything but intensity and the customs of public sets."""
    lesson = _empty([example.text for example in examples], weight)
    for row, example in enumerate(examples):
        target, counted = lesson.targets[row], lesson.counted[row]
        counted[: heads.INTENSITY] = 1
        target[heads.SENTIMENTS.index(example.sentiment)] = 1
        target[heads.COMPLAINT] = example.complaint
        if example.category == "none":
            counted[heads.CATEGORY] = 0
        else:
            target[heads.CATEGORY][heads.CATEGORIES.index(example.category)] = 1
        target[heads.SEVERITY][example.severity] = 1
        target[heads.INTENT][heads.INTENTS.index(example.intent)] = 1
        target[heads.GATE] = counted[heads.GATE] = 1
    return lesson


def of_public(told: Sequence[Told], weight: float) -> Lesson:
    """What one public set teaches; of sentiment what its labels tell apart, rare labels more than frequent ones."""
    lesson = _empty([one.text for one in told], weight)
    labels = sorted({heads.SENTIMENTS.index(one.sentiment) for one in told if one.sentiment})
    often = {label: sum(one.sentiment == heads.SENTIMENTS[label] for one in told) for label in labels}
    for row, one in enumerate(told):
        target, counted = lesson.targets[row], lesson.counted[row]
        counted[heads.GATE] = 1
        if one.sentiment is not None:
            label = heads.SENTIMENTS.index(one.sentiment)
            target[heads.CUSTOMARY_SENTIMENT][label] = 1
            counted[heads.CUSTOMARY_SENTIMENT][labels] = 1
            lesson.weights[row] *= (len(told) / len(labels) / often[label]) ** 0.5
        if one.complaint is not None:
            target[heads.CUSTOMARY_COMPLAINT], counted[heads.CUSTOMARY_COMPLAINT] = one.complaint, 1
        if one.intensity is not None:
            target[heads.INTENSITY], counted[heads.INTENSITY] = one.intensity, 1
    return lesson


def together(lessons: Iterable[Lesson]) -> Lesson:
    """All of them in a row."""
    texts, targets, counted, weights = zip(*lessons, strict=True)
    return Lesson(
        [text for some in texts for text in some], np.vstack(targets), np.vstack(counted), np.concatenate(weights)
    )


def chosen(lesson: Lesson, rows: Sequence[int] | NDArray[np.int64]) -> Lesson:
    """Some posts of a lesson, by number."""
    numbers = np.asarray(rows, np.int64)
    texts = [lesson.texts[number] for number in numbers]
    return Lesson(texts, lesson.targets[numbers], lesson.counted[numbers], lesson.weights[numbers])


def _empty(texts: list[str], weight: float) -> Lesson:
    shape = (len(texts), heads.JOINT)
    return Lesson(
        texts, np.zeros(shape, np.float32), np.zeros(shape, np.float32), np.full(len(texts), weight, np.float32)
    )
