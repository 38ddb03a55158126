"""The reader turns scores into columns: consistent with each other, and careful where it has learned nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.model import heads
from pipeline.text.model.reader import ModelReader
from pipeline.text.model.weights import FILTERS, HIDDEN, KNOWN_FROM, WIDTHS, unpacked
from pipeline.text.training.ngram_learning import Habits, learn, widened
from pipeline.text.training.reading import read
from pipeline.text.training.targets import Told, of_public, together

COMPLAINTS = ["no refund after weeks", "they never delivered", "客服三天不回消息", "充电器用了两天就坏了"]
OTHERS = ["lovely walk by the river", "new store opens on Monday", "今天天气真好", "新店周一开业"]
BITS = 12


@pytest.fixture(scope="module")
def reader() -> ModelReader:
    """A reader that learned eight sentences by their n-grams; its network says nothing."""
    lesson = together([
        of_public([Told(text, complaint=text in COMPLAINTS) for text in [*COMPLAINTS, *OTHERS]], 1.0),
        of_public([*(Told(text, "neg") for text in COMPLAINTS), *(Told(text, "pos") for text in OTHERS)], 1.0),
    ])  # fmt: skip
    learned = widened(learn(read(lesson.texts, BITS), lesson, Habits(bits=BITS, least=1, epochs=60), seed=1))
    scales = np.abs(learned.rows).max(0) / 127 + 1e-9
    return ModelReader(unpacked({
        "row_count": np.array(1 << BITS), "row_gaps": np.ones(1 << BITS, np.uint16),
        "row_values": np.rint(learned.rows / scales).astype(np.int8), "row_scales": scales.astype(np.float32),
        "row_bias": learned.bias, "tokens": np.array([7], np.uint64),
        "embeddings": np.zeros((KNOWN_FROM + 1, 2), np.int8), "embedding_scales": np.ones(2, np.float32),
        "filters": np.zeros((sum(WIDTHS), 2, FILTERS), np.float32), "filter_bias": np.zeros(4 * FILTERS, np.float32),
        "hidden": np.zeros((4 * FILTERS + 2, HIDDEN), np.float32), "hidden_bias": np.zeros(HIDDEN, np.float32),
        "heads": np.zeros((HIDDEN, heads.COUNT), np.float32), "head_bias": np.zeros(heads.COUNT, np.float32),
        "blend": np.zeros(heads.COUNT, np.float32), "slope": np.ones(heads.COUNT, np.float32),
        "offset": np.zeros(heads.COUNT, np.float32),
    }))  # fmt: skip


def test_complaints_are_told_from_the_rest_with_a_reason_out_of_their_own_words(reader: ModelReader):
    told = reader.explain([*COMPLAINTS, *OTHERS])

    assert [probability >= 0.5 for probability in told.complaint_p] == [True] * 4 + [False] * 4
    assert [severity > 0 for severity in told.severity] == [True] * 4 + [False] * 4
    assert told.sentiment == ["neg"] * 4 + ["pos"] * 4
    assert all(told.why)
    assert all(piece in text for text, why in zip([*COMPLAINTS, *OTHERS], told.why, strict=True) for piece in why)


def test_traditional_characters_are_read_as_simplified_ones(reader: ModelReader):
    simplified, traditional = reader.explain(["充电器用了两天就坏了"]), reader.explain(["充電器用了兩天就壞了"])

    assert (simplified.lang, traditional.lang) == (["zh-Hans"], ["zh-Hant"])
    assert simplified[1:-1] == traditional[1:-1]


def test_another_language_is_neutral_and_hardly_a_complaint(reader: ModelReader):
    told = reader.explain(["no hay reembolso y nunca llegó el pedido para mí"])

    assert (told.lang, told.sentiment, told.severity, told.why) == (["other"], ["neu"], [0], [()])
    assert told.complaint_p[0] < 0.1


def test_where_batches_are_cut_does_not_show(reader: ModelReader):
    texts = [*COMPLAINTS, "", *OTHERS]
    alone = [reader.explain([text]) for text in texts]

    assert reader.explain(texts) == tuple([one[column][0] for one in alone] for column in range(len(alone[0])))
    assert reader.explain([]) == ([],) * 9


@given(texts=st.lists(st.text(st.characters(exclude_categories=()), max_size=30), max_size=3))
def test_any_text_has_columns_in_their_ranges(reader: ModelReader, texts: list[str]):
    told = reader.explain(texts)

    assert [len(column) for column in told] == [len(texts)] * len(told)
    assert all(0 <= value <= 1 for value in told.complaint_p)
    assert all(-1 <= value <= 1 for value in [*told.polarity, *told.intensity])
    assert all(value in range(4) for value in told.severity)


def test_half_of_what_is_customary_of_takeaways_is_said_by_their_own_expert():
    scores = np.zeros((3, heads.COUNT))
    scores[:, heads.GATE], scores[:, heads.CUSTOMARY_SENTIMENT] = -30, [1.0, 0.0, 0.0]
    scores[:, heads.TAKEAWAY], scores[:, heads.TAKEAWAY_OPINION] = [30, 0, -30], 3.0
    told = heads.beliefs(scores)

    assert told.takeaway == pytest.approx([0.5, 0.25, 0])
    odds = np.log(told.sentiment[:, 2] / told.sentiment[:, 0])
    assert odds == pytest.approx([1.0, 0.0, -1.0])
