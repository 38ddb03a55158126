"""``tocsin backtest``."""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from agents.cli.complaint import Complaint, complaining
from agents.settings import Settings, load

if TYPE_CHECKING:
    from agents.backtesting import Span
    from pipeline.backtesting import Comparison
    from pipeline.watchlist import WatchList

_TIME = "2h (s, m, h or d) ago, or a time in ISO 8601, UTC."


def backtest(
    rules: Annotated[Path, typer.Option(help="A watch list with the new rules.")],
    since: Annotated[str, typer.Option("--from", help=f"Begin of the span: {_TIME} Default: as early as can be.")] = "",
    to: Annotated[str, typer.Option(help=f"End of the span: {_TIME} Default: as late as can be.")] = "",
    against: Annotated[Path | None, typer.Option(help="The old rules; default: those in force.")] = None,
    posts: Annotated[Path | None, typer.Option(help="A file of posts (JSONL) instead of the brand log.")] = None,
    minutes: Annotated[bool, typer.Option("--minutes", help="ClickHouse minutes instead of the brand log.")] = False,
    out: Annotated[Path | None, typer.Option(help="Also write backtest.json and .txt into this folder.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object; times are ms since 1970.")] = False,
) -> None:
    """What would other rules have done? Old and new judge the same past side by side; nothing is changed or sent.

    Shows pages per week of both, which incidents both page and how much earlier or later the new rules do, and every
    page that only one of them makes. Reads the brand log on Kafka (30 days) from the nearest kept checkpoint; --minutes
    reads the minutes in ClickHouse, which go back further and know less; --posts reads a file, for other brands, too.

    Example: tocsin backtest --rules quieter.yaml --from 14d
    """
    from agents.backtesting import NothingThere, Span
    from agents.watchlist_file import read_watchlist
    from pipeline.backtest_text import told
    from pipeline.ruling import differences, on_change
    from schemas.record import LATEST_MS

    settings, new = load(), read_watchlist(rules)
    old = read_watchlist(against or settings.watchlist)
    if posts is None and on_change(old, new).why == "needs_restart":
        raise Complaint(
            f"{rules}: brands, words or buckets differ from the old rules: judge a file of posts by --posts"
        )
    span = Span(_at("--from", since) if since else 0, _at("--to", to) if to else LATEST_MS)
    if span.since >= span.until:
        raise Complaint("--from is not before --to")
    with complaining("backtest", NothingThere):
        if posts is not None:
            found = _over_posts(settings, posts, (old, new), span)
        else:
            found = (_over_minutes if minutes else _over_log)(settings, old, new, span)
    _show(found, list(told(found, differences(old, new))), out, json=json)


def _in_force(settings: Settings) -> "WatchList | None":
    """The rules that the brand log has in force; None if it has none."""
    from aiokafka.errors import KafkaError

    from agents.checkpoints import StateLost
    from agents.rules_log import TopicsMissing, in_force

    with complaining(f"Kafka at {settings.kafka}", KafkaError, StateLost, TopicsMissing):
        return next((lists.pages for lists in asyncio.run(in_force(settings.brokers)).values()), None)


def _show(found: "Comparison", lines: list[str], out: Path | None, *, json: bool) -> None:
    import msgspec

    document = msgspec.json.encode(found)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "backtest.json").write_bytes(document + b"\n")
        (out / "backtest.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if json:
        sys.stdout.buffer.write(document + b"\n")
    else:
        typer.echo("\n".join(lines))


def _at(option: str, text: str) -> int:
    from pipeline.asked_times import moment_ms

    with complaining(option, ValueError, OverflowError):
        return moment_ms(text, int(time.time() * 1000))


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar that is told what is done and what there is."""
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _over_log(settings: Settings, old: "WatchList", new: "WatchList", span: "Span") -> "Comparison":
    from aiokafka.errors import KafkaError

    from agents.backtesting import backtest as over_log

    with complaining(f"Kafka at {settings.kafka}", KafkaError), _bar("brand log") as on_read:
        return asyncio.run(over_log(settings.brokers, old, new, span, on_read))


def _over_minutes(settings: Settings, old: "WatchList", new: "WatchList", span: "Span") -> "Comparison":
    from clickhouse_connect.driver.exceptions import Error

    from agents.backtest_minutes import over_minutes
    from agents.clickhouse import connect_reader

    with complaining("TOCSIN_CLICKHOUSE", Error, ValueError), _bar("minutes") as on_read:
        client = connect_reader(settings.clickhouse.get_secret_value())
        try:
            return over_minutes(client, old, new, span, on_read)
        finally:
            client.close()


def _over_posts(settings: Settings, file: Path, lists: "tuple[WatchList, WatchList]", span: "Span") -> "Comparison":
    from agents.backtest_minutes import over_posts
    from agents.cli.columns import csv_map
    from agents.post_source import read_posts
    from pipeline.listen import Partitions
    from pipeline.stage import Poisoned
    from pipeline.text.model.reader import packaged

    mapped = csv_map("", "", "", "", "other", "microblog", "UTC")
    with complaining(str(file), ValueError, Poisoned), _bar("posts") as on_read:
        posts = read_posts(file, mapped, lambda row: typer.echo(f"row {row.row}: {row.reason}", err=True))
        first, last = (posts[0].event_ms, posts[-1].event_ms) if posts else (0, 0)
        counts = Partitions(settings.posts_partitions, settings.brand_partitions)
        now = int(time.time() * 1000)
        reader = packaged(settings.text_weights)
        return over_posts(
            posts, lists, reader, counts, span, now, lambda send: on_read(send.at - first, max(last - first, 1))
        )
