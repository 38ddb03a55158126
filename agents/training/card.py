"""The tables of the model card: what weights were made from and how well they read. ``make card`` writes them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from agents.training.facts import Facts

CARD = Path(__file__).parents[2] / "docs" / "model-card.md"
WEIGHTS = Path(__file__).parents[2] / "pipeline" / "text" / "model" / "weights"
BEGIN, END = "<!-- tables: written by `make card` -->\n", "<!-- end of tables -->\n"
_PERCENT = {
    "sentiment_macro_f1": "sentiment macro-F1", "sentiment_macro_recall": "sentiment macro recall",
    "complaint_macro_f1": "complaint macro-F1", "complaint_auc": "complaint AUC",
    "category_macro_f1_on_complaints": "category macro-F1", "severity_macro_f1": "severity macro-F1",
    "severity3_recall": "severity 3 recall", "intent_macro_f1": "intent macro-F1",
}  # fmt: skip
_PLAIN = {"intensity_mse": "intensity MSE", "intensity_pearson": "intensity Pearson"}


def card(text: str, known: Sequence[Facts]) -> str:
    """The card with its tables of now. Raises ``ValueError`` if it has no place for them."""
    if BEGIN not in text or END not in text:
        raise ValueError(f"{CARD.name} has no lines {BEGIN.strip()} and {END.strip()}")
    head, rest = text.split(BEGIN, 1)
    return "".join([head, BEGIN, "\n", *_tables(known), END, rest.split(END, 1)[1]])


def read_facts(folder: Path) -> list[Facts]:
    """Facts of all weights of a folder, ``full`` first."""
    found = [msgspec.json.decode(path.read_bytes(), type=Facts) for path in folder.glob("*.json")]
    return sorted(found, key=lambda one: one.name, reverse=True)


def _tables(known: Sequence[Facts]) -> Iterator[str]:
    names = [one.name for one in known]
    yield from _table(["weights", "size, MB", "own posts learned", "own posts held out"], [
        [one.name, f"{one.size / 1e6:.1f}", f"{one.corpus_learned:,}", f"{one.corpus_held_out:,}"] for one in known
    ])  # fmt: skip
    yield from _table(["held-out posts of", "n", "measure", *names], list(_scores(known)))
    yield from _table(["own posts held out: phenomenon", "n", *(f"{name}: sentiment right" for name in names)], [
        [phenomenon, *cells] for phenomenon, cells in _phenomena(known)
    ])  # fmt: skip
    sources = {source.name: source for one in known for source in one.sources}
    yield from _table(["public set", "posts learned", "held out", "terms", "in weights"], [
        [name, f"{one.learned:,}", f"{one.held_out:,}", one.terms, ", ".join(_learned_from(name, known))]
        for name, one in sources.items()
    ])  # fmt: skip


def _learned_from(name: str, known: Sequence[Facts]) -> list[str]:
    return [one.name for one in known if name in {source.name for source in one.sources}]


def _scores(known: Sequence[Facts]) -> Iterator[list[str]]:
    for name in dict.fromkeys(name for one in known for name in one.scores):
        reports = [one.scores.get(name, {}) for one in known]
        count = next(str(report["n"]) for report in reports if report)
        for key, words in (_PERCENT | _PLAIN).items():
            if any(key in report for report in reports):
                yield [name, count, words, *(_cell(report, key) for report in reports)]


def _cell(report: Mapping[str, Any], key: str) -> str:
    if key not in report:
        return ""
    return f"{report[key]:.4f}" if key in _PLAIN else f"{100 * report[key]:.1f}"


def _phenomena(known: Sequence[Facts]) -> Iterator[tuple[str, list[str]]]:
    tables = [one.scores["corpus"]["accuracy_by_phenomenon"] for one in known]
    for phenomenon, row in tables[0].items():
        yield phenomenon, [str(row["n"]), *(f"{100 * table[phenomenon]['sentiment']:.1f}" for table in tables)]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |\n"
    yield f"|{'---|' * len(heads)}\n"
    for row in rows:
        yield f"| {' | '.join(row)} |\n"
    yield "\n"


if __name__ == "__main__":
    CARD.write_text(card(CARD.read_text(encoding="utf-8"), read_facts(WEIGHTS)), encoding="utf-8")
