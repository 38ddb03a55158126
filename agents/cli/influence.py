"""``tocsin influence``."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from agents.cli.complaint import Complaint

if TYPE_CHECKING:
    from pipeline.influence.ranking import Ranking

_BATCH = 1 << 20  # bytes of whole lines that are read at once
_NAMED = 20  # bad lines that are told one by one

Events = Annotated[Path, typer.Option("--events", metavar="FILE", help="Interactions, a line each; plain or .gz.")]
At = Annotated[
    int | None,
    typer.Option("--at", metavar="T", min=1, help="As of this time, s since 1970; later lines do not count."),
]


def influence(events: Events, at: At = None) -> None:
    """Rank authors by who endorsed them: interactions in, JSON lines out.

    A line in is: actor target unixtime kind. The kind is RT (repost), MT
    (mention) or RE (reply). One line out for each author who was ever
    endorsed, the highest lasting score first:

      {"author": "88", "lasting": 5929.4, "spreading": 1956.6, "h": 15}

    lasting    endorsements that fade by half in 24 hours; the last hour's
               count more
    spreading  the same with 6 hours: who is passed on right now
    h          so many of the author's last 16 posts had at least so many
               endorsers. The file names no posts: an hour is one post.

    Try it:

      tocsin influence --events interactions.txt.gz | head -20

    What endorsers are worth: each counts once, by what is left of it; a
    repost 1, a mention or reply 0.2; less from accounts that endorse a lot;
    nothing from an author to itself, or beyond 1,000 a day of one account.
    Accounts that were first seen less than 12 hours before are believed up
    to five times the endorsements of known ones, beyond that by a root.

    Lines may be out of order. One that cannot be read is named with its
    number on standard error and left out; the others go on.
    """
    import sys

    import orjson

    from pipeline.influence.ranking import Ranking

    ranking = Ranking(at)
    _read(events, ranking)
    _tell(ranking)
    try:
        for ranked in ranking.ranked():
            sys.stdout.buffer.write(orjson.dumps(ranked._asdict()) + b"\n")
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # nothing must be flushed to it at the end
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _read(events: Path, ranking: "Ranking") -> None:
    """Read the whole file; say which lines are bad, the first of them one by one."""
    import gzip
    import zlib

    number = bad = 0
    try:
        for lines in _batches(events):
            for place, reason in ranking.add(lines):
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


def _tell(ranking: "Ranking") -> None:
    """Say on standard error what did not count, and why."""
    told = {
        "go back in time; they count by their own": ranking.backwards,
        "are later than --at": ranking.skipped,
        "are of an account with itself; they count nothing": ranking.own,
        "are of accounts with more than 1,000 a day; they count nothing": ranking.excessive,
    }
    for what, count in told.items():
        if count:
            typer.echo(f"tocsin: {count} of {ranking.read} interactions {what}", err=True)
