"""Sentences of every language, phenomenon and category, read by both weights as people mean them."""

import json
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import pytest

from pipeline.text.classifying import Classifier, Verdict
from pipeline.text.model.reader import packaged
from pipeline.text.safety import DANGER, Safety
from pipeline.text.training.examples import Phenomenon, Script, alike, corpus
from schemas.vocabulary import Category

FOLDER = Path(__file__).parent / "text"
Row = dict[str, Any]


def rows(*names: str) -> list[Row]:
    return [json.loads(line) for name in names for line in FOLDER.joinpath(name).read_text("utf-8").splitlines()]


SENTENCES = rows("understanding.jsonl")


@pytest.fixture(scope="module", params=["full", "clean"])
def verdicts(request: pytest.FixtureRequest) -> list[Verdict]:
    classifier = Classifier(packaged(request.param), Safety())
    return list(classifier.each([row["text"] for row in SENTENCES]))


def test_there_is_a_sentence_for_every_language_phenomenon_and_category():
    found = {(row["lang"], row["phenomenon"]) for row in SENTENCES}

    assert found == {(lang, phenomenon) for lang in get_args(Script) for phenomenon in get_args(Phenomenon)}
    assert {row["category"] for row in SENTENCES} >= set(get_args(Category))


def test_none_of_them_was_learned_from():
    assert alike([row["text"] for row in SENTENCES], [example.text for example in corpus()]) == []


@pytest.mark.parametrize(("field", "most"), [("sentiment", 0.15), ("complaint", 0.2), ("category", 0.35)])
def test_most_of_them_are_read_as_they_are_meant(verdicts: list[Verdict], field: str, most: float):
    told = [int(one.complaint_p >= 0.5) if field == "complaint" else getattr(one, field) for one in verdicts]
    missed = [(row["text"], row[field], one) for row, one in zip(SENTENCES, told, strict=True) if row[field] != one]

    assert len(missed) <= most * len(SENTENCES), missed


@pytest.mark.parametrize("group", ["lang", "phenomenon"])
def test_every_language_and_phenomenon_is_understood_in_part(verdicts: list[Verdict], group: str):
    right, count = Counter[str](), Counter[str]()
    for row, verdict in zip(SENTENCES, verdicts, strict=True):
        count[row[group]] += 2
        right[row[group]] += (verdict.sentiment == row["sentiment"]) + (
            (verdict.complaint_p >= 0.5) == row["complaint"]
        )

    assert {name: right[name] / total for name, total in count.items() if right[name] < total / 3} == {}


@pytest.mark.parametrize("row", [row for row in rows("safety.jsonl") if row["severity"] == DANGER], ids=str)
def test_danger_is_always_recalled(row: Row):
    (verdict,) = Classifier(packaged("full"), Safety()).each([row["text"]])

    assert (verdict.severity, verdict.complaint_p >= 0.2) == (DANGER, True)


def test_plain_sentences_and_harmless_ones_are_mostly_read_as_they_are_meant():
    asked = rows("sentiment.jsonl", "safety.jsonl")
    told = list(Classifier(packaged("full"), Safety()).each([row["text"] for row in asked]))
    missed = [
        (row, verdict)
        for row, verdict in zip(asked, told, strict=True)
        for field in ("sentiment", "severity")
        if field in row and getattr(verdict, field) != row[field]
    ]

    assert len(missed) <= 0.15 * len(asked), missed
