"""``tocsin dlq list|show|replay``."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, get_args

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agents.cli.complaint import Complaint, complaining
from agents.cli.feed import progress_bar
from agents.settings import Settings, load
from pipeline.asked_times import moment_ms
from pipeline.dead_letter_queue import Address, Census, Group, Wanted, dlqs, letter, replayable
from pipeline.dead_letter_text import told
from pipeline.quoting import one_line
from schemas.codec import encode
from schemas.topics import BRAND_LOG, DLQ, POSTS, STORE_DLQ, catalogue
from schemas.vocabulary import RejectReason

if TYPE_CHECKING:
    from agents.dead_letters import DeadLetters

app = typer.Typer(help="List, show and replay dead letters.", no_args_is_help=True)

Topic = Annotated[str, typer.Option(help="Only of this topic: the bad records', not the dead letters'.")]
Reason = Annotated[str, typer.Option(help="Only with this reason code, such as unknown_word.")]
Since = Annotated[str, typer.Option(help="Only written since: 2h (s, m, h or d) ago, or a time in ISO 8601, UTC.")]


@app.command(name="list")
def count(
    topic: Topic = "", reason: Reason = "", since: Since = "",
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line; times are ms since 1970.")] = False,
) -> None:  # fmt: skip
    """Count dead letters by topic and reason, with the address of the last one for `tocsin dlq show`.

    Letters that are cut hold only the first bytes of the record. Those replayed stay where they are until they expire.
    """
    from kafka.errors import KafkaError

    settings, wanted = load(), _wanted(topic, reason, since)
    with complaining(f"Kafka at {settings.kafka}", KafkaError):
        census = _census(_queues(settings), wanted, dlqs(settings.sources))
    if json:
        typer.echo("".join(f"{encode(group).decode()}\n" for group in census.groups()), nl=False)
        return
    Console().print(_table(census.groups()))
    if census.foreign:
        typer.echo(f"{census.foreign} records of the dead-letter topics are no dead letters")


@app.command()
def show(
    address: Annotated[str, typer.Argument(help="TOPIC/PARTITION/OFFSET of the dead letter, or of the bad record.")],
) -> None:
    """Show dead letters in full: where, when, why, headers and payload, safe for a terminal."""
    from kafka.errors import KafkaError

    settings = load()
    with complaining("address", ValueError):
        asked = Address.parse(address)
    known = dlqs(settings.sources)
    topics = [asked.topic] if asked.topic in known else sorted({f"{asked.topic}{DLQ}", STORE_DLQ.name} & set(known))
    with complaining(f"Kafka at {settings.kafka}", KafkaError):
        census, shown = Census(Wanted()), []
        for at, record in _queues(settings).records(topics):
            census.add(at, record)
            one = letter(at, record)
            if one is not None and asked in (one.address, one.origin):
                shown.append(one)
    if not shown:
        raise Complaint(f"{asked}: no such dead letter; `tocsin dlq list` shows where there are some")
    for one in shown:
        typer.echo("\n".join(told(one, replayed=one.whole and one.address not in census.open)) + "\n")


@app.command()
def replay(
    topic: Topic = POSTS.name, reason: Reason = "", since: Since = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be replayed.")] = False,
) -> None:  # fmt: skip
    """Append the bad records of dead letters to their topic once more, byte for byte, each once.

    For letters that can be read by now: a newer Tocsin knows the word or the schema, a clock was ahead. What still
    cannot be read comes back as a new dead letter with one attempt more. A post that is in ClickHouse already stays one
    row, and counts once while its minute is open. An old one is stored, too, but minutes that are closed, alerts and
    pages stay as they are: it is counted as late, and after the horizon as expired.
    """
    from kafka.errors import KafkaError

    settings = load()
    _refuse_what_cannot_be_read_again(topic, settings.sources)
    wanted = _wanted(topic, reason, since)
    queues = _queues(settings)
    with complaining(f"Kafka at {settings.kafka}", KafkaError, ValueError):
        census = _census(queues, wanted, [f"{topic}{DLQ}"])
        if not dry_run:
            with progress_bar(Console(stderr=True)) as bar:
                task = bar.add_task("letters", total=len(census.open))
                queues.replay(topic, census.open, lambda _letter: bar.advance(task))
    for line in _outcome(census, "would be replayed" if dry_run else "replayed"):
        typer.echo(line)


def _queues(settings: Settings) -> "DeadLetters":
    from agents.dead_letters import DeadLetters
    from agents.feeding import EMBEDDED_API

    return DeadLetters(settings.brokers, EMBEDDED_API if settings.embedded_broker else None)


def _wanted(topic: str, reason: str, since: str) -> Wanted:
    known = {"--topic": [one.name for one in catalogue(load().sources)], "--reason": list(get_args(RejectReason))}
    for option, given in (("--topic", topic), ("--reason", reason)):
        if given and given not in known[option]:
            raise Complaint(f"{option} {given}: known are {', '.join(known[option])}")
    with complaining("--since", ValueError):
        return Wanted(topic, reason, moment_ms(since, int(time.time() * 1000)) if since else 0)


def _census(queues: "DeadLetters", wanted: Wanted, topics: Iterable[str]) -> Census:
    census = Census(wanted)
    for address, record in queues.records(topics):
        census.add(address, record)
    return census


def _refuse_what_cannot_be_read_again(topic: str, sources: Iterable[str]) -> None:
    known = replayable(sources)
    if topic == BRAND_LOG.name:
        raise Complaint(f"--topic {topic}: cannot be replayed: totals that came later have taken their place")
    if topic not in known:
        told = ", ".join(known)
        raise Complaint(f"--topic {topic}: only {told} can be replayed; see docs/operating.md for refused rows")


def _outcome(census: Census, done: str) -> list[str]:
    groups = census.groups()
    cut, before = sum(group.cut for group in groups), sum(group.replayed for group in groups)
    lines = [f"{len(census.open)} letters {done}"]
    if cut:
        lines.append(f"{cut} cannot be: they are cut, so their bytes are not those of the hash")
    if before:
        lines.append(f"{before} had been replayed before")
    return lines


def _table(groups: list[Group]) -> Table:
    table = Table("topic", "reason", "letters", "cut", "replayed", "first", "last", "last one", title="Dead letters")
    for group in groups:
        cells = (group.topic, group.reason, group.letters, group.cut, group.replayed)
        times = (_time(group.first), _time(group.last))
        table.add_row(*(escape(one_line(str(cell))) for cell in (*cells, *times, group.example)))
    return table


def _time(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M:%S}"
