"""``tocsin erase``."""

import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, get_args

import typer
from rich.console import Console
from rich.table import Table

from agents.cli.complaint import Complaint, complaining
from agents.cli.feed import progress_bar
from agents.settings import Settings, load
from pipeline.channels._base import Receipt
from pipeline.dead_letter_queue import dlqs
from pipeline.erasure import Person, waits
from pipeline.quoting import one_line
from schemas.interaction import Tombstone
from schemas.topics import catalogue
from schemas.vocabulary import Platform, TombstoneReason
from schemas.withdrawal import AUTHOR

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from agents.erasing_topics import Letters, Topics

LONGEST = 256  # characters of an author key

Rows = list[tuple[str, str, str]]  # where, how much, what becomes of it


def erase(
    author: Annotated[str, typer.Option(help="The account as its platform calls it (--platform), or its author key.")],
    platform: Annotated[str, typer.Option(help="Platform of a native account id; empty: --author is a key.")] = "",
    reason: Annotated[str, typer.Option(help=f"Why: {', '.join(get_args(TombstoneReason))}.")] = "operator",
    request: Annotated[str, typer.Option(help="Your reference of the request; kept with the tombstone.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what there is.")] = False,
) -> None:
    """Erase an author: rows, quotes, scores, identity, dead letters; stages forget and hear them no more.

    Counts stay, and so does one tombstone with the author key, against copies that still come. Records on topics that
    expire by age go when they expire: the report says until when. Run it again after a minute: it must find nothing.
    An embedded ClickHouse belongs to its worker: stop that first.

    Example: tocsin erase --platform bluesky --author did:plc:ewvi7nxzyoun6zhxrhs64oiz --reason gdpr --request R-17
    """
    from clickhouse_connect.driver.exceptions import Error
    from kafka.errors import KafkaError

    from agents.clickhouse import connect
    from agents.erasing_tables import known
    from agents.erasing_topics import Topics
    from agents.feeding import EMBEDDED_API

    settings = load()
    key, native_id = _named(settings, author, platform)
    given = _reason(reason)
    rows: Rows = []
    with complaining("TOCSIN_CLICKHOUSE", Error, ValueError):
        client = connect(settings.clickhouse.get_secret_value())
        person = known(client, key, native_id)
        topics = Topics(settings.brokers, EMBEDDED_API if settings.embedded_broker else None, person)
        with complaining(f"Kafka at {settings.kafka}", KafkaError):
            if not dry_run:
                topics.bury(_tombstone(key, given, request), settings.posts_partitions)
            rows += _topics(settings, topics, dry_run=dry_run)
        rows += _tables(client, person, dry_run=dry_run)
        client.close()
    _report(settings, person, rows, dry_run=dry_run)


def _named(settings: Settings, author: str, platform: str) -> tuple[str, str]:
    """Author key, and native id if that is what was given."""
    if not author.strip() or len(author) > LONGEST:
        raise Complaint(f"--author: an account or an author key has 1 to {LONGEST} characters")
    if not platform:
        return author, ""
    if platform not in get_args(Platform):
        raise Complaint(f"--platform {platform}: known are {', '.join(get_args(Platform))}")
    secret = settings.pseudonym_key.get_secret_value()
    if not secret:
        raise Complaint("TOCSIN_PSEUDONYM_KEY: without it nobody knows the author key of an account; or give the key")
    where: Platform = platform  # type: ignore[assignment]  # it is one of them
    return Receipt(0, secret.encode()).author_key(where, author), author


def _reason(reason: str) -> TombstoneReason:
    for known in get_args(TombstoneReason):
        if reason == known:
            return known  # type: ignore[no-any-return]  # it is one of them
    raise Complaint(f"--reason {reason}: known are {', '.join(get_args(TombstoneReason))}")


def _tombstone(key: str, reason: TombstoneReason, request: str) -> Tombstone:
    return Tombstone(
        subject=AUTHOR + key, op="delete_author", effective_at=int(time.time() * 1000), reason=reason,
        request_id=request or uuid.uuid4().hex,
    )  # fmt: skip


def _topics(settings: Settings, topics: "Topics", *, dry_run: bool) -> Rows:
    rows: Rows = []
    with progress_bar(Console(stderr=True)) as bar:
        task = bar.add_task("records", total=None)

        def seen() -> None:
            bar.advance(task)

        keys = topics.keys(seen)
        letters = topics.letters(dlqs(settings.sources), seen)
        refused = ""
        if not dry_run:
            topics.remove(keys)
            refused = _rewrite(settings, topics, letters, seen)
    done = "would be removed" if dry_run else "removed; off the disk within a day"
    for topic, count in Counter(topic for topic, _, _ in keys).items():
        rows.append((topic, f"{count} keys", done))
    for (topic, partition), found in letters.items():
        rows.append((f"{topic}/{partition}", f"{found.naming} letters", refused or done.partition(";")[0]))
    return rows


def _rewrite(
    settings: Settings, topics: "Topics", letters: "dict[tuple[str, int], Letters]", seen: Callable[[], None]
) -> str:
    """Let the dead letters go; why they could not, or nothing."""
    from kafka.errors import KafkaError

    if not letters:
        return ""
    if settings.embedded_broker:
        return "NOT erased: the broker of the demo cannot delete records; they end with it"
    try:
        topics.rewrite(letters, seen)
    except KafkaError as error:
        return f"NOT erased: {type(error).__name__}; they expire with the topic"
    return ""


def _tables(client: "Client", person: Person, *, dry_run: bool) -> Rows:
    from agents.erasing_tables import erase as erase_rows
    from agents.erasing_tables import found

    changed = Counter[str]()
    with progress_bar(Console(stderr=True)) as bar:
        task = bar.add_task("tables", total=None)
        for step in found(client, person) if dry_run else erase_rows(client, person):
            changed[step.table] += step.rows
            bar.advance(task)
    done = "would be erased" if dry_run else "erased"
    return [(f"table {table}", f"{count} rows", done) for table, count in changed.items() if count]


def _report(settings: Settings, person: Person, rows: Rows, *, dry_run: bool) -> None:
    console = Console()
    console.print(f"author {person.author_key}, known by {max(len(person.names) - 1, 0)} names", markup=False)
    if person.unsearched:
        console.print(f"{len(person.unsearched)} names are too short to search dead letters for", markup=False)
    table = Table("where", "what", "what becomes of it", title="Would be erased" if dry_run else "Erased")
    for row in rows:
        table.add_row(*map(one_line, row))
    console.print(table if rows else "nothing is left of this author but what waits below")
    waiting = Table("topic", "keeps what is on it until", title="Waits for its retention (as Tocsin makes topics)")
    for wait in waits(catalogue(settings.sources), int(time.time() * 1000)):
        waiting.add_row(wait.topic, f"{datetime.fromtimestamp(wait.until / 1000, UTC):%Y-%m-%d %H:%M UTC}")
    console.print(waiting)
    console.print("Checkpoints are rewritten by running workers, and off the disk within a day.")
