"""Scores of the text model equal a plain computation of them, however texts are batched."""

from collections.abc import Callable

import numpy as np
import pytest

from pipeline.text.model.canonical import alphabet, canonical, pack
from pipeline.text.model.features import buffers, character_ngrams, tokens, word_ngrams
from pipeline.text.model.heads import COUNT
from pipeline.text.model.network_scoring import HEAD, TAIL, by_network
from pipeline.text.model.ngram_scoring import by_ngrams
from pipeline.text.model.weights import FILTERS, HIDDEN, KNOWN_FROM, WIDTHS, Weights, unpacked

TEXTS = [
    "No refund, no reply!!",
    "客服三天不回消息",
    "",
    "ok",
    "充電器 caught fire @bob https://a.example 😡",
    "word " * 300,
]
BITS, DIMENSIONS = 10, 6


def features(text: str) -> tuple[list[int], list[int]]:
    """Hashes of all n-grams of a text, and of its tokens."""
    batch, letters, room = pack([text]), alphabet(), buffers()
    length = canonical(batch.points, 0, len(batch.points), letters.folded, room.text, room.origin)
    ngrams = room.hashes[: character_ngrams(room.text, length, letters.kinds, room.hashes, room.ends)].tolist()
    count = tokens(room.text, length, letters.kinds, room.tokens, room.token_ends)
    words = word_ngrams(room.tokens, count, room.token_ends, room.text, letters.kinds, room.hashes, room.ends)
    return ngrams + room.hashes[:words].tolist(), room.tokens[:count].tolist()


@pytest.fixture(scope="module")
def stored() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    known = sorted({token for text in TEXTS for token in features(text)[1]})[::2]  # the others are unknown

    def floats(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    speaking = np.flatnonzero(rng.random(1 << BITS) < 0.5)
    return {
        "row_count": np.array(1 << BITS), "row_gaps": np.diff(speaking, prepend=-1).astype(np.uint16),
        "row_values": rng.integers(-127, 128, (len(speaking), COUNT)).astype(np.int8), "row_scales": abs(floats(COUNT)),
        "row_bias": floats(COUNT), "tokens": np.array(known, np.uint64),
        "embeddings": rng.integers(-127, 128, (KNOWN_FROM + len(known), DIMENSIONS)).astype(np.int8),
        "embedding_scales": abs(floats(DIMENSIONS)) / 100, "filters": floats(sum(WIDTHS), DIMENSIONS, FILTERS),
        "filter_bias": floats(4 * FILTERS), "hidden": floats(4 * FILTERS + DIMENSIONS, HIDDEN),
        "hidden_bias": floats(HIDDEN), "heads": floats(HIDDEN, COUNT), "head_bias": floats(COUNT),
        "blend": floats(COUNT), "slope": floats(COUNT), "offset": floats(COUNT),
    }  # fmt: skip


@pytest.fixture(scope="module")
def weights(stored: dict[str, np.ndarray]) -> Weights:
    return unpacked(stored)


def plain_ngrams(text: str, stored: dict[str, np.ndarray]) -> np.ndarray:
    """The definition, without any table or batch."""
    rows = np.zeros((1 << BITS, COUNT))
    rows[np.cumsum(stored["row_gaps"]) - 1] = stored["row_values"]
    found = features(text)[0]
    total = sum((rows[one % (1 << BITS)] for one in found), np.zeros(COUNT))
    return total * stored["row_scales"] / np.sqrt(max(len(found), 1)) + stored["row_bias"]


def plain_network(text: str, stored: dict[str, np.ndarray]) -> np.ndarray:
    """A convolution as books have it."""
    known = stored["tokens"].tolist()
    found = features(text)[1]
    found = found if len(found) <= HEAD + TAIL else found[:HEAD] + found[-TAIL:]
    ids = [KNOWN_FROM + known.index(one) if one in known else 2 + (one >> 40) % 512 for one in found] or [1]
    vectors = stored["embeddings"][ids] * stored["embedding_scales"]
    padded, first, pooled = np.vstack([vectors, np.zeros((max(WIDTHS), DIMENSIONS))]), 0, []
    for number, width in enumerate(WIDTHS):
        bias = stored["filter_bias"][number * FILTERS : (number + 1) * FILTERS]
        answers = [
            sum(padded[at + place] @ stored["filters"][first + place] for place in range(width)) + bias
            for at in range(len(ids))
        ]
        pooled.append(np.maximum(np.max(answers, axis=0), 0))
        first += width
    pooled.append(vectors.sum(0) / np.sqrt(len(ids) + 1))
    hidden = np.maximum(np.concatenate(pooled) @ stored["hidden"] + stored["hidden_bias"], 0)
    return hidden @ stored["heads"] + stored["head_bias"]


def test_scores_by_ngrams_are_the_mean_of_their_rows(stored: dict[str, np.ndarray], weights: Weights):
    scores = by_ngrams(pack(TEXTS), alphabet(), weights)

    assert np.allclose(scores, [plain_ngrams(text, stored) for text in TEXTS], rtol=1e-4, atol=1e-3)


def test_scores_by_the_network_are_those_of_a_convolution_within_its_8_bits(
    stored: dict[str, np.ndarray], weights: Weights
):
    scores = by_network(pack(TEXTS), alphabet(), weights)
    plain = np.array([plain_network(text, stored) for text in TEXTS])

    assert np.abs(scores - plain).max() < 0.02 * np.abs(plain).max()


@pytest.mark.parametrize("score", [by_ngrams, by_network])
def test_where_batches_are_cut_does_not_show(weights: Weights, score: Callable[..., np.ndarray]):
    alone = [score(pack([text]), alphabet(), weights) for text in TEXTS]

    assert np.array_equal(score(pack(TEXTS), alphabet(), weights), np.vstack(alone))
