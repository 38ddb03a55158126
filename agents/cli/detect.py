"""``tocsin detect``."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from agents.cli.complaint import Complaint

if TYPE_CHECKING:
    from pipeline.count_files import Bucket, Table

BUDGET = 0.05

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="CSV files with a header; names must differ.")]
Out = Annotated[Path, typer.Option(metavar="DIR", help="Where the answers go, under the names of the files.")]
Length = Annotated[int, typer.Option(metavar="SECONDS", help="Length of a bucket; default: how far rows are apart.")]
Budget = Annotated[
    float, typer.Option(metavar="FALSE_ALARMS_PER_KEY_WEEK", help="False alarms a week that are accepted in one file.")
]
Zone = Annotated[str, typer.Option(help="IANA time zone of times that name none, and of the hours of the day.")]


def detect(files: Files, out: Out, bucket: Length = 0, budget: Budget = BUDGET, zone: Zone = "UTC") -> None:
    """Find bursts and crises in counts, with the detectors that ring live.

    timestamp,value becomes timestamp,value,anomaly_score: between 0 and 1,
    from 0.5 on a burst of mentions, once in an episode. A row for each row.

    timestamp,posts,negatives[,authors] becomes alarms, one JSON object a line:

    at         end of the bucket that decided, as the file writes times
    rule       complaint_volume or negative_share
    score      fraction of the rule's threshold
    observed, expected, since   what the evidence stands on, and its start

    Try it:

      tocsin detect counts/*.csv --out scores

    Times are ISO 8601 or seconds or milliseconds since 1970. Rows may come in
    any order and are told as they stand; rows of one time are added up. Rows
    that are missing count as zero, but a gap of more than a day is skipped.
    Nothing is judged before two days, or two hours and 200 posts, are known.

    A file that cannot be read is named with the line and the reason; the
    others go on, and the exit status is 1.
    """
    where = _zone(zone)
    _check(files, out, bucket, budget)
    out.mkdir(parents=True, exist_ok=True)
    failed = 0
    for file in _shown(files):
        try:
            _write(out / file.name, _answer(file, bucket, budget, where))
        except (ValueError, OSError) as error:
            failed += 1
            detail = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
            typer.echo(f"tocsin: {file}: {detail}", err=True)
    if failed:
        typer.echo(f"tocsin: {failed} of {len(files)} files could not be judged", err=True)
        raise typer.Exit(1)


def _zone(name: str) -> tzinfo:
    from datetime import UTC
    from zoneinfo import available_timezones

    if name == "UTC":
        return UTC
    if name not in available_timezones():
        raise Complaint(f"--zone {name}: no IANA time zone; write one like Asia/Shanghai")
    return ZoneInfo(name)


def _check(files: Sequence[Path], out: Path, bucket: int, budget: float) -> None:
    from pipeline.count_files import LONGEST_S, SHORTEST_S

    if bucket and not SHORTEST_S <= bucket <= LONGEST_S:
        raise Complaint(f"--bucket {bucket}: write {SHORTEST_S} to {LONGEST_S:,} seconds")
    if not 0 < budget <= 1_000:  # noqa: PLR2004  # more is no alarm
        raise Complaint(f"--budget {budget:g}: write a number above 0, at most 1000; the default is {BUDGET}")
    if out.exists() and not out.is_dir():
        raise Complaint(f"--out {out}: this is a file; name a folder")
    names: dict[str, Path] = {}
    for file in files:
        other = names.setdefault(file.name, file)
        if other is not file:
            raise Complaint(f"{other} and {file} have one name; their answers would overwrite each other")
        if (out / file.name).resolve() == file.resolve():
            raise Complaint(f"{file} lies in --out {out} and would be overwritten; name another folder")


def _shown(files: Sequence[Path]) -> Iterator[Path]:
    """The files, with a bar on a terminal."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    yield from track(files, "detecting", console=console, disable=not console.is_terminal or len(files) == 1)


def _answer(file: Path, bucket: int, budget: float, zone: tzinfo) -> list[str]:
    from io import StringIO

    from pipeline.count_files import AUTHORS, VALUE, buckets, read_counts, spacing
    from pipeline.detecting import burst_scores, crisis_alarms

    data = file.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(f"line {line}: not UTF-8; save the file as UTF-8") from None
    table = read_counts(StringIO(text, newline=""), zone)
    _warn(file, table)
    apart = spacing(table.rows) if table.rows else bucket
    length = bucket or apart
    summed = buckets(table.rows, length, apart)
    if table.columns == VALUE:
        return _scored(table, burst_scores(summed, length, zone))
    alarms = crisis_alarms(summed, length, zone, budget, authors=AUTHORS in table.columns)
    return [_line(alarm._asdict(), table, zone) for alarm in alarms]


def _warn(file: Path, table: "Table") -> None:
    if table.astray:
        typer.echo(f"tocsin: {file}: {table.astray} rows go back in time; they are judged in order", err=True)
    if table.repeated:
        typer.echo(f"tocsin: {file}: {table.repeated} rows repeat a time; they are added up", err=True)


def _scored(table: "Table", scores: "Iterator[tuple[Bucket, float]]") -> list[str]:
    """A line for each row in the order of the file; of several rows in a bucket the last has its score."""
    by_row = dict.fromkeys(range(len(table.rows)), 0.0)
    for bucket, score in scores:
        if bucket.rows:
            by_row[bucket.rows[-1]] = score
    told = (f"{row.time},{row.shown},{by_row[place]:.6f}" for place, row in enumerate(table.rows))
    return ["timestamp,value,anomaly_score", *told]


def _line(alarm: dict[str, object], table: "Table", zone: tzinfo) -> str:
    import orjson

    from pipeline.count_files import written_like

    like = table.rows[0].time
    for name in ("at", "since"):
        alarm[name] = written_like(like, int(str(alarm[name])), zone)
    return orjson.dumps(alarm).decode()


def _write(path: Path, lines: Sequence[str]) -> None:
    """All or nothing: what was there stays until the whole answer is."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
