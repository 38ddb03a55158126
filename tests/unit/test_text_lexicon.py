"""The word lists read feelings, complaints, danger and intents."""

import json
from pathlib import Path

import pytest

from pipeline.text.lexicon import LexiconReader

_GOLDEN = Path(__file__).parents[1] / "golden" / "text"


@pytest.fixture(scope="module")
def reader() -> LexiconReader:
    return LexiconReader()


def rows(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in _GOLDEN.joinpath(name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("row", [*rows("sentiment.jsonl"), *rows("safety.jsonl")], ids=lambda row: row["text"][:24])
def test_a_sentence_is_read_as_it_is_meant(reader: LexiconReader, row: dict[str, object]):
    columns = reader.understand([str(row["text"])])._asdict()

    assert {name: columns[name][0] for name in row if name != "text"} == {k: v for k, v in row.items() if k != "text"}


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("The courier never delivered my parcel", "delivery"),
        ("I was charged twice and the refund is missing from my bill", "billing_price"),
        ("客服态度太差，一直没人接", "service"),
        ("屏幕坏了，质量太差", "product_quality"),
        ("轮椅进不去，虚假宣传", "other"),
    ],
)
def test_a_complaint_has_the_category_of_its_cues(reader: LexiconReader, text: str, category: str):
    read = reader.understand([text])

    assert read.category == [category]
    assert read.complaint_p[0] >= 0.5


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("I am cancelling my plan, never again", "churn"),
        ("Bought another one last week", "repurchase"),
        ("where can I buy this kettle", "purchase"),
        ("I recommend this kettle", "recommend"),
        ("how do I clean this kettle", "help_question"),
        ("再也不买了，推荐别家", "churn"),
        ("想买一个水壶", "purchase"),
        ("请问水壶怎么用", "help_question"),
        ("周一开门", "none"),
    ],
)
def test_the_first_intent_that_applies_counts(reader: LexiconReader, text: str, intent: str):
    assert reader.understand([text]).intent == [intent]


def test_a_complaint_with_a_demand_is_severer_than_a_plain_one(reader: LexiconReader):
    read = reader.understand(["The zipper is broken, bad quality", "The zipper is broken, I demand a full refund"])

    assert read.severity == [1, 2]


def test_a_solved_problem_is_no_complaint(reader: LexiconReader):
    read = reader.understand(["The kettle was faulty but it is fixed now", "客服处理好了，已退款，谢谢"])

    assert max(read.complaint_p) < 0.5
    assert "neg" not in read.sentiment


def test_other_languages_are_neutral_and_hardly_complaints(reader: LexiconReader):
    read = reader.understand(["La bouilloire ne marche pas et le service est nul"])

    assert read.sentiment == ["neu"]
    assert read.severity == [0]
    assert read.complaint_p[0] < 0.1


def test_traditional_and_simplified_spellings_read_the_same(reader: LexiconReader):
    simplified = reader.understand(["这家店的售后太差，要求退款赔偿"])
    traditional = reader.understand(["這家店的售後太差，要求退款賠償"])

    assert traditional._replace(lang=[]) == simplified._replace(lang=[])


def test_no_texts_give_no_rows(reader: LexiconReader):
    assert all(column == [] for column in reader.understand([]))
