"""What the columns of a text's scores mean, and how they become probabilities."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas.vocabulary import Category, Intent, Sentiment

SENTIMENTS: tuple[Sentiment, ...] = ("neg", "neu", "pos")
CATEGORIES: tuple[Category, ...] = ("product_quality", "delivery", "service", "billing_price", "safety", "other")
INTENTS: tuple[Intent, ...] = ("none", "purchase", "repurchase", "churn", "help_question", "recommend")
SEVERITIES = 4
# Two experts read sentiment and complaints: one learned our definitions from our corpus, one the customs of public sets
# of reviews and microblogs. The gate says whose kind of text this is, and how much the scores of either count: who
# is sure outweighs one that is not (held-out F1 of our posts is 0.5 points higher than with a mean of probabilities).
SENTIMENT, COMPLAINT = slice(0, 3), 3
CATEGORY, SEVERITY, INTENT = slice(4, 10), slice(10, 14), slice(14, 20)
INTENSITY = 20
CUSTOMARY_SENTIMENT, CUSTOMARY_COMPLAINT = slice(21, 24), 24
GATE = 25
COUNT = 26

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


def beliefs(scores: Doubles) -> Beliefs:
    """Probabilities of ``scores`` [N, COUNT]."""
    gate = sigmoid(scores[:, GATE])
    sentiment = softmax(mixed(gate[:, None], scores[:, SENTIMENT], scores[:, CUSTOMARY_SENTIMENT]))
    complaint = sigmoid(mixed(gate, scores[:, COMPLAINT], scores[:, CUSTOMARY_COMPLAINT]))
    return Beliefs(
        sentiment, complaint, softmax(scores[:, CATEGORY]), softmax(scores[:, SEVERITY]), softmax(scores[:, INTENT]),
        np.clip(scores[:, INTENSITY], -1, 1), gate,
    )  # fmt: skip


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
