"""``tocsin rules show|apply|end-shadow``."""

import asyncio
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from socket import gethostname
from typing import TYPE_CHECKING, Annotated

import typer

from agents.cli.complaint import Complaint, complaining
from agents.cli.speaker import speaker
from agents.settings import Settings, load
from schemas.vocabulary import RulesScope

if TYPE_CHECKING:
    from agents.rules_log import InForce
    from pipeline.watchlist import WatchList
    from schemas.rules_change import RulesChange

app = typer.Typer(help="Show and change the rules that are in force, without a restart.", no_args_is_help=True)

LONGEST = 1_024  # characters of a reason, as the record takes them

Reason = Annotated[str, typer.Option(help="Why; kept with the change in the log and in the table rules.")]
Shadow = Annotated[bool, typer.Option("--shadow", help="As shadow rules: judged beside the others, page nobody.")]


@app.command()
def show() -> None:
    """Say which rules are in force on each partition of the brand log, as the log has it, and their values."""
    from pipeline.configuration import rules_digest

    found = _in_force(load())
    shown: list[WatchList] = []
    for number, lists in found.items():
        names = {"rules": lists.pages, "shadow": lists.shadow}
        told = (f"{name} {rules_digest(one) if one else 'none'}" for name, one in names.items())
        typer.echo(f"partition {number}: {', '.join(told)}")
        shown += [one for one in names.values() if one and one not in shown]
    for one in shown:
        values = ", ".join(f"{name} {getattr(one.rules, name):g}" for name in one.rules.__struct_fields__)
        typer.echo(f"{rules_digest(one)}: {len(one.brands)} brands; {values}")


@app.command()
def apply(
    file: Annotated[Path, typer.Argument(help="A watch list with the new rules.")],
    shadow: Shadow = False,  # a flag of the command line
    reason: Reason = "",
) -> None:
    """Check a watch list, show what it changes, and tell all partitions of the brand log; workers obey at once.

    Detectors keep what they know, incidents stay open. Changes of brands, words, facets, bucket_s, lateness_s and
    horizon_s are refused: they need a restart of the workers with the new file.

    Example: tocsin rules apply watchlist.yaml --reason "fewer pages at night"
    """
    from agents.watchlist_file import read_watchlist
    from pipeline.ruling import on_change

    settings, watchlist = load(), read_watchlist(file)
    scope: RulesScope = "shadow" if shadow else "pages"
    found = _in_force(settings)
    running = [lists.pages for lists in found.values() if lists.pages]
    if any(on_change(one, watchlist).why == "needs_restart" for one in running):
        raise Complaint(_needs_restart(file, running, watchlist))
    before = [lists.shadow if shadow else lists.pages for lists in found.values()]
    if all(one == watchlist for one in before):
        typer.echo("these rules are in force already; nothing to do")
        return
    typer.echo("\n".join(_differences(before, watchlist)))
    _tell(settings, _change(watchlist, scope, reason), len(found))


@app.command()
def end_shadow(reason: Reason = "") -> None:
    """End the shadow rules on all partitions. Remove TOCSIN_SHADOW_RULES, too, or the next start begins them again."""
    settings = load()
    found = _in_force(settings)
    if not any(lists.shadow for lists in found.values()):
        typer.echo("there are no shadow rules; nothing to do")
        return
    _tell(settings, _change(None, "shadow", reason), len(found))


def _in_force(settings: Settings) -> Mapping[int, "InForce"]:
    from aiokafka.errors import KafkaError

    from agents.checkpoints import StateLost
    from agents.rules_log import TopicsMissing, in_force

    with complaining(f"Kafka at {settings.kafka}", KafkaError, StateLost, TopicsMissing):
        return asyncio.run(in_force(settings.brokers))


def _change(watchlist: "WatchList | None", scope: RulesScope, reason: str) -> "RulesChange":
    from pipeline.ruling import change_record
    from schemas.rules_change import RulesChange

    if len(reason) > LONGEST:
        raise Complaint(f"--reason has {len(reason)} characters; write at most {LONGEST}")
    draft = RulesChange(
        change_id=uuid.uuid4().hex, scope=scope, digest="", watchlist=None, at=int(time.time() * 1000),
        by=f"{speaker()} on {gethostname()}", reason=reason,
    )  # fmt: skip
    return change_record(watchlist, draft)


def _tell(settings: Settings, change: "RulesChange", partitions: int) -> None:
    from kafka.errors import KafkaError

    from agents.rules_log import tell

    with complaining(f"Kafka at {settings.kafka}: run the command again", KafkaError):
        tell(settings.brokers, change, partitions, embedded=settings.embedded_broker)
    typer.echo(f"acknowledged by all {partitions} partitions; in force for what comes after it")


def _differences(before: "Sequence[WatchList | None]", after: "WatchList") -> Iterator[str]:
    """What changes, once for all partitions that have the same now."""
    from pipeline.configuration import rules_digest
    from pipeline.ruling import differences

    for one in [one for place, one in enumerate(before) if one not in before[:place]]:
        yield f"rules {rules_digest(one) if one else 'none'} -> {rules_digest(after)}"
        yield from (f"  {line}" for line in (differences(one, after) if one else ()))


def _needs_restart(file: Path, running: "list[WatchList]", watchlist: "WatchList") -> str:
    from pipeline.ruling import differences, matching

    lines = differences(matching(running[0]), matching(watchlist))
    shown = "; ".join(lines[:5]) + ("; ..." if len(lines) > 5 else "")  # noqa: PLR2004  # as many as one reads
    return (
        f"{file}: this changes which posts count where ({shown}), which listen reads at its start: "
        "name this file in TOCSIN_WATCHLIST and restart the workers"
    )
