"""``tocsin train``."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agents.cli.complaint import Complaint, complaining

if TYPE_CHECKING:
    from agents.training.material import Material
    from agents.training.recipe import Recipe
    from pipeline.text.labels import Labelled

_NEEDED = ("onnx", "tokenizers", "torch", "transformers")
_OURS = Path(__file__).parents[2] / "pipeline" / "text" / "model" / "weights"

Data = Annotated[Path, typer.Argument(help="The folder of labelled sets and teachers.", exists=True, file_okay=False)]
Kind = Annotated[Literal["full", "clean"], typer.Option("--weights", help="Which weights to make.")]
Out = Annotated[Path, typer.Option(help="Where NAME.npz and NAME.json go.", file_okay=False)]
Work = Annotated[Path, typer.Option(help="Where the teachers' opinions are kept between runs.", file_okay=False)]
Also = Annotated[list[Path] | None, typer.Option(help="Labelled file to measure besides; may be repeated.")]


def train(
    data: Data, weights: Kind = "full", out: Out = _OURS, work: Work = Path("var/training"), also: Also = None
) -> None:
    """Rebuild the weights of the text model from labelled posts.

    DATA holds one folder per public set, each with a train.csv of the columns
    text and label, and teachers/zh and teachers/en, each with model.onnx and
    tokenizer.json of BGE small v1.5. docs/model-card.md names the sets. With a
    column domain in that of complaints_en, complaints of trades never seen are
    measured. The corpus of the package is always learned from.

    full   learns from every set
    clean  leaves out sets whose terms may forbid commercial use

    It takes over an hour on two cores, most of it for the teachers, whose
    opinions are kept in --work: the second weights take a third of that. The
    same data, options and versions of the libraries give the same weights.
    Needs the extra: pip install 'tocsin[train]'
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise Complaint(f"train needs {', '.join(missing)}: pip install 'tocsin[train]'")
    from agents.training.material import material
    from agents.training.recipe import Recipe

    recipe = Recipe()
    with complaining(str(data), FileNotFoundError, ValueError):
        seen = material(data, recipe.corpus_weight, clean=weights == "clean")
        others = _others(also or [])
    work.mkdir(parents=True, exist_ok=True)
    out.mkdir(parents=True, exist_ok=True)
    with complaining(str(data), FileNotFoundError):
        _make(data, seen, recipe, work, out / f"{weights}.npz", others)


def _others(files: list[Path]) -> "dict[str, list[Labelled]]":
    from agents.cli.evaluation_report import read_labels

    return {file.stem: read_labels(file) for file in files}


def _make(
    data: Path, seen: "Material", recipe: "Recipe", work: Path, file: Path, others: "dict[str, list[Labelled]]"
) -> None:
    import msgspec
    import numpy as np

    from agents.training.build import built
    from agents.training.experts import complaints
    from agents.training.facts import facts
    from agents.training.hearing import heard
    from agents.training.material import everything_of
    from agents.training.scores import scores
    from agents.training.strangers import ASKED, trades, unseen_trades

    made = built(seen, heard(data, seen, recipe, work), recipe)
    np.savez_compressed(file, **made.final)  # type: ignore[arg-type]  # its stub takes every keyword for allow_pickle
    measured = scores(made.measured, seen.labelled) | scores(made.final, others)
    if trade_of := trades(data):
        whole = everything_of(seen)
        english = complaints(whole.corpus, whole.public)[0]
        measured[f"{ASKED}, trades unseen"] = unseen_trades(english, trade_of, recipe.ngrams.bits)
    told = facts(file.stem, file.stat().st_size, seen, measured, clean=file.stem == "clean")
    file.with_suffix(".json").write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n")
    typer.echo(f"{file}: {file.stat().st_size / 1e6:.1f} MB")
    for name, report in measured.items():
        shown = {key: round(value, 4) for key, value in report.items() if isinstance(value, float)}
        typer.echo(f"  {name}: {', '.join(f'{key} {value}' for key, value in shown.items())}")
