"""What every reader of texts gives back, whatever it reads by."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from schemas.vocabulary import Category, Intent, Language, Sentiment

MOST_WHY = 5


class Understood(NamedTuple):
    """Columns, one element per text. Numbers have three digits, so that sums do not depend on a machine."""

    lang: list[Language]
    sentiment: list[Sentiment]
    polarity: list[float]  # -1 most negative, 1 most positive
    complaint_p: list[float]  # probability that the author reports an unmet expectation, 0 to 1
    category: list[Category]  # of the complaint, if it is one
    severity: list[int]  # 0 nothing, 1 mild, 2 demands or leaves, 3 injury, danger, fraud, legal
    intent: list[Intent]
    intensity: list[float]  # of the complaint: -1 none at all, 1 strongest
    why: list[tuple[str, ...]]  # at most MOST_WHY readable pieces of the text that moved the decision, if asked for


class Reader(Protocol):
    """Understands texts. Deterministic; takes any text, an empty one and lone surrogates included."""

    def understand(self, texts: Sequence[str]) -> Understood:
        """One element per text in every column, ``why`` left empty; where batches are cut does not show."""

    def explain(self, texts: Sequence[str]) -> Understood:
        """The same with ``why``, for a third more time."""
