"""Understand posts by word lists: no model, no download, the same answer everywhere."""

import math
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, get_args

from pipeline.text.cues import Cue, Cues
from pipeline.text.language import LanguageFinder
from pipeline.text.normalise import fold
from pipeline.text.understanding import MOST_WHY, Understood
from schemas.vocabulary import Category, Intent, Language, Sentiment

_SHIFTS = {"negate": 1.0, "intensify": 1.4, "soften": 0.6, "contrast": 1.0}
_UNDER_NEGATION = {True: -0.6, False: -0.35}  # by "is positive": "not good" is worse than "not bad" is good
_AFTER_CONTRAST = 0.5  # what was said before "but" counts half
_REACH = {True: 26, False: 13}  # by "is ASCII": bytes a shift reaches, about four words or four characters
_STRONGEST = 2.0  # however many intensifiers
_BREAK = re.compile(rb"[.,!?;\n]")
_NEUTRAL_BAND = 0.2
_COMPLAINS = 0.5
_INTENTS: dict[str, Intent] = {  # the first one counts
    "intent.churn": "churn",
    "intent.repurchase": "repurchase",
    "intent.purchase": "purchase",
    "intent.recommend": "recommend",
    "intent.help_question": "help_question",
}
_CATEGORIES: tuple[Category, ...] = get_args(Category)
_CATEGORY_RANK = {f"category.{name}": rank for rank, name in enumerate(_CATEGORIES)}  # the first of equals
_LOGITS = {
    "tone.complaint": 1.2, "tone.demand": 1.1, "intent.churn": 1.4, "hazard.harm": 0.5, "hazard.law": 0.5,
    "tone.report": -1.1, "tone.offer": -1.8, "tone.resolved": -1.8, "tone.question": -0.4, "intent.recommend": -0.5,
}  # fmt: skip
_BIAS = -1.0  # logit of a neutral text without cues
_FEELING = 2.5  # logit per unit of negative polarity
_SOFTNESS = 8.0  # squared score at which polarity is 0.7
_COMPLAINING = 0.8  # what a complaint cue takes from the score
_SECOND_HAND = 0.3  # how much of the feeling in news and advertisements is their author's
_HAZARD_LIVED = 0.75  # least probability of a complaint when harm is told as lived through
_HAZARD_FEELING = 0.3  # and how negative it is at least
_MOST = 2  # a mark counts at most this often


class Reading(NamedTuple):
    """One text understood; the fields are the columns of ``Understood``."""

    lang: Language
    sentiment: Sentiment
    polarity: float
    complaint_p: float
    category: Category
    severity: int
    intent: Intent
    intensity: float
    why: tuple[str, ...]


_UNREAD = Reading("other", "neu", 0.0, 0.05, "other", 0, "none", -0.9, ())


class LexiconReader:
    """Reads Chinese and English; every other language is neutral and hardly a complaint."""

    def __init__(self) -> None:
        self._cues = Cues()
        self._languages = LanguageFinder()

    def understand(self, texts: Sequence[str]) -> Understood:
        """One element per text in every column."""
        readings = [self._read(text) for text in texts]
        return Understood(
            lang=[reading.lang for reading in readings],
            sentiment=[reading.sentiment for reading in readings],
            polarity=[reading.polarity for reading in readings],
            complaint_p=[reading.complaint_p for reading in readings],
            category=[reading.category for reading in readings],
            severity=[reading.severity for reading in readings],
            intent=[reading.intent for reading in readings],
            intensity=[reading.intensity for reading in readings],
            why=[reading.why for reading in readings],
        )

    def _read(self, text: str) -> Reading:
        lang = self._languages.language(text)
        if lang == "other":
            return _UNREAD
        data = fold(text).encode(errors="replace")
        cues = self._cues.find(data)
        score, marks = _weigh(cues, data)
        return _judge(lang, score, marks, _strongest(cues, data))


