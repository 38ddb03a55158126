"""Measure weights on held-out posts by the verdicts that users get from them."""

from collections.abc import Mapping, Sequence

from agents.training.progress import bar
from pipeline.text.classifying import Classifier
from pipeline.text.evaluation import Report, evaluate
from pipeline.text.labels import Labelled
from pipeline.text.model.reader import ModelReader
from pipeline.text.model.weights import unpacked
from pipeline.text.safety import Safety
from pipeline.text.training.packing import Arrays


def scores(arrays: Arrays, labelled: Mapping[str, Sequence[Labelled]]) -> dict[str, Report]:
    """All measures by the name of the set."""
    classifier, reports = Classifier(ModelReader(unpacked(arrays)), Safety()), {}
    with bar("measuring") as report:
        for number, (name, posts) in enumerate(labelled.items(), 1):
            reports[name] = evaluate(posts, list(classifier.each([post.text for post in posts])))
            report(number, len(labelled))
    return reports
