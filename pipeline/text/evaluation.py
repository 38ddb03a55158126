"""Measure verdicts against labels: F1, recall, precision, AUC and squared error, also by phenomenon and by language."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, get_args

from pipeline.text.classifying import COMPLAINT, Verdict
from pipeline.text.labels import Labelled
from schemas.vocabulary import Category, Intent, Sentiment

_SENTIMENTS: tuple[str, ...] = get_args(Sentiment)
_CATEGORIES: tuple[str, ...] = get_args(Category)
_INTENTS: tuple[str, ...] = get_args(Intent)
_SEVERITIES = (0, 1, 2, 3)
_WORST = 3

Pair = tuple[Labelled, Verdict]
Report = dict[str, Any]  # numbers from 0 to 1 by the name of the measure, and tables of them


def evaluate(labelled: Sequence[Labelled], verdicts: Sequence[Verdict]) -> Report:
    """All measures for which there are labels.

    F1 is averaged over all classes of a label, those that do not occur included. Posts that are labelled negative or
    positive only are read by the sign of their polarity; categories are measured on complaints.
    """
    pairs = list(zip(labelled, verdicts, strict=True))
    report: Report = {"n": len(pairs)}
    for measure in (_sentiment, _complaint, _category, _severity, _intent, _intensity):
        report |= measure(pairs)
    for group in ("phenomenon", "lang"):
        if any(getattr(label, group) for label in labelled):
            report[f"accuracy_by_{group}"] = _accuracies(pairs, group)
    return report


def f1(truth: Sequence[object], told: Sequence[object], classes: Iterable[object]) -> dict[str, float]:
    """F1 of each class; 0 for one that neither occurs nor is told."""
    scores = {}
    for one in classes:
        hits = sum(a == b == one for a, b in zip(truth, told, strict=True))
        named = sum(a == one for a in truth) + sum(b == one for b in told)
        scores[str(one)] = 2 * hits / named if named else 0.0
    return scores


def auc(truth: Sequence[int], scores: Sequence[float]) -> float | None:
    """Area under the ROC curve: how often a 1 scores above a 0; None if one of them does not occur."""
    ones, zeros = sum(truth), len(truth) - sum(truth)
    if not ones or not zeros:
        return None
    above = sum(rank for rank, one in zip(ranks(scores), truth, strict=True) if one) - ones * (ones + 1) / 2
    return above / (ones * zeros)


def ranks(values: Sequence[float]) -> list[float]:
    """The place of each value from 1, equal ones in the middle of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    places, start = [0.0] * len(values), 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for position in order[start:end]:
            places[position] = (start + end + 1) / 2
        start = end
    return places


def correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Pearson's; None if one side is constant."""
    mean, means = sum(one) / len(one), sum(other) / len(other)
    spread = sum((a - mean) ** 2 for a in one) * sum((b - means) ** 2 for b in other)
    if not spread:
        return None
    return float(sum((a - mean) * (b - means) for a, b in zip(one, other, strict=True)) / spread**0.5)


def _sentiment(pairs: Sequence[Pair]) -> Report:
    known = [(label.sentiment, verdict) for label, verdict in pairs if label.sentiment]
    if not known:
        return {}
    truth = [label for label, _ in known]
    told = [_polar(verdict) if "neu" not in truth else verdict.sentiment for _, verdict in known]
    classes = [one for one in _SENTIMENTS if one != "neu" or one in truth]
    scores = f1(truth, told, classes)
    return {
        "sentiment_accuracy": _accuracy(truth, told),
        "sentiment_macro_f1": _mean(scores.values()),
        "sentiment_macro_recall": _mean(_recall(truth, told, one) for one in classes if one in truth),
        "sentiment_f1": scores,
    }


def _polar(verdict: Verdict) -> str:
    return "neg" if verdict.polarity < 0 else "pos"


