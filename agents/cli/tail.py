"""``tocsin tail``."""

import asyncio
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer
from rich.console import Console
from rich.text import Text

from agents.cli.complaint import Complaint, complaining
from agents.settings import Settings, load
from pipeline.asked_times import moment_ms
from pipeline.dead_letter_queue import Address, dlqs
from schemas.vocabulary import Severity

if TYPE_CHECKING:
    from agents.log_following import Begin
    from pipeline.tailing import Line, Wanted

Kinds = Annotated[list[str] | None, typer.Option("--kind", help="Only alert, page or letter; may be repeated.")]
Brands = Annotated[list[str] | None, typer.Option("--brand", help="Only of this brand; may be repeated.")]
Graver = Annotated[str, typer.Option("--severity", help="Only so severe or graver: info, warning, error, critical.")]
Since = Annotated[str, typer.Option(help="Begin 2h (s, m, h or d) ago, or at a time in ISO 8601, UTC. Default: now.")]
Offsets = Annotated[
    list[str] | None,
    typer.Option("--from-offset", metavar="ADDRESS", help="Begin there, TOPIC/PARTITION/OFFSET; may be repeated."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line, with the whole record.")]
Follow = Annotated[bool, typer.Option("--follow/--no-follow", help="Whether to wait for what comes after.")]


def tail(
    kind: Kinds = None, brand: Brands = None, severity: Graver = "info", since: Since = "", from_offset: Offsets = None,
    json: Json = False, follow: Follow = True,
) -> None:  # fmt: skip
    """Watch alerts, pages and dead letters as they come, until Ctrl-C.

      tocsin tail --severity error --since 1h

      tocsin tail --kind page --json --since 1d --no-follow | jq .record.title

    It joins no consumer group, so nobody's work moves. What strangers wrote
    cannot drive your terminal. Dead letters have no brand and no severity:
    they are left out when you ask for one. Each line ends with its address,
    where --from-offset goes on and `tocsin dlq show` tells more.
    """  # fmt: skip
    settings = load()
    wanted, begin = _wanted(kind or [], brand or [], severity, since), _begin(settings, since, from_offset or [])
    topics = wanted.topics(tuple(dlqs(settings.sources)))
    if not topics:
        raise Complaint("--kind letter: dead letters have no --brand and no --severity")
    try:
        asyncio.run(_tail(settings, topics, begin, wanted, json=json, live=follow))
    except KeyboardInterrupt:  # the way to end it
        return


def _wanted(kinds: Iterable[str], brands: Iterable[str], severity: str, since: str) -> "Wanted":
    from pipeline.tailing import KINDS, Kind, Wanted

    known = {"--kind": KINDS, "--severity": get_args(Severity)}
    for option, given in (*(("--kind", kind) for kind in kinds), ("--severity", severity)):
        if given not in known[option]:
            raise Complaint(f"{option} {given}: known are {', '.join(known[option])}")
    chosen = frozenset(cast("Kind", kind) for kind in kinds)
    return Wanted(chosen, frozenset(brands), cast("Severity", severity), _moment(since) or 0)


def _begin(settings: Settings, since: str, offsets: Iterable[str]) -> "Begin":
    from agents.log_following import Begin

    with complaining("--from-offset", ValueError):
        addresses = [Address.parse(text) for text in offsets]
    return Begin(_moment(since), addresses, indexed=not settings.embedded_broker)


def _moment(since: str) -> int | None:
    with complaining("--since", ValueError):
        return max(moment_ms(since, int(time.time() * 1000)), 0) if since else None


async def _tail(
    settings: Settings, topics: list[str], begin: "Begin", wanted: "Wanted", *, json: bool, live: bool
) -> None:
    from aiokafka.errors import KafkaError

    from agents.log_following import follow
    from pipeline.tailing import line_of

    console = Console(highlight=False)
    with complaining(f"Kafka at {settings.kafka}", KafkaError, LookupError):
        async for address, record in follow(settings.brokers, topics, begin, live=live):
            line = line_of(address, record, settings.language)
            if line is not None and wanted.includes(line):
                _print(console, line, json=json)


def _print(console: Console, line: "Line", *, json: bool) -> None:
    if json:
        typer.echo(line.json())
        return
    from agents.notifiers.terminal import ANSWERED, COLOURS

    colour = ANSWERED.get(line.word) or COLOURS.get(line.severity, "magenta")
    console.print(Text.assemble((f"{line.at()} ", "dim"), (line.text(), colour)), soft_wrap=True)
