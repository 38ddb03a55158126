"""The measures are what their definitions say, on posts few enough to count by hand."""

import msgspec
import pytest

from pipeline.text.classifying import Verdict
from pipeline.text.evaluation import auc, correlation, evaluate, f1, ranks
from pipeline.text.labels import Labelled

VERDICT = Verdict(
    id=1, lang="en", sentiment="neu", polarity=0.0, complaint_p=0.1, category="none", severity=0, intensity=-0.9,
    intent="none", why=(), fingerprint="0" * 16,
)  # fmt: skip
POST = Labelled(text="a")
LABELS = ("sentiment", "complaint", "category", "severity", "intent")
TOLD = ("sentiment", "polarity", "complaint_p", "category", "severity", "intent")
ROWS = [  # labels, verdict
    (("neg", 1, "safety", 3, "churn"), ("neg", -0.8, 0.9, "safety", 3, "none")),
    (("neg", 1, "delivery", 1, "none"), ("neu", -0.1, 0.4, "none", 0, "none")),
    (("neu", 0, "none", 0, "none"), ("neu", 0.0, 0.4, "none", 3, "none")),
    (("pos", 0, "none", 0, "recommend"), ("pos", 0.9, 0.6, "service", 1, "recommend")),
]


def pairs(*names: str) -> tuple[list[Labelled], list[Verdict]]:
    """The rows with only some of their labels."""
    labels = [dict(zip(LABELS, label, strict=True)) for label, _ in ROWS]
    return (
        [msgspec.structs.replace(POST, **{name: label[name] for name in names}) for label in labels],
        [msgspec.structs.replace(VERDICT, **dict(zip(TOLD, told, strict=True))) for _, told in ROWS],
    )


def test_sentiment():
    report = evaluate(*pairs("sentiment"))

    assert report == {
        "n": 4, "sentiment_accuracy": 0.75, "sentiment_macro_f1": pytest.approx((2 / 3 + 2 / 3 + 1) / 3),
        "sentiment_macro_recall": pytest.approx((0.5 + 1 + 1) / 3),
        "sentiment_f1": {"neg": pytest.approx(2 / 3), "neu": pytest.approx(2 / 3), "pos": 1.0},
    }  # fmt: skip


def test_a_set_without_neutral_posts_is_read_by_the_sign_of_the_polarity():
    labelled, verdicts = pairs("sentiment")
    report = evaluate([labelled[0], labelled[1], labelled[3]], [verdicts[0], verdicts[1], verdicts[3]])

    assert report["sentiment_f1"] == {"neg": 1.0, "pos": 1.0}


def test_complaints():
    assert evaluate(*pairs("complaint")) == {
        "n": 4, "complaint_accuracy": 0.5, "complaint_macro_f1": 0.5, "complaint_auc": 0.625, "complaint_recall": 0.5,
        "complaint_precision": 0.5,
    }  # fmt: skip


def test_categories_are_measured_on_complaints_over_all_categories():
    report = evaluate(*pairs("category"))

    assert report["category_macro_f1_on_complaints"] == pytest.approx(1 / 6)
    assert report["category_f1"]["safety"] == 1.0
    assert report["category_f1"]["delivery"] == 0.0


def test_severity():
    assert evaluate(*pairs("severity")) == {
        "n": 4, "severity_macro_f1": pytest.approx((0.0 + 0.0 + 0.0 + 2 / 3) / 4), "severity3_recall": 1.0,
        "severity3_precision": 0.5, "severity3_false_alarms_on_non_complaints": 1,
    }  # fmt: skip


def test_intents():
    report = evaluate(*pairs("intent"))

    assert report["intent_f1"]["none"] == pytest.approx(0.8)
    assert report["intent_macro_f1"] == pytest.approx((0.8 + 1.0) / 6)


def test_intensity():
    labelled = [msgspec.structs.replace(POST, intensity=value) for value in (-1.0, 0.0, 0.5)]
    verdicts = [msgspec.structs.replace(VERDICT, intensity=value) for value in (-0.5, 0.0, 1.0)]
    report = evaluate(labelled, verdicts)

    assert report["intensity_mse"] == pytest.approx((0.25 + 0 + 0.25) / 3)
    assert report["intensity_spearman"] == pytest.approx(1.0)
    assert 0.9 < report["intensity_pearson"] < 1


def test_groups_are_told_with_their_size_and_what_was_right():
    labelled, verdicts = pairs("sentiment", "complaint")
    named = [
        msgspec.structs.replace(label, phenomenon=name, lang="en")
        for label, name in zip(labelled, ["plain", "plain", "sarcasm", None], strict=True)
    ]
    report = evaluate(named, verdicts)

    assert report["accuracy_by_phenomenon"] == {
        "(none)": {"n": 1, "sentiment": 1.0, "complaint": 0.0},
        "plain": {"n": 2, "sentiment": 0.5, "complaint": 0.5},
        "sarcasm": {"n": 1, "sentiment": 1.0, "complaint": 1.0},
    }
    assert report["accuracy_by_lang"] == {"en": {"n": 4, "sentiment": 0.75, "complaint": 0.5}}


def test_what_has_no_labels_is_not_measured():
    assert evaluate(*pairs()) == {"n": 4}


def test_one_class_alone_has_no_area_and_no_recall():
    labelled, verdicts = [msgspec.structs.replace(POST, complaint=0, severity=0)], [VERDICT]
    report = evaluate(labelled, verdicts)

    assert "complaint_auc" not in report
    assert "complaint_recall" not in report
    assert "severity3_recall" not in report


def test_equal_scores_share_their_rank():
    assert ranks([0.5, 0.1, 0.5, 0.9]) == [2.5, 1.0, 2.5, 4.0]
    assert ranks([]) == []


@pytest.mark.parametrize(
    ("scores", "area"), [([0.1, 0.2, 0.8, 0.9], 1.0), ([0.9, 0.8, 0.2, 0.1], 0.0), ([0.5] * 4, 0.5)]
)
def test_the_area_is_one_when_every_complaint_scores_above_the_rest(scores: list[float], area: float):
    assert auc([0, 0, 1, 1], scores) == area


def test_f1_of_a_class_that_nobody_names_is_zero():
    assert f1(["a", "b"], ["a", "a"], ["a", "b", "c"]) == {"a": pytest.approx(2 / 3), "b": 0.0, "c": 0.0}


def test_a_constant_correlates_with_nothing():
    assert correlation([1.0, 2.0], [3.0, 3.0]) is None
    assert correlation([1.0, 2.0], [6.0, 3.0]) == pytest.approx(-1.0)
