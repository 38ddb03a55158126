"""``tocsin feed``."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from agents.cli import columns
from agents.cli.complaint import complaining
from agents.settings import load
from pipeline.feed import Send
from pipeline.post_files import Unusable


def feed(
    file: Annotated[Path, typer.Argument(help="Posts: JSONL of SocialPost records, or CSV with a header.")],
    speed: Annotated[float, typer.Option(help="Event seconds per second: 1 as it was, 60 faster, 0 at once.")] = 0,
    rate: Annotated[float, typer.Option(help="At most so many records per second; 0: any.")] = 0,
    max_lag: Annotated[int, typer.Option(help="Wait while a worker is so many records behind; 0: never wait.")] = 0,
    settle: Annotated[int, typer.Option(help="Minutes of silence after the last post, so that incidents end.")] = 120,
    text: columns.Text = "", time: columns.Time = "", brand: columns.Brand = "", author: columns.Author = "",
    platform: columns.Where = "other", channel: columns.Kind = "microblog", zone: columns.Zone = "UTC",
) -> None:  # fmt: skip
    """Append a file of posts to social.posts.v1, in order of event time, with ticks so that minutes close.

    The same file gives the same log each time, so `tocsin replay FILE` shows beforehand what alerts will come.
    """
    from kafka.errors import KafkaError

    from agents.feeding import EMBEDDED_API, Feeder, Lag, Pace
    from agents.post_source import read_posts
    from agents.watchlist_file import read_watchlist
    from pipeline.feed import plan

    settings, console = load(), Console(stderr=True)
    rules = read_watchlist(settings.watchlist).rules
    unusable: list[Unusable] = []
    mapped = columns.csv_map(text, time, brand, author, platform, channel, zone)
    with complaining(str(file), ValueError):
        posts = read_posts(file, mapped, unusable.append)
    sends = plan(posts, settings.posts_partitions, rules.bucket_s * 1000, settle * 60_000)
    api, bootstrap = EMBEDDED_API if settings.embedded_broker else None, settings.brokers
    with complaining(f"Kafka at {settings.kafka}", KafkaError):
        lag = Lag(bootstrap, settings.group, api) if max_lag else None
        feeder = Feeder(bootstrap, api)
        with progress_bar(console) as bar:
            on_send = advance(bar, "posts", len(posts))
            fed = feeder.feed(sends, Pace(speed, rate), lambda: lag is not None and lag.worst() > max_lag, on_send)
        feeder.close()
    console.print(
        f"fed {fed.posts} posts and {fed.ticks} ticks; {fed.refused} too large, {len(unusable)} rows unusable"
    )
    for row in unusable[:10]:
        console.print(f"  {file.name}: row {row.row}: {row.reason}", markup=False)


def progress_bar(console: Console) -> Progress:
    """A bar with count and remaining time."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
    )


def advance(bar: Progress, name: str, total: int) -> Callable[[Send], None]:
    """A callback that moves a new bar by one for every post sent."""
    from pipeline.feed import TICK_KEY

    task = bar.add_task(name, total=total)

    def on_send(send: Send) -> None:
        if send.key != TICK_KEY:
            bar.advance(task)

    return on_send
