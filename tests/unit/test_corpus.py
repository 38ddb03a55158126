"""The labelled posts of the package: no contradictions, no copies, and nothing of what is kept for judging them."""

from collections import Counter
from pathlib import Path

import pytest

from pipeline.text.training.examples import Example, alike, bare, contradictions, corpus, read
from tests.builders import example

DEV = Path(__file__).parents[1] / "text" / "dev.jsonl"
SMALLEST = 6_000


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return corpus()


@pytest.fixture(scope="module")
def dev() -> list[Example]:
    return read(DEV.read_bytes())


def test_there_are_enough_and_every_label_occurs_often(examples: list[Example]):
    counts = Counter(
        (name, getattr(one, name))
        for one in examples
        for name in ("lang", "sentiment", "category", "severity", "intent", "phenomenon")
    )

    assert len(examples) >= SMALLEST
    assert min(counts.values()) >= 200


def test_labels_do_not_contradict_each_other(examples: list[Example], dev: list[Example]):
    assert [(one.id, problem) for one in [*examples, *dev] for problem in contradictions(one)] == []


@pytest.mark.parametrize(
    "labels",
    [
        {"complaint": 0}, {"category": "none"}, {"severity": 0}, {"intent": "churn", "severity": 1},
        {"phenomenon": "ad_spam"}, {"phenomenon": "past_resolved"}, {"sentiment": "pos"},
    ],
)  # fmt: skip
def test_labels_that_cannot_be_true_together_are_named(labels: dict[str, object]):
    assert list(contradictions(example())) == []
    assert list(contradictions(example(**labels))) != []


def test_ids_are_unique(examples: list[Example]):
    assert len({one.id for one in examples}) == len(examples)


def test_no_two_posts_are_nearly_the_same(examples: list[Example]):
    pairs = alike([one.text for one in examples])

    assert [(examples[one].id, examples[other].id) for one, other in pairs] == []


def test_no_post_is_nearly_one_that_is_kept_apart(examples: list[Example], dev: list[Example]):
    pairs = alike([one.text for one in examples], [one.text for one in dev])

    assert [(examples[one].id, dev[other].id) for one, other in pairs] == []


def test_copies_are_seen_through_case_width_punctuation_and_emoji():
    texts = [
        "充电器今早在桌上冒烟了,客服到现在没回",
        "something else entirely",
        "充电器今早在桌上冒烟了!!客服到现在没回😡",
    ]

    assert alike(texts) == [(2, 0)]
    assert alike(["The CHARGER caught fire on my desk - twice."], ["the charger caught fire on my desk twice"]) == [
        (0, 0)
    ]
    assert bare("Ｏｈ no!! 😱") == "ohno"
