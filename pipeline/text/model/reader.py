"""Understand posts by the text model: what the scores of a batch mean, column by column."""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.text.language import languages
from pipeline.text.model import heads
from pipeline.text.model.canonical import Packed, alphabet, pack
from pipeline.text.model.heads import Beliefs, Doubles
from pipeline.text.model.network_scoring import by_network
from pipeline.text.model.ngram_scoring import by_ngrams
from pipeline.text.model.reasons import pieces
from pipeline.text.model.weights import Weights, load
from pipeline.text.understanding import Understood
from schemas.vocabulary import Language

DANGER, DANGEROUS = 3, 0.25  # a severity, and the probability of it from which on a complaint has it
COMPLAINS = 0.5  # probability from which on a post is a complaint
_UNREAD, _FAINT = 0.05, -0.9  # probability and intensity of a complaint in a language that the model has not learned
_DIGITS = 3
_NEUTRAL = heads.SENTIMENTS.index("neu")

Reasons = Callable[[Sequence[str], Packed, Beliefs], list[tuple[str, ...]]]


class ModelReader:
    """Reads Chinese and English; every other language is neutral and hardly a complaint."""

    def __init__(self, weights: Weights) -> None:
        self._weights, self._letters = weights, alphabet()

    def understand(self, texts: Sequence[str]) -> Understood:
        """One element per text in every column; nobody is told why."""
        return self._columns(texts, _unexplained)

    def explain(self, texts: Sequence[str]) -> Understood:
        """The same, and what made it so."""
        return self._columns(texts, self._reasons)

    def _columns(self, texts: Sequence[str], reasons: Reasons) -> Understood:
        batch = pack(texts)
        spoken = languages(batch)
        rows = [row for row, language in enumerate(spoken) if language != "other"]
        if len(rows) == len(texts):
            return self._read(texts, batch, spoken, reasons)
        known, told = [texts[row] for row in rows], _unread(spoken)
        columns: list[list[Any]] = list(told)
        read: list[list[Any]] = list(self._read(known, pack(known), [spoken[row] for row in rows], reasons))
        for column, values in zip(columns, read, strict=True):
            for row, value in zip(rows, values, strict=True):
                column[row] = value
        return told

    def _read(self, texts: Sequence[str], batch: Packed, spoken: list[Language], reasons: Reasons) -> Understood:
        """The columns of texts in languages that the model has learned."""
        believed = heads.beliefs(self._scores(batch))
        complaint = np.round(believed.complaint, _DIGITS)
        severity = np.where(complaint >= COMPLAINS, _severity(believed.severity), 0)
        return Understood(
            spoken,
            [heads.SENTIMENTS[most] for most in believed.sentiment.argmax(1).tolist()],
            np.round(believed.sentiment[:, 2] - believed.sentiment[:, 0], _DIGITS).tolist(),
            complaint.tolist(),
            [heads.CATEGORIES[most] for most in believed.category.argmax(1).tolist()],
            severity.tolist(),
            [heads.INTENTS[most] for most in believed.intent.argmax(1).tolist()],
            np.round(_intensity(believed, spoken), _DIGITS).tolist(),
            reasons(texts, batch, believed),
        )

    def _scores(self, batch: Packed) -> Doubles:
        weights = self._weights
        scores = by_ngrams(batch, self._letters, weights)
        blended = scores + weights.blend * (by_network(batch, self._letters, weights) - scores)
        return blended.astype(np.float64) * weights.slope + weights.offset

    def _reasons(self, texts: Sequence[str], batch: Packed, believed: Beliefs) -> list[tuple[str, ...]]:
        """Of complaints what makes them complaints, of other feelings what tells them from indifference."""
        toward = _toward(believed) * self._weights.row_scales
        spans = pieces(batch, self._letters, self._weights, toward.astype(np.float32))
        starts, ends = spans[:, ::2], spans[:, 1::2]
        found = ends > 0
        where = zip(found.nonzero()[0].tolist(), starts[found].tolist(), ends[found].tolist(), strict=True)
        cut = iter([texts[row][start:end] for row, start, end in where])
        return [tuple(islice(cut, count)) for count in found.sum(1).tolist()]


@cache
def packaged(name: str) -> ModelReader:
    """The reader with the weights of the package that have this name, once a process: a second, ten the first time.

    It reads a text at once, so that compiling happens here and not while a consumer is waited for.

    Raises:
        FileNotFoundError: there are none; those there are are named.
    """
    reader = ModelReader(load(name))
    reader.explain(["ready"])
    return reader


def _unexplained(texts: Sequence[str], _batch: Packed, _believed: Beliefs) -> list[tuple[str, ...]]:
    return [()] * len(texts)


def _severity(believed: Doubles) -> NDArray[np.int64]:
    """Of complaints: the likeliest but none, and danger where it is likely enough: to miss one costs three times."""
    return np.where(believed[:, DANGER] >= DANGEROUS, DANGER, 1 + believed[:, 1:].argmax(1))


def _intensity(believed: Beliefs, languages: Sequence[Language]) -> Doubles:
    """As a public set of Chinese complaints taught it; in English, of which there is none, by the severity."""
    english = np.array([language == "en" for language in languages])
    return np.where(english, heads.gravity(believed.severity), believed.intensity)


def _toward(believed: Beliefs) -> Doubles:
    """What each head counts in the decision to explain, [N, K]; 0 where there is nothing to explain."""
    gates, most = believed.gate, believed.sentiment.argmax(1)
    experts = believed.takeaway
    toward = np.zeros((len(gates), heads.COUNT))
    complains = believed.complaint >= COMPLAINS
    toward[complains, heads.COMPLAINT] = gates[complains]
    toward[complains, heads.CUSTOMARY_COMPLAINT] = 1 - gates[complains]
    feels = np.flatnonzero(~complains & (most != _NEUTRAL))
    customary = (1 - gates) * (1 - experts)
    for group, share in ((heads.SENTIMENT, gates[feels]), (heads.CUSTOMARY_SENTIMENT, customary[feels])):
        toward[feels, group.start + _NEUTRAL] = -share
        toward[feels, group.start + most[feels]] = share
    toward[feels, heads.TAKEAWAY_OPINION] = ((1 - gates) * experts * (most - _NEUTRAL))[feels]
    return toward


def _unread(spoken: list[Language]) -> Understood:
    """What is told of texts of which nothing is claimed."""
    count = len(spoken)
    return Understood(
        spoken, ["neu"] * count, [0.0] * count, [_UNREAD] * count, ["other"] * count, [0] * count, ["none"] * count,
        [_FAINT] * count, [()] * count,
    )  # fmt: skip
