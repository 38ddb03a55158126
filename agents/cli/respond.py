"""``tocsin ack|silence|unsilence|resolve|note|maintenance``: what responders tell the workers."""

import time
from typing import Annotated
from uuid import uuid4

import typer

from agents.cli.complaint import Complaint, complaining
from agents.cli.speaker import speaker
from agents.settings import load
from pipeline.asked_times import ahead_ms, span_ms
from schemas.command import EVERY_BRAND, Command, Matcher
from schemas.decision import Decision
from schemas.vocabulary import CommandKind

Brand = Annotated[str, typer.Argument(metavar="BRAND", help="Id of the brand, as in the watch list.")]
AnyBrand = Annotated[str, typer.Argument(metavar="BRAND", help="Id of the brand; or --all.")]
All = Annotated[bool, typer.Option("--all", help="Every brand.")]
By = Annotated[str, typer.Option(metavar="NAME", help="Who says so; default: your user name.")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why; others read it in `tocsin why`.")]
Incident = Annotated[str, typer.Option(metavar="ID", help="Only if this incident is the open one.")]
Id = Annotated[str, typer.Option("--id", metavar="ID", help="Of this command: the same id counts once.")]
Wait = Annotated[float, typer.Option(metavar="SECONDS", help="How long to wait for a worker's answer.", min=0)]
For = Annotated[str, typer.Option("--for", metavar="SPAN", help="How long: 30m, 2h or 1d; at most 30d.")]
Until = Annotated[
    str, typer.Option(metavar="TIME", help="Or until when: ISO 8601 (UTC unless it says), or 2h from then.")
]
Start = Annotated[
    str, typer.Option("--from", metavar="TIME", help="When it begins: ISO 8601, or 2h from now; default: at once.")
]
Detectors = Annotated[list[str] | None, typer.Option("--detector", help="While no other detector of harm alarms.")]
Severities = Annotated[list[str] | None, typer.Option("--severity", help="While it is so severe: warning...")]
Facets = Annotated[list[str] | None, typer.Option("--facet", help="While most complaints are about product:ID...")]


def ack(brand: Brand, by: By = "", reason: Reason = "", incident: Incident = "", id_: Id = "", wait: Wait = 10) -> None:
    """Say that you have it: the open incident of BRAND stops asking.

    It pages again only if its severity rises.

      tocsin ack acme-mobile --reason "talking to the plant"
    """
    _give("ack", brand, by, wait, id_, text=reason, target=incident)


def resolve(
    brand: Brand, by: By = "", reason: Reason = "", incident: Incident = "", id_: Id = "", wait: Wait = 10
) -> None:
    """Close the open incident of BRAND with the next minute that closes.

    For quiet_s (an hour) what goes on as before opens no new one; what is
    more severe, or twice as high, does.

      tocsin resolve acme-mobile --reason "recall announced"
    """
    _give("resolve", brand, by, wait, id_, text=reason, target=incident)


def note(
    brand: Brand,
    text: Annotated[str, typer.Argument(help="What others should know.")],
    by: By = "", incident: Incident = "", id_: Id = "", wait: Wait = 10,
) -> None:  # fmt: skip
    """Write a note on the open incident of BRAND; `tocsin why` shows it.

    tocsin note acme-mobile "it is the white charger, batch 7"
    """
    _give("note", brand, by, wait, id_, text=text, target=incident)


def silence(
    brand: AnyBrand = "", all_: All = False, for_: For = "", until: Until = "", detector: Detectors = None,
    severity: Severities = None, facet: Facets = None, by: By = "", reason: Reason = "", id_: Id = "", wait: Wait = 10,
) -> None:  # fmt: skip
    """Keep pages of BRAND back for a while. Alerts go on; if it still burns at the end, it pages then.

    tocsin silence acme-mobile --for 2h --reason "known, team is on it"

    tocsin silence acme-mobile --for 1d --facet product:charger

    tocsin silence --all --until 2026-12-24T18:00 --severity warning
    """
    matcher = {"detectors": detector or (), "severities": severity or (), "facets": facet or ()}
    ends = {"until": _until(for_, until, _now())}
    _give("silence", _chosen(brand, every=all_), by, wait, id_, text=reason, matcher=matcher, **ends)


def maintenance(
    brand: AnyBrand = "", all_: All = False, start: Start = "", for_: For = "", until: Until = "",
    by: By = "", reason: Reason = "", id_: Id = "", wait: Wait = 10,
) -> None:  # fmt: skip
    """Announce a time in which BRAND pages nobody, such as a planned outage; it may begin later.

    tocsin maintenance acme-mobile --from 2026-12-01T22:00 --for 4h --reason "shop moves"
    """
    with complaining("--from", ValueError):
        begins = ahead_ms(start, _now()) if start else None
    times = {"starts": begins, "until": _until(for_, until, begins or _now())}
    _give("maintenance", _chosen(brand, every=all_), by, wait, id_, text=reason, **times)


def unsilence(
    brand: AnyBrand = "",
    all_: All = False,
    silence_: Annotated[str, typer.Option("--silence", metavar="ID", help="Only this one, as `silence` told.")] = "",
    by: By = "", reason: Reason = "", id_: Id = "", wait: Wait = 10,
) -> None:  # fmt: skip
    """Lift the silences and maintenance of BRAND, or with --all those that were given with --all.

    tocsin unsilence acme-mobile
    """
    _give("unsilence", _chosen(brand, every=all_), by, wait, id_, text=reason, target=silence_)


def _chosen(brand: str, *, every: bool) -> str:
    if bool(brand) == every:
        raise Complaint("name a brand, or write --all, one of the two")
    return EVERY_BRAND if every else brand


def _until(span: str, until: str, begins: int) -> int:
    if bool(span) == bool(until):
        raise Complaint("write how long: --for 2h, or --until with a time, one of the two")
    with complaining("--for" if span else "--until", ValueError):
        return begins + span_ms(span) if span else ahead_ms(until, begins)


def _now() -> int:
    return int(time.time() * 1000)


def _give(kind: CommandKind, brand: str, by: str, wait: float, name: str, **fields: object) -> None:
    """Check a command, append it, and tell what became of it; exit status 1 if a worker ignored it."""
    import msgspec
    from kafka.errors import KafkaError

    from agents.commanding import Desk
    from agents.feeding import EMBEDDED_API

    settings, given = load(), {"command_id": name or uuid4().hex, "by": by or speaker(), **fields}
    with complaining(kind, msgspec.ValidationError):
        matcher = msgspec.convert(given.pop("matcher", {}), Matcher)
    command = Command(kind=kind, brand=brand, matcher=matcher, **given)  # type: ignore[arg-type]  # checked next
    _refuse(command)
    with complaining(f"Kafka at {settings.kafka}", KafkaError):
        desk = Desk(settings.brokers, EMBEDDED_API if settings.embedded_broker else None)
        sent = desk.give(command)
        for one in sent:
            typer.echo(f"{kind} on social.brand-log.v1/{one.partition}/{one.offset}, command {command.command_id}")
        answers = list(desk.answers(command, sent, wait))
        desk.close()
    _tell(answers, len(sent), wait)


def _refuse(command: Command) -> None:
    from agents.watchlist_file import read_watchlist
    from pipeline.command_advice import advice
    from pipeline.series import DETECTORS

    wrong = advice(command, read_watchlist(load().watchlist), DETECTORS.keys(), _now())
    if wrong:
        raise Complaint(f"{command.kind}: {wrong}")


def _tell(answers: list[Decision], asked: int, wait: float) -> None:
    from pipeline.why_text import told

    for line in dict.fromkeys(told(answer, "en") for answer in answers):
        typer.echo(line)
    if len(answers) < asked and wait:
        typer.echo(
            f"{asked - len(answers)} of {asked} partitions have not answered within {wait:g} s: "
            "the command counts as soon as a worker reads it"
        )
    if any(answer.outcome == "ignored" for answer in answers):
        raise typer.Exit(1)
