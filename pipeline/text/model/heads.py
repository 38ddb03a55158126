"""What the columns of a text's scores mean, and how they become probabilities."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas.vocabulary import Category, Intent, Sentiment

SENTIMENTS: tuple[Sentiment, ...] = ("neg", "neu", "pos")
CATEGORIES: tuple[Category, ...] = ("product_quality", "delivery", "service", "billing_price", "safety", "other")
INTENTS: tuple[Intent, ...] = ("none", "purchase", "repurchase", "churn", "help_question", "recommend")
SEVERITIES = 4
_TOWARD_POSITIVE = np.array([-1.0, 0.0, 1.0])  # by sentiment
# Two experts read sentiment and complaints: one learned our definitions from our corpus, one the customs of public sets
# of reviews and microblogs. The gate says whose kind of text this is, and how much the scores of either count: who
# is sure outweighs one that is not (held-out F1 of our posts is 0.5 points higher than with a mean of probabilities).
SENTIMENT, COMPLAINT = slice(0, 3), 3
CATEGORY, SEVERITY, INTENT = slice(4, 10), slice(10, 14), slice(14, 20)
INTENSITY = 20
CUSTOMARY_SENTIMENT, CUSTOMARY_COMPLAINT = slice(21, 24), 24
GATE = 25
JOINT = 26  # heads that both halves of the model learn, all at once
# Reviews of delivered food have customs of their own, which sets of other reviews blur: of n-grams alone.
TAKEAWAY, TAKEAWAY_OPINION = 26, 27  # whether it is such a review; positive against negative, if it is
COUNT = 28
EXPERTS = (CUSTOMARY_COMPLAINT, TAKEAWAY, TAKEAWAY_OPINION)  # columns of n-grams that learn one thing alone
_SHARE = 0.5  # of the expert for such reviews in what is customary of them

Doubles = NDArray[np.float64]


class Beliefs(NamedTuple):
    """Probabilities of a batch, one row a text."""

    sentiment: Doubles  # [N, 3], as SENTIMENTS
    complaint: Doubles  # [N]
    category: Doubles  # [N, 6], given that it is a complaint
    severity: Doubles  # [N, 4]
    intent: Doubles  # [N, 6]
    intensity: Doubles  # [N], -1 to 1, as the one public set of Chinese complaints has it
    gate: Doubles  # [N]: 1 where a text is of our corpus' kind, 0 where it is of public sets' kind
    takeaway: Doubles  # [N]: how much of the customary sentiment is that of reviews of delivered food


def beliefs(scores: Doubles) -> Beliefs:
    """Probabilities of ``scores`` [N, COUNT]."""
    gate, takeaway = sigmoid(scores[:, GATE]), _SHARE * sigmoid(scores[:, TAKEAWAY])
    sentiment = softmax(mixed(gate[:, None], scores[:, SENTIMENT], _customary(scores, takeaway)))
    complaint = sigmoid(mixed(gate, scores[:, COMPLAINT], scores[:, CUSTOMARY_COMPLAINT]))
    return Beliefs(
        sentiment, complaint, softmax(scores[:, CATEGORY]), softmax(scores[:, SEVERITY]), softmax(scores[:, INTENT]),
        np.clip(scores[:, INTENSITY], -1, 1), gate, takeaway,
    )  # fmt: skip


def _customary(scores: Doubles, takeaway: Doubles) -> Doubles:
    """Scores of the customary sentiment, [N, 3]; the share of the expert moves positive and negative alike."""
    customary = scores[:, CUSTOMARY_SENTIMENT]
    moved = takeaway * (scores[:, TAKEAWAY_OPINION] - (customary[:, 2] - customary[:, 0])) / 2
    shifted: Doubles = customary + moved[:, None] * _TOWARD_POSITIVE
    return shifted


def gravity(severity: Doubles) -> Doubles:
    """The expected severity, [N], from -1 for none to 1 for the worst."""
    expected: Doubles = 2 * (severity @ np.arange(SEVERITIES)) / (SEVERITIES - 1) - 1
    return expected


def mixed(gate: Doubles, ours: Doubles, customary: Doubles) -> Doubles:
    """The scores of both experts, weighted by the gate."""
    return gate * ours + (1 - gate) * customary


def softmax(scores: Doubles) -> Doubles:
    """Probabilities of classes that exclude each other, row by row; few classes are faster as long columns."""
    columns = np.ascontiguousarray(scores.T)
    raised = np.exp(columns - columns.max(axis=0))
    probabilities: Doubles = (raised / raised.sum(axis=0)).T
    return probabilities


def sigmoid(scores: Doubles) -> Doubles:
    """Probabilities of one class each."""
    probabilities: Doubles = 1 / (1 + np.exp(-scores))
    return probabilities
