"""Understand posts by the text model: what the scores of a batch mean, column by column."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.text.language import LanguageFinder
from pipeline.text.model import heads
from pipeline.text.model.canonical import Packed, alphabet, pack
from pipeline.text.model.heads import Beliefs, Doubles
from pipeline.text.model.reasons import MOST, pieces
from pipeline.text.model.scoring import score
from pipeline.text.model.weights import Weights
from pipeline.text.understanding import Understood
from schemas.vocabulary import Language

COMPLAINS = 0.5  # probability from which on a post is a complaint
_UNREAD = 0.05  # probability of a complaint in a language that the model has not learned
_DIGITS = 3


class ModelReader:
    """Reads Chinese and English; every other language is neutral and hardly a complaint."""

    def __init__(self, weights: Weights) -> None:
        self._weights, self._letters, self._languages = weights, alphabet(), LanguageFinder()

    def understand(self, texts: Sequence[str]) -> Understood:
        """One element per text in every column."""
        if not texts:
            return Understood([], [], [], [], [], [], [], [], [])
        batch = pack(texts)
        scores = self._scores(batch)
        believed, languages = heads.beliefs(scores), [self._languages.language(text) for text in texts]
        complaint = np.round(believed.complaint, _DIGITS)
        severity = np.where(complaint >= COMPLAINS, 1 + believed.severity[:, 1:].argmax(1), 0)
        read = Understood(
            languages,
            [heads.SENTIMENTS[most] for most in believed.sentiment.argmax(1)],
            np.round(believed.sentiment[:, 2] - believed.sentiment[:, 0], _DIGITS).tolist(),
            complaint.tolist(),
            [heads.CATEGORIES[most] for most in believed.category.argmax(1)],
            severity.tolist(),
            [heads.INTENTS[most] for most in believed.intent.argmax(1)],
            np.round(believed.intensity, _DIGITS).tolist(),
            self._reasons(texts, batch, scores, believed),
        )
        return _unread(read, languages)

    def _scores(self, batch: Packed) -> Doubles:
        by_ngrams, by_network = score(batch, self._letters, self._weights)
        weights = self._weights
        blended = by_ngrams + weights.blend * (by_network - by_ngrams)
        return blended.astype(np.float64) * weights.slope + weights.offset

    def _reasons(
        self, texts: Sequence[str], batch: Packed, scores: Doubles, believed: Beliefs
    ) -> list[tuple[str, ...]]:
        """Of complaints what makes them complaints, of other feelings what tells them from indifference."""
        spans = np.empty(2 * MOST, np.int32)
        found: list[tuple[str, ...]] = []
        gates = heads.sigmoid(scores[:, heads.GATE])
        for row, text in enumerate(texts):
            toward = self._toward(believed, gates[row], row)
            if toward is None:
                found.append(())
                continue
            begin, end = batch.bounds[row], batch.bounds[row + 1]
            count = pieces(batch.points, begin, end, self._letters, self._weights.rows, toward, spans)
            found.append(tuple(text[spans[2 * one] : spans[2 * one + 1]].strip() for one in range(count)))
        return found

    def _toward(self, believed: Beliefs, gate: float, row: int) -> NDArray[np.float32] | None:
        """What each head counts in the decision to explain; None if there is nothing to explain."""
        toward, most = np.zeros(heads.COUNT), int(believed.sentiment[row].argmax())
        if believed.complaint[row] >= COMPLAINS:
            toward[heads.COMPLAINT], toward[heads.CUSTOMARY_COMPLAINT] = gate, 1 - gate
        elif heads.SENTIMENTS[most] != "neu":
            for group, share in ((heads.SENTIMENT, gate), (heads.CUSTOMARY_SENTIMENT, 1 - gate)):
                toward[group.start + heads.SENTIMENTS.index("neu")] = -share
                toward[group.start + most] = share
        else:
            return None
        return (toward * self._weights.row_scales).astype(np.float32)


def _unread(read: Understood, languages: Sequence[Language]) -> Understood:
    """The same, with nothing claimed about texts in other languages."""
    for row in (row for row, language in enumerate(languages) if language == "other"):
        read.sentiment[row], read.polarity[row], read.complaint_p[row] = "neu", 0.0, _UNREAD
        read.category[row], read.severity[row], read.intent[row] = "other", 0, "none"
        read.intensity[row], read.why[row] = 0.0, ()
    return read
