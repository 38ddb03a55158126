"""What ``tocsin classify --evaluate`` prints: tables for people, one JSON object for machines."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from agents.post_source import JSONL
from pipeline.text import labels
from pipeline.text.classifying import Classifier
from pipeline.text.evaluation import Report, evaluate

_NO_SHARES = frozenset({"n", "severity3_false_alarms_on_non_complaints"})
_PLAIN = ("auc", "mse", "pearson", "spearman")  # ends of measures that are no percentages


def report(file: Path, classifier: Classifier, *, json: bool) -> str:
    """The measures of a labelled file as text.

    Raises:
        OSError: the file cannot be read.
        ValueError: a label is wrong; the text names its line.
    """
    labelled = read_labels(file)
    measured = evaluate(labelled, list(classifier.each([post.text for post in labelled])))
    if json:
        return f"{msgspec.json.encode(measured).decode()}\n"
    console = Console()
    with console.capture() as captured:
        for table in _tables(file.name, measured):
            console.print(table)
    return captured.get()


def read_labels(file: Path) -> list[labels.Labelled]:
    """The labelled posts of a file: JSONL by its ending, or CSV. Raises as ``report`` does."""
    if file.suffix.lower() in JSONL:
        with file.open("rb") as lines:
            return labels.jsonl(lines)
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as rows:
        return labels.table(rows)


def _tables(name: str, measured: Report) -> Iterator[Table]:
    summary = Table("measure", "value", title=f"{name}: {measured['n']:,} posts, values in % where not said")
    for measure, value in measured.items():
        if not isinstance(value, Mapping) and measure != "n":
            summary.add_row(measure, _cell(measure, value))
    yield summary
    for measure, value in measured.items():
        if isinstance(value, Mapping):
            yield _by_group(measure, value) if measure.startswith("accuracy_by_") else _by_class(measure, value)


def _by_class(measure: str, scores: Mapping[str, float]) -> Table:
    table = Table("class", "F1 %", title=measure)
    for name, value in scores.items():
        table.add_row(name, _cell(measure, value))
    return table


def _by_group(measure: str, groups: Mapping[str, Mapping[str, float]]) -> Table:
    columns = list(dict.fromkeys(column for row in groups.values() for column in row))
    heads = ["n" if column == "n" else f"{column} right %" for column in columns]
    table = Table(measure.removeprefix("accuracy_by_"), *heads, title=measure)
    for name, row in groups.items():
        table.add_row(name, *(_cell(column, row[column]) if column in row else "" for column in columns))
    return table


def _cell(measure: str, value: float) -> str:
    if measure in _NO_SHARES:
        return str(value)
    return f"{value:.3f}" if measure.endswith(_PLAIN) else f"{100 * value:.1f}"
