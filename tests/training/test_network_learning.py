"""The network that PyTorch learns is the one that scoring computes, and the same lesson makes the same one."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra `train`")

from pipeline.text.model import heads  # noqa: E402  # after the extra is known to be there
from pipeline.text.model.canonical import alphabet, pack  # noqa: E402
from pipeline.text.model.network_scoring import by_network  # noqa: E402
from pipeline.text.model.ngram_scoring import by_ngrams  # noqa: E402
from pipeline.text.model.weights import unpacked  # noqa: E402
from pipeline.text.training import network_learning, ngram_learning, packing  # noqa: E402
from pipeline.text.training.examples import corpus  # noqa: E402
from pipeline.text.training.reading import read  # noqa: E402
from pipeline.text.training.targets import Lesson, of_corpus  # noqa: E402

pytestmark = pytest.mark.train
HABITS = network_learning.Habits(known=2_000, least=1, epochs=2)
NGRAMS = ngram_learning.Habits(bits=12, epochs=1)


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    return of_corpus(corpus()[::25], 1.0)


def learn(lesson: Lesson) -> tuple[network_learning.Network, np.ndarray, list[list[int]]]:
    torch.set_num_threads(1)
    features = read(lesson.texts, NGRAMS.bits)
    known = network_learning.vocabulary(features, HABITS)
    texts = network_learning.numbered(features, known)
    return network_learning.learn(texts, lesson, HABITS, 1, lambda _done, _all: None), known, texts


def test_packed_weights_score_as_the_network_does_within_their_8_bits(lesson: Lesson):
    network, known, texts = learn(lesson)
    rows = ngram_learning.widened(ngram_learning.learn(read(lesson.texts, NGRAMS.bits), lesson, NGRAMS, 1))
    weights = unpacked(packing.packed(rows, network, known))

    batch, letters = pack(lesson.texts), alphabet()

    plain = network_learning.answers(network, texts)
    told = by_network(batch, letters, weights)
    assert np.abs(told[:, : heads.JOINT] - plain).max() < 0.05 * np.abs(plain).max()
    assert not told[:, heads.JOINT :].any()
    plain = ngram_learning.answers(read(lesson.texts, NGRAMS.bits), rows)
    assert np.abs(by_ngrams(batch, letters, weights) - plain).max() < 0.05 * np.abs(plain).max()


def test_the_same_lesson_makes_the_same_network(lesson: Lesson):
    one, other = learn(lesson)[0].state_dict(), learn(lesson)[0].state_dict()

    assert all(torch.equal(one[name], other[name]) for name in one)


def test_coarse_values_are_at_most_one_step_away():
    values = np.arange(-127, 128, dtype=np.int8)[:, None]
    rounded = packing.coarse(values)

    assert np.abs(rounded.astype(int) - values).max() == 1
    assert (rounded % 3 == 0).all()
    assert (packing.coarse(rounded) == rounded).all()