def _weigh(cues: Iterable[Cue], data: bytes) -> tuple[float, dict[str, int]]:
    """The sum of feelings, each as its context shifts it, and how often each mark occurs; negated hazards never."""
    score, factor, negated, since, reach = 0.0, 1.0, False, -1, 0
    marks: dict[str, int] = {}
    for (weight, shift, names), start, end in cues:
        if since >= 0 and (start - since > reach or _BREAK.search(data, since, start)):
            factor, negated, since = 1.0, False, -1
        for name in names:
            if not (negated and name.startswith("hazard")):
                marks[name] = marks.get(name, 0) + 1
        if weight:
            score += weight * factor * (_UNDER_NEGATION[weight > 0] if negated else 1.0)
        elif shift == "contrast":
            score *= _AFTER_CONTRAST
        if shift:
            factor, negated, since = min(factor * _SHIFTS[shift], _STRONGEST), negated != (shift == "negate"), end
            reach = _REACH[data[start:end].isascii()]
    return score, marks


def _strongest(cues: Iterable[Cue], data: bytes) -> tuple[str, ...]:
    """The cues that can move a decision most, without their context, the heaviest first."""
    weights: dict[str, float] = {}
    for (weight, _, names), start, end in cues:
        moved = abs(weight) + sum(abs(_LOGITS.get(name, 0.0)) for name in names)
        if moved:
            weights[data[start:end].decode(errors="replace")] = moved
    return tuple(sorted(weights, key=lambda cue: -weights[cue])[:MOST_WHY])


def _judge(lang: Language, score: float, marks: dict[str, int], why: tuple[str, ...]) -> Reading:
    polarity = _polarity(score, marks)
    complaint_p = _complaint(polarity, marks)
    hazard = marks.get("hazard.harm", 0) + marks.get("hazard.law", 0)
    told = marks.get("tone.report", 0) + marks.get("tone.offer", 0)  # by somebody who reports or sells
    lived = marks.get("tone.self", 0) + marks.get("tone.incident", 0) > told
    if hazard and lived and not marks.get("tone.resolved"):
        complaint_p = max(complaint_p, _HAZARD_LIVED)
        polarity = min(polarity, -_HAZARD_FEELING)
    complains = complaint_p >= _COMPLAINS
    return Reading(
        lang=lang,
        sentiment="neg" if polarity < -_NEUTRAL_BAND else "pos" if polarity > _NEUTRAL_BAND else "neu",
        polarity=round(polarity, 3),
        complaint_p=round(complaint_p, 3),
        category=_category(marks),
        severity=_severity(marks, complains, hazard > 0),
        intent=_intent(marks),
        intensity=round((2 * complaint_p - 1 - polarity) / 2, 3),
        why=why,
    )


def _polarity(score: float, marks: dict[str, int]) -> float:
    score -= _COMPLAINING * marks.get("tone.complaint", 0)
    polarity = score / math.sqrt(score * score + _SOFTNESS)
    if marks.get("tone.resolved"):
        polarity = abs(polarity)
    if "tone.report" in marks or "tone.offer" in marks:
        return polarity * _SECOND_HAND
    return polarity


def _complaint(polarity: float, marks: dict[str, int]) -> float:
    logit = _BIAS - _FEELING * polarity
    for mark, count in marks.items():
        if mark in _LOGITS:
            logit += _LOGITS[mark] * min(count, _MOST)
    return 1 / (1 + math.exp(-logit))


def _category(marks: dict[str, int]) -> Category:
    """The one with most cues; physical harm wins over all."""
    if "hazard.harm" in marks:
        return "safety"
    found = [(-count, _CATEGORY_RANK[mark]) for mark, count in marks.items() if mark in _CATEGORY_RANK]
    return _CATEGORIES[min(found)[1]] if found else "other"


def _intent(marks: dict[str, int]) -> Intent:
    for mark, intent in _INTENTS.items():
        if mark in marks:
            return intent
    return "none"


def _severity(marks: dict[str, int], complains: bool, hazard: bool) -> int:
    """Recall first: a hazard in a complaint is critical, and a hazard nobody complains about is still noted."""
    if hazard:
        return 3 if complains else 2
    if not complains:
        return 0
    return 2 if "tone.demand" in marks or "intent.churn" in marks else 1
