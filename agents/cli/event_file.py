"""Commands over a file of interactions: its options, how it is read, what is said about its lines, the answer."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from agents.cli.complaint import Complaint

if TYPE_CHECKING:
    from pipeline.influence.interaction_lines import BadLine

_BATCH = 1 << 20  # bytes of whole lines that are read at once
_NAMED = 20  # bad lines that are told one by one

Events = Annotated[Path, typer.Option("--events", metavar="FILE", help="Interactions, a line each; plain or .gz.")]
At = Annotated[
    int | None,
    typer.Option("--at", metavar="T", min=1, help="As of this time, s since 1970; later lines do not count."),
]


def read_events(events: Path, add: "Callable[[Sequence[bytes]], Sequence[BadLine]]") -> None:
    """Give the whole file to ``add``; say which lines are bad, the first of them one by one."""
    import gzip
    import zlib

    number = bad = 0
    try:
        for lines in _batches(events):
            for place, reason in add(lines):
                bad += 1
                if bad <= _NAMED:
                    typer.echo(f"tocsin: {events}: line {number + place + 1}: {reason}", err=True)
            number += len(lines)
    except OSError as error:
        raise Complaint(f"--events {events}: {error.strerror or error}") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Complaint(f"--events {events}: the gzip data is damaged after line {number}: {error}") from None
    if bad > _NAMED:
        typer.echo(f"tocsin: {events}: {bad} lines of {number} could not be read, {_NAMED} are named", err=True)


def _batches(events: Path) -> Iterator[list[bytes]]:
    """Lines of a file, compressed or not, with a bar on a terminal; the last may lack its end."""
    import gzip
    from typing import cast

    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with events.open("rb") as raw, Progress(console=console, disable=not console.is_terminal) as progress:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        file = cast("BinaryIO", gzip.GzipFile(fileobj=raw) if packed else raw)
        task = progress.add_task("reading", total=events.stat().st_size or None)
        while lines := file.readlines(_BATCH):
            yield lines
            progress.update(task, completed=raw.tell())


def warn(read: int, told: Mapping[str, int]) -> None:
    """Say on standard error what did not count, and why."""
    for what, count in told.items():
        if count:
            typer.echo(f"tocsin: {count} of {read} interactions {what}", err=True)


def answer(objects: Iterable[Mapping[str, object]]) -> None:
    """Write JSON lines to standard output, as long as somebody reads them."""
    import sys

    import orjson

    try:
        for one in objects:
            sys.stdout.buffer.write(orjson.dumps(one) + b"\n")
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # nothing must be flushed to it at the end
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
