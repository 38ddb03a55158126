"""Experts for two customs that few posts teach: complaints of the public set, and opinions of delivered food."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from agents.training.public_sets import SETS
from pipeline.text.model import heads
from pipeline.text.normalise import is_cjk
from pipeline.text.training import ridge_learning
from pipeline.text.training.ngram_learning import Learned, widened
from pipeline.text.training.reading import read
from pipeline.text.training.ridge_learning import Question, evenly, some, together
from pipeline.text.training.targets import Lesson

_OURS = 0.1  # what a post of ours counts against one of the public set of complaints
_NEGATIVE, _POSITIVE = heads.CUSTOMARY_SENTIMENT.start, heads.CUSTOMARY_SENTIMENT.stop - 1


def specialised(learned: Learned, corpus: Lesson, public: Mapping[str, Lesson]) -> Learned:
    """What was learned, with a column for each expert; they speak through the rows that there are."""
    bits, speaking = len(learned.rows).bit_length() - 1, np.asarray(learned.rows.any(axis=1))
    made = widened(learned)
    for head, questions in (
        (heads.CUSTOMARY_COMPLAINT, complaints(corpus, public)),
        (heads.TAKEAWAY, [takeaways(public)]), (heads.TAKEAWAY_OPINION, [_opinions_of_takeaways(public)]),
    ):  # fmt: skip
        answer = None
        for question in questions:
            answer = ridge_learning.learn(read(question.texts, bits), question, speaking, answer)
        if answer is not None:
            made.rows[:, head], made.bias[head] = answer.rows, answer.bias
    return made


def complaints(corpus: Lesson, public: Mapping[str, Lesson]) -> list[Question]:
    """What is customarily a complaint, first of posts without Chinese characters, then of those with them.

    By the set that says so, by sets of complainers, and a little by our posts. Together the many Chinese reviews would
    spoil what the few English posts teach: F1 of posts never seen falls from 82 to 79.
    """
    asked = together(_complaints(corpus, public))
    chinese = np.array([any(map(is_cjk, text)) for text in asked.texts])
    return [evenly(some(asked, rows)) for rows in (~chinese, chinese) if rows.any()]


def _complaints(corpus: Lesson, public: Mapping[str, Lesson]) -> Iterator[Question]:
    for one in SETS:
        lesson = public.get(one.name)
        if lesson is not None and lesson.counted[:, heads.CUSTOMARY_COMPLAINT].any():
            yield _question(lesson, heads.CUSTOMARY_COMPLAINT, 1.0)
        elif lesson is not None and one.blame:
            yield _question(lesson, _NEGATIVE, one.blame)
    yield _question(corpus, heads.COMPLAINT, _OURS)


def takeaways(public: Mapping[str, Lesson]) -> Question:
    """Which posts of Chinese sets are reviews of delivered food."""
    return evenly(together(
        Question(lesson.texts, np.full(len(lesson.texts), one.takeaway, np.float32), _alike(lesson, 1.0))
        for one in SETS
        if one.name.endswith("_zh") and (lesson := public.get(one.name)) is not None
    ))  # fmt: skip


def _opinions_of_takeaways(public: Mapping[str, Lesson]) -> Question:
    return evenly(together(_question(public[one.name], _POSITIVE, 1.0) for one in SETS if one.takeaway))


def _question(lesson: Lesson, head: int, weight: float) -> Question:
    """A lesson's posts, asked for one of its heads."""
    return Question(lesson.texts, lesson.targets[:, head], _alike(lesson, weight))


def _alike(lesson: Lesson, weight: float) -> NDArray[np.float32]:
    return np.full(len(lesson.texts), weight, np.float32)
