"""``tocsin why``."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents.cli.complaint import Complaint, complaining
from agents.settings import Settings, load
from pipeline.asked_times import moment_ms
from pipeline.languages import Language

if TYPE_CHECKING:
    from pipeline.watchlist import WatchList
    from pipeline.why import Known, Question

KAFKA = "kafka"

Brand = Annotated[str, typer.Argument(help="Id of the brand, as in the watch list.")]
When = Annotated[str, typer.Argument(metavar="TIME", help="ISO 8601 (UTC unless it says), or -15m for a while ago.")]
Store = Annotated[str, typer.Option(metavar="URL", help="Ask this ClickHouse; default: TOCSIN_CLICKHOUSE.")]
Log = Annotated[str, typer.Option(metavar="kafka|FILE", help="Ask the topics, or a file of posts, as for `replay`.")]
Spoken = Annotated[Language, typer.Option(help="Language of the answer.")]


def why(brand: Brand, when: When, clickhouse: Store = "", log: Log = "", lang: Spoken = "en") -> None:
    """Why was I paged, or why was I not?

    Tells what was seen of BRAND in the minute of TIME, what was decided and
    why, what a page would have needed, and what responders did.

      tocsin why acme-mobile -15m

      tocsin why acme-mobile 2026-11-22T20:48 --lang zh

    It asks ClickHouse. The embedded one belongs to its worker: give the
    address of TOCSIN_CLICKHOUSE_HTTP, http://127.0.0.1:8124/tocsin for
    example, or ask the topics with --log kafka (they go back some days).
    """
    from agents.watchlist_file import read_watchlist
    from pipeline.why import Question, explain

    settings = load()
    watchlist = read_watchlist(settings.watchlist)
    with complaining("TIME", ValueError):
        at = moment_ms(when, int(time.time() * 1000))
    bucket = watchlist.rules.bucket_s * 1000
    asked = Question(brand, at - at % bucket, bucket)
    known = _known(settings, watchlist, asked, clickhouse, log)
    _refuse_unknown(watchlist, brand, known)
    for line in explain(asked, known, lang):
        typer.echo(line)


def _known(settings: Settings, watchlist: "WatchList", asked: "Question", clickhouse: str, log: str) -> "Known":
    if clickhouse and log:
        raise Complaint("--clickhouse or --log, one of the two")
    if log == KAFKA:
        return _from_topics(settings, asked)
    if log:
        return _from_file(settings, watchlist, asked, Path(log))
    return _from_store(clickhouse or _store(settings), asked)


def _store(settings: Settings) -> str:
    """Where to ask: an embedded engine through its worker, if that answers reads."""
    url = settings.clickhouse.get_secret_value()
    if url.startswith("chdb:") and settings.clickhouse_http:
        return f"http://{settings.clickhouse_http}/{_database(url)}"
    return url


def _database(url: str) -> str:
    from agents.clickhouse import database_of

    return database_of(url)


def _from_store(url: str, asked: "Question") -> "Known":
    from clickhouse_connect.driver.exceptions import Error

    from agents.why_records import from_clickhouse

    about = "ClickHouse (--clickhouse URL or --log kafka ask elsewhere; `tocsin migrate` makes the tables)"
    with complaining(about, Error, ValueError, RuntimeError):
        return from_clickhouse(url, asked)


def _from_topics(settings: Settings, asked: "Question") -> "Known":
    from aiokafka.errors import KafkaError
    from rich.console import Console

    from agents.cli.feed import progress_bar
    from agents.why_records import from_kafka

    with (
        complaining(f"Kafka at {settings.kafka}", KafkaError, LookupError),
        progress_bar(Console(stderr=True)) as bar,
    ):
        task = bar.add_task("records", total=None)
        return from_kafka(settings.brokers, asked, lambda done, total: bar.update(task, completed=done, total=total))


def _from_file(settings: Settings, watchlist: "WatchList", asked: "Question", file: Path) -> "Known":
    from agents.cli.replay import SETTLE_MIN, replayed
    from agents.why_records import from_outputs
    from pipeline.post_files import CsvMap

    return from_outputs(replayed(settings, watchlist, file, CsvMap(), SETTLE_MIN), asked)


def _refuse_unknown(watchlist: "WatchList", brand: str, known: "Known") -> None:
    from pipeline.command_advice import meant

    brands = [one.id for one in watchlist.brands]
    if brand not in brands and not (known.minute or known.alerts or known.decisions):
        raise Complaint(f"no such brand: {brand[:80]!r}; {meant(brand, brands)}")
