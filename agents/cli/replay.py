"""``tocsin replay``."""

import sys
import time as clock
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents.cli import columns
from agents.cli.complaint import Complaint, complaining
from agents.settings import Settings, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.post_files import CsvMap
    from pipeline.stage import Output
    from pipeline.watchlist import WatchList

SHOWN = ("alerts", "pages", "decisions", "findings", "minutes", "signals")
SETTLE_MIN = 120
Settle = Annotated[int, typer.Option(help="Minutes of silence after the last post, so that incidents end.")]


def replay(
    file: Annotated[Path, typer.Argument(help="Posts: JSONL of SocialPost records, or CSV with a header.")],
    settle: Settle = SETTLE_MIN,
    topic: Annotated[str, typer.Option(help=f"Which records: {', '.join(SHOWN)}.")] = "alerts",
    text: columns.Text = "", time: columns.Time = "", brand: columns.Brand = "", author: columns.Author = "",
    platform: columns.Where = "other", channel: columns.Kind = "microblog", zone: columns.Zone = "UTC",
) -> None:  # fmt: skip
    """Run a file through the same stages without a broker and print the alerts as JSON lines.

    A live run over the same file, watch list and partition counts (TOCSIN_POSTS_PARTITIONS, TOCSIN_BRAND_PARTITIONS)
    gives the same records.
    """
    from agents.watchlist_file import read_watchlist

    if topic not in SHOWN:
        raise Complaint(f"--topic {topic}: known are {', '.join(SHOWN)}")
    settings = load()
    watchlist = read_watchlist(settings.watchlist)
    mapped = columns.csv_map(text, time, brand, author, platform, channel, zone)
    wanted = f"social.{topic}.v1"
    for output in replayed(settings, watchlist, file, mapped, settle):
        if output.topic == wanted and output.value is not None:
            sys.stdout.buffer.write(output.value + b"\n")


def replayed(
    settings: Settings, watchlist: "WatchList", file: Path, mapped: "CsvMap", settle: int
) -> "Iterator[Output]":
    """Everything that the stages make of a file, with ``settle`` minutes of silence after it.

    Raises:
        Complaint: the file cannot be used.
    """
    from agents.post_source import read_posts
    from pipeline.feed import plan
    from pipeline.hearing import Ear
    from pipeline.listen import Partitions
    from pipeline.replay import Topology
    from pipeline.stage import Poisoned
    from pipeline.text.model.reader import packaged

    with complaining(str(file), ValueError):
        posts = read_posts(file, mapped, lambda row: typer.echo(f"row {row.row}: {row.reason}", err=True))
    sends = plan(posts, settings.posts_partitions, watchlist.rules.bucket_s * 1000, settle * 60_000)
    counts = Partitions(settings.posts_partitions, settings.brand_partitions)
    topology = Topology(counts, watchlist, Ear(watchlist, packaged(settings.text_weights)), int(clock.time() * 1000))
    with complaining(str(file), Poisoned):
        yield from topology.run(sends)
