"""``tocsin check-config``."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agents.cli.complaint import complaining
from agents.settings import Settings, load
from pipeline.routing.entries import Routing
from pipeline.routing.wording import conditions, deeds, window_text
from pipeline.watchlist_entries import WatchList


def check_config(
    watchlist: Annotated[Path | None, typer.Argument(help="A watch list; default TOCSIN_WATCHLIST.")] = None,
) -> None:
    """Read the settings and the watch list, say what is wrong (file, line and field) or show what they mean."""
    from agents.page_targets import routed
    from agents.watchlist_file import read_watchlist
    from pipeline.configuration import rules_digest

    settings = load()
    console = Console()
    console.print(_settings(settings))
    found = read_watchlist(watchlist or settings.watchlist)
    console.print(_brands(found))
    if settings.shadow_rules and not watchlist:
        shadow = rules_digest(read_watchlist(Path(settings.shadow_rules)))
        console.print(f"Shadow rules: {settings.shadow_rules}, rules {shadow}", markup=False)
    with complaining("notifiers", ValueError):
        routing, targets = routed(settings, found, lambda: 0)
    console.print(f"Pages go to: {', '.join(targets) or 'nobody'}", markup=False)
    if settings.routing:
        console.print(_receivers(routing))
        console.print(_routes(routing))


def _settings(settings: Settings) -> Table:
    table = Table("variable", "value", "meaning", title="Settings")
    for name, field in Settings.model_fields.items():
        table.add_row(f"TOCSIN_{name.upper()}", escape(str(getattr(settings, name))), escape(field.description or ""))
    return table


def _brands(found: WatchList) -> Table:
    from pipeline.configuration import rules_digest

    table = Table(
        "brand", "aliases", "products", "regions", "campaigns", title=f"Watch list, rules {rules_digest(found)}"
    )
    for brand in found.brands:
        facets = (", ".join(facet.id for facet in group) for group in (brand.products, brand.regions, brand.campaigns))
        row = (f"{brand.id} ({brand.name})", ", ".join(brand.aliases), *facets)
        table.add_row(*(escape(cell) for cell in row))
    return table


def _receivers(routing: Routing) -> Table:
    table = Table("receiver", "notifier", "language", "clock", "on duty", "messages a minute", title="Receivers")
    for one in routing.receivers.values():
        pace = "as the notifier says" if one.per_minute is None else str(one.per_minute)
        cells = (one.name, one.notifier, one.language or "as set", one.timezone, window_text(one.duty), pace)
        table.add_row(*map(escape, cells))
    return table


def _routes(routing: Routing) -> Table:
    table = Table("route", "takes", "tells", title="Routes, the first that takes a page")
    for one in routing.routes:
        table.add_row(*map(escape, (one.name, conditions(one), deeds(one))))
    return table
