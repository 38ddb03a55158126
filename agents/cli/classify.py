"""``tocsin classify``."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents.cli.complaint import Complaint, complaining
from agents.cli.pipe_progress import PipeProgress

if TYPE_CHECKING:
    from pipeline.text.classifying import Classifier
    from pipeline.text.understanding import Reader

_STDIN = 0
Weights = Annotated[
    str, typer.Option(metavar="NAME", help="Weights of the text model: full or clean; default TOCSIN_TEXT_WEIGHTS.")
]
Labels = Annotated[Path | None, typer.Option(metavar="FILE", help="Measure against the labelled posts of a file.")]
Machines = Annotated[bool, typer.Option("--json", help="With --evaluate: one JSON object, for machines.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit status 1 if a line could not be read.")]


def classify(weights: Weights = "", evaluate: Labels = None, json: Machines = False, strict: Strict = False) -> None:
    """Understand posts: JSON lines in, JSON lines out.

    A line in is {"id": ..., "text": "..."}. Other fields do not matter; a
    line without an id gets its number. Each gives one line out, in order;
    one that cannot be read gives {"id": ..., "error": "..."} in its place.

    Try it:

      echo '{"text": "Your charger caught fire, refund me"}' | tocsin classify

    It answers {"id": 1, "lang": "en", ..., "category": "safety",
    "severity": 3, ..., "why": ["caught fire", ...], "fingerprint": ...}

    severity     3 injury, danger, fraud or law; 2 demands or leaves; 1 mild
    intensity    of the complaint, -1 to 1
    fingerprint  equal for copies of one text whatever @names, links, emoji
                 and script; at most 12 bits differ for small changes

    --evaluate FILE measures against labels: JSONL with any of sentiment,
    complaint, category, severity, intent, intensity (phenomenon and lang
    make tables), or CSV of text and label: neg, neu, pos; or 0 and 1 for
    complaints; or numbers from -1 to 1 for their intensity.
    """
    if json and not evaluate:
        raise Complaint("--json belongs to --evaluate FILE; verdicts are JSON anyway")
    if evaluate:
        _measure(evaluate, _classifier(weights), json=json)
    elif _stream(_classifier(weights)) and strict:
        raise typer.Exit(1)


def _measure(file: Path, classifier: "Classifier", *, json: bool) -> None:
    from agents.cli.evaluation_report import report

    with complaining(str(file), ValueError):
        typer.echo(report(file, classifier, json=json), nl=False)


def _classifier(weights: str) -> "Classifier":
    from pipeline.text.classifying import Classifier
    from pipeline.text.safety import Safety

    return Classifier(_reader(weights), Safety())


def _reader(weights: str) -> "Reader":
    """The reader with the weights of a name; those of the setting if it is empty."""
    from agents.settings import load
    from pipeline.text.model.reader import packaged

    return packaged(weights or load().text_weights)


def _stream(classifier: "Classifier") -> int:
    """Classify standard input until it ends or nobody reads the answers; how many lines could not be read."""
    if os.isatty(_STDIN):
        typer.echo("Reading posts from this terminal, one JSON object a line; Ctrl-D ends.", err=True)
    progress = PipeProgress("posts")
    try:
        _answer(classifier, progress)
    except BrokenPipeError:  # nothing must be flushed to it at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    progress.end()
    return progress.unreadable


def _answer(classifier: "Classifier", progress: "PipeProgress") -> None:
    import msgspec

    from agents.cli.standard_input import batches
    from pipeline.text.classifying import BATCH, LONGEST, Unreadable

    encode, output = msgspec.json.Encoder().encode, sys.stdout.buffer
    for lines in batches(_STDIN, BATCH, LONGEST):
        answers = list(classifier.lines(lines, progress.posts + 1))
        output.write(b"".join(encode(answer) + b"\n" for answer in answers))
        output.flush()
        progress.add(len(answers), sum(isinstance(answer, Unreadable) for answer in answers))