def _complaint(pairs: Sequence[Pair]) -> Report:
    known = [(label.complaint, verdict.complaint_p) for label, verdict in pairs if label.complaint is not None]
    if not known:
        return {}
    truth, scores = [label for label, _ in known], [score for _, score in known]
    told = [int(score >= COMPLAINT) for score in scores]
    hits = sum(a and b for a, b in zip(truth, told, strict=True))
    return _present({
        "complaint_accuracy": _accuracy(truth, told),
        "complaint_macro_f1": _mean(f1(truth, told, (0, 1)).values()),
        "complaint_auc": auc(truth, scores),
        "complaint_recall": hits / sum(truth) if any(truth) else None,
        "complaint_precision": hits / max(1, sum(told)),
    })  # fmt: skip


def _category(pairs: Sequence[Pair]) -> Report:
    known = [(label.category, verdict.category) for label, verdict in pairs if label.category not in (None, "none")]
    if not known:
        return {}
    scores = f1([label for label, _ in known], [told for _, told in known], _CATEGORIES)
    return {"category_macro_f1_on_complaints": _mean(scores.values()), "category_f1": scores}


def _severity(pairs: Sequence[Pair]) -> Report:
    known = [(label.severity, verdict.severity) for label, verdict in pairs if label.severity is not None]
    if not known:
        return {}
    truth, told = [label for label, _ in known], [level for _, level in known]
    worst = sum(a == b == _WORST for a, b in known)
    return _present({
        "severity_macro_f1": _mean(f1(truth, told, _SEVERITIES).values()),
        "severity3_recall": worst / truth.count(_WORST) if _WORST in truth else None,
        "severity3_precision": worst / max(1, told.count(_WORST)),
        "severity3_false_alarms_on_non_complaints": sum(a == 0 and b == _WORST for a, b in known),
    })  # fmt: skip


def _intent(pairs: Sequence[Pair]) -> Report:
    known = [(label.intent, verdict.intent) for label, verdict in pairs if label.intent]
    if not known:
        return {}
    scores = f1([label for label, _ in known], [told for _, told in known], _INTENTS)
    return {"intent_macro_f1": _mean(scores.values()), "intent_f1": scores}


def _intensity(pairs: Sequence[Pair]) -> Report:
    known = [(label.intensity, verdict.intensity) for label, verdict in pairs if label.intensity is not None]
    if not known:
        return {}
    truth, told = [label for label, _ in known], [value for _, value in known]
    return _present({
        "intensity_mse": _mean((a - b) ** 2 for a, b in known),
        "intensity_pearson": correlation(truth, told),
        "intensity_spearman": correlation(ranks(truth), ranks(told)),
    })  # fmt: skip


def _accuracies(pairs: Sequence[Pair], group: str) -> dict[str, dict[str, float]]:
    """By the value of a field: how many posts, and how often sentiment and complaint are right where labelled."""
    grouped: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        grouped[getattr(pair[0], group) or "(none)"].append(pair)
    rights: dict[str, Callable[[Labelled, Verdict], bool | None]] = {
        "sentiment": lambda label, verdict: verdict.sentiment == label.sentiment if label.sentiment else None,
        "complaint": lambda label, verdict: (
            None if label.complaint is None else (verdict.complaint_p >= COMPLAINT) == bool(label.complaint)
        ),
    }
    tables = {}
    for value, members in sorted(grouped.items()):
        row: dict[str, float] = {"n": len(members)}
        for name, right in rights.items():
            marks = [mark for pair in members if (mark := right(*pair)) is not None]
            row |= {name: _mean(marks)} if marks else {}
        tables[value] = row
    return tables


def _present(report: dict[str, float | None]) -> Report:
    return {name: value for name, value in report.items() if value is not None}


def _accuracy(truth: Sequence[object], told: Sequence[object]) -> float:
    return _mean(a == b for a, b in zip(truth, told, strict=True))


def _recall(truth: Sequence[object], told: Sequence[object], one: object) -> float:
    return _mean(b == one for a, b in zip(truth, told, strict=True) if a == one)


def _mean(values: Iterable[float]) -> float:
    gathered = list(values)
    return sum(gathered) / len(gathered)
