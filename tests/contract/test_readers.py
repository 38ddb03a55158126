"""What every reader of texts promises, whatever it reads by."""

import json
from functools import cache, partial
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.model.reader import ModelReader
from pipeline.text.model.weights import load
from pipeline.text.understanding import MOST_WHY, Reader, Understood
from schemas.vocabulary import Category, Intent, Language, Sentiment

READERS = {name: partial(ModelReader, load(name)) for name in ("full", "clean")}
GOLDEN = Path(__file__).parents[1] / "golden" / "text"
TEXTS = [
    json.loads(line)["text"]
    for name in ("sentiment.jsonl", "safety.jsonl", "language.jsonl", "safety_words.jsonl")
    for line in GOLDEN.joinpath(name).read_text(encoding="utf-8").splitlines()
]
HOSTILE = ["", "\0", "\ud800", "🤬" * 500, "a" * 100_000, "不" * 20_000, "\u202e\u200d", "<script>", "{}", "\n"]
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
WORDS = {"lang": Language, "sentiment": Sentiment, "category": Category, "intent": Intent}
RANGES = {"polarity": (-1, 1), "complaint_p": (0, 1), "intensity": (-1, 1), "severity": (0, 3)}


@cache
def made(name: str) -> Reader:
    return READERS[name]()


def check(read: Understood, count: int) -> None:
    for name, column in read._asdict().items():
        assert len(column) == count, name
    for name, vocabulary in WORDS.items():
        assert set(getattr(read, name)) <= set(get_args(vocabulary)), name
    for name, (least, most) in RANGES.items():
        assert all(least <= value <= most and value == round(value, 3) for value in getattr(read, name)), name
    assert all(len(why) <= MOST_WHY and all(piece == piece.strip() != "" for piece in why) for why in read.why)


@pytest.mark.parametrize("name", READERS)
def test_every_column_has_a_value_in_range_for_every_text(name: str):
    texts = [*TEXTS, *HOSTILE]

    check(made(name).explain(texts), len(texts))


@pytest.mark.parametrize("name", READERS)
def test_the_same_texts_are_read_the_same_way_however_they_are_cut(name: str):
    whole = made(name).explain(TEXTS)
    singles = [made(name).explain([text]) for text in TEXTS]

    assert list(whole) == [[one[column][0] for one in singles] for column in range(len(whole))]
    assert READERS[name]().explain(TEXTS) == whole


@pytest.mark.parametrize("name", READERS)
def test_who_does_not_ask_why_is_told_the_same_otherwise(name: str):
    texts = [*TEXTS, "no hay reembolso y nunca llegó el pedido para mí"]
    told = made(name).explain(texts)

    assert made(name).understand(texts) == told._replace(why=[()] * len(texts))


@pytest.mark.parametrize("name", READERS)
def test_whoever_has_a_complaint_is_told_why(name: str):
    read = made(name).explain(TEXTS)
    complaints = [why for why, p in zip(read.why, read.complaint_p, strict=True) if p >= 0.5]

    assert complaints
    assert all(complaints)


@pytest.mark.parametrize("name", READERS)
def test_worse_complaints_are_more_intense(name: str):
    texts = ["The shop opens at nine", "The lid is a bit late", "Worst company ever, refund me now, total fraud"]
    intensity = made(name).explain(texts).intensity

    assert intensity == sorted(set(intensity))


@pytest.mark.parametrize("name", READERS)
@given(texts=st.lists(ANY_TEXT, max_size=5))
def test_any_text_is_read(name: str, texts: list[str]):
    check(made(name).explain(texts), len(texts))
