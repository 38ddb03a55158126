"""What weights are learned from: our corpus, the public sets of a folder, and which of their posts are held out."""

from pathlib import Path
from typing import NamedTuple

from agents.training.public_sets import SETS, PublicSet, told
from pipeline.text.labels import Labelled
from pipeline.text.training.examples import Example, corpus
from pipeline.text.training.targets import Lesson, Told, fold, of_corpus, of_public, together

_HELD_OUT_OF_FIFTH = 3  # fifths of a fifth of each public set: about one post in eight


class Material(NamedTuple):
    """Lessons to learn from, and by name the posts that are held out, as lessons and as labels."""

    corpus: Lesson
    public: dict[str, Lesson]
    held_out: dict[str, Lesson]
    labelled: dict[str, list[Labelled]]


def material(folder: Path, corpus_weight: float, *, clean: bool) -> Material:
    """Read the corpus and the sets of the folder; ``clean`` leaves out those of doubtful terms.

    Raises:
        FileNotFoundError: a set is missing.
        ValueError: a label of a set is not what it should be.
    """
    examples = corpus()
    held = [example for example in examples if not fold(example.text)]
    seen = Material(
        of_corpus([example for example in examples if fold(example.text)], corpus_weight),
        {}, {"corpus": of_corpus(held, corpus_weight)}, {"corpus": [of_example(example) for example in held]},
    )  # fmt: skip
    for one in chosen(clean=clean):
        said = told(folder, one)
        kept = [row for row in said if held_out(row.text)]
        seen.public[one.name] = of_public([row for row in said if not held_out(row.text)], one.weight)
        seen.held_out[one.name] = of_public(kept, one.weight)
        seen.labelled[one.name] = [_labelled(row) for row in kept]
    return seen


def everything_of(seen: Material) -> Material:
    """The same with nothing held out."""
    public = {name: together([lesson, seen.held_out[name]]) for name, lesson in seen.public.items()}
    return Material(together([seen.corpus, seen.held_out["corpus"]]), public, {}, {})


def chosen(*, clean: bool) -> list[PublicSet]:
    """The sets that weights are made from."""
    return [one for one in SETS if not (clean and one.doubtful)]


def held_out(text: str) -> bool:
    """Whether a post of a public set is held out."""
    return fold(text) == 0 and fold(f"{text} again") < _HELD_OUT_OF_FIFTH


def of_example(example: Example) -> Labelled:
    """The labels of one of our posts."""
    return Labelled(
        text=example.text, sentiment=example.sentiment, complaint=example.complaint, category=example.category,
        severity=example.severity, intent=example.intent, phenomenon=example.phenomenon, lang=example.lang,
    )  # fmt: skip


def _labelled(row: Told) -> Labelled:
    complaint = None if row.complaint is None else int(row.complaint)
    return Labelled(text=row.text, sentiment=row.sentiment, complaint=complaint, intensity=row.intensity)
