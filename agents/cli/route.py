"""``tocsin route``: who would be rung, when and why."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, get_args

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agents.cli.complaint import Complaint, complaining
from agents.settings import load
from schemas.finding import AT_ONCE
from schemas.vocabulary import Category, Severity

if TYPE_CHECKING:
    from pipeline.routing.choosing import Chosen
    from pipeline.routing.entries import Routing


def route(
    brand: Annotated[str, typer.Option(metavar="BRAND", help="Id of the brand, as in the watch list.")],
    severity: Annotated[str, typer.Option(metavar="WORD", help="info, warning, error or critical.")] = "critical",
    at: Annotated[
        str, typer.Option(metavar="TIME", help="ISO 8601 (UTC unless it says), or 2h from now; default: now.")
    ] = "",
    category: Annotated[list[str] | None, typer.Option(help="What complaints are about, such as safety.")] = None,
    region: Annotated[list[str] | None, typer.Option(help="Id of a region of the brand.")] = None,
    post: Annotated[
        str, typer.Option(metavar="KIND", help="Of a single post: critical_post or influential_post.")
    ] = "",
) -> None:
    """Say who would be told of a page, when and by which route. Nobody is rung.

    tocsin route --brand acme-mobile --severity critical --at 2026-12-24T03:00+08:00

    tocsin route --brand acme-mobile --severity warning --category safety
    """
    from agents.page_targets import routed
    from agents.watchlist_file import read_watchlist
    from pipeline.asked_times import ahead_ms
    from pipeline.routing.choosing import Occasion, choose

    settings, now = load(), int(time.time() * 1000)
    watchlist = read_watchlist(settings.watchlist)
    known = {one.id: {part.id for part in one.regions} for one in watchlist.brands}
    _refuse("--brand", [brand], known)
    _refuse("--severity", [severity], get_args(Severity))
    _refuse("--category", category or [], get_args(Category))
    _refuse("--region", region or [], known[brand])
    _refuse("--post", [post] if post else [], AT_ONCE)
    with complaining("--at", ValueError):
        moment = ahead_ms(at, now) if at else now
    with complaining("notifiers", ValueError):
        routing = routed(settings, watchlist, lambda: now).routing
    wanted: Severity = severity  # type: ignore[assignment]  # it is one of them, see above
    of = Occasion(brand, wanted, frozenset(category or ()), frozenset(region or ()), post)
    _tell(routing, choose(routing, of, moment), moment)


def _refuse(option: str, given: Sequence[str], known: object) -> None:
    from pipeline.routing.values import meant

    words = [str(word) for word in known]  # type: ignore[attr-defined]  # any collection of words
    for one in given:
        if one not in words:
            raise Complaint(f"{option} {one[:80]!r}: {meant(one, words)}")


def _tell(routing: "Routing", chosen: "Chosen", at: int) -> None:
    from pipeline.routing.clocks import shown

    table = Table("when", "who", "by", "on their clock", "route", "step")
    for leg in chosen.legs:
        receiver = routing.receivers[leg.target]
        when = "in the digest of" if leg.digest else ("at once" if leg.due <= at else "if nobody acknowledges, at")
        shown_at = "" if when == "at once" else f" {datetime.fromtimestamp(leg.due / 1000, UTC):%Y-%m-%d %H:%M} UTC"
        cells = (
            f"{when}{shown_at}", leg.target, receiver.notifier, shown(leg.due, receiver.timezone), leg.route,
            "digest" if leg.digest else str(leg.step + 1),
        )  # fmt: skip
        table.add_row(*map(escape, cells))
    console = Console()
    console.print(table if chosen.legs else "Nobody: no notifier is set up (docs/operating.md has a table).")
    for looked in chosen.looked:
        said = f"not taken: {looked.against}" if looked.against else "takes it"
        console.print(f"route {looked.route}: {said}", markup=False, highlight=False)
    for line in chosen.left_out:
        console.print(line, markup=False, highlight=False)
