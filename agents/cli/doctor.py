"""``tocsin doctor``."""

import os
import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agents.settings import Settings, load


class Finding(NamedTuple):
    """One thing that was looked at. ``advice`` is empty when it is well."""

    what: str
    found: str
    advice: str = ""


def doctor() -> None:
    """Look at all a worker needs: settings, watch list, Kafka and its topics, ClickHouse, extras. Changes nothing.

    Exit status 1 if something would keep a worker from running; each line says what to do about it.
    """
    settings = load()
    findings = [
        found for look in (_watchlist, _kafka, _clickhouse, _notifiers, _extras) for found in _safely(look, settings)
    ]
    table = Table("", "what", "found", "what to do", title="Tocsin doctor")
    for finding in findings:
        table.add_row("[red]✗[/]" if finding.advice else "[green]✓[/]", *(escape(cell) for cell in finding))
    Console().print(table)
    raise typer.Exit(1 if any(finding.advice for finding in findings) else 0)


def _safely(look: Callable[[Settings], Iterator[Finding]], settings: Settings) -> list[Finding]:
    try:
        return list(look(settings))
    except Exception as error:  # noqa: BLE001  # whatever it is, it is a finding
        name = look.__name__.strip("_")
        return [Finding(name, f"{type(error).__name__}: {str(error)[:200]}", _ADVICE[name])]


_NOBODY = "set one up (docs/operating.md has a table), or TOCSIN_TERMINAL=on"
_ADVICE = {
    "watchlist": "write a watch list (see deploy/watchlist.example.yaml) and name it in TOCSIN_WATCHLIST",
    "kafka": "start Kafka (`make kafka` runs one for development) and name it in TOCSIN_KAFKA; "
    "TOCSIN_KAFKA_SECURITY and those beside it say how it is spoken to",
    "notifiers": "correct the setting that is named; docs/operating.md has an example of each",
    "clickhouse": "start ClickHouse and name it in TOCSIN_CLICKHOUSE, or use chdb:///directory?database=tocsin",
}


def _watchlist(settings: Settings) -> Iterator[Finding]:
    from agents.watchlist_file import read_watchlist
    from pipeline.configuration import rules_digest

    found = read_watchlist(settings.watchlist)
    yield Finding("watch list", f"{settings.watchlist}: {len(found.brands)} brands, rules {rules_digest(found)}")


def _kafka(settings: Settings) -> Iterator[Finding]:
    from agents import topic_admin
    from agents.brokers import proofs

    for proof in proofs(settings.brokers):
        yield Finding("TLS of Kafka", proof)
    counts = topic_admin.Counts(
        settings.posts_partitions, settings.brand_partitions, settings.replication, settings.sources
    )
    problems = topic_admin.check(settings.brokers, counts)
    yield Finding("Kafka", settings.brokers)
    yield Finding("topics", "; ".join(problems) or "as the catalogue says", "tocsin topics create" if problems else "")


def _clickhouse(settings: Settings) -> Iterator[Finding]:
    from agents.clickhouse import connect, embedded_in

    url = settings.clickhouse.get_secret_value()
    directory = embedded_in(url)
    if directory and not (directory.is_dir() and any(directory.iterdir())):  # to connect would make it
        yield _unmade(directory)
        return
    client = connect(url)
    yield Finding("ClickHouse", f"version {client.server_version}")
    client.close()


def _unmade(directory: Path) -> Finding:
    """Whether an embedded ClickHouse could be made there, by who runs this."""
    nearest = next(one for one in (directory, *directory.parents) if one.exists())
    usable = nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
    found = f"embedded, nothing in {directory} yet: `tocsin migrate` or a worker begins it"
    return Finding("ClickHouse", found, "" if usable else f"{nearest} cannot be written to; {_ADVICE['clickhouse']}")


def _notifiers(settings: Settings) -> Iterator[Finding]:
    from agents.page_targets import routed
    from agents.watchlist_file import read_watchlist
    from pipeline.watchlist import WatchList

    watchlist = read_watchlist(settings.watchlist) if settings.routing else WatchList(brands=())
    names = list(routed(settings, watchlist, lambda: 0).targets)
    yield Finding("notifiers", f"pages go to: {', '.join(names) or 'nobody'}", "" if names else _NOBODY)


def _extras(_settings: Settings) -> Iterator[Finding]:
    for module, use in (("chdb", "embedded ClickHouse"), ("confluent_kafka", "embedded broker")):
        there = find_spec(module) is not None
        yield Finding(use, "installed" if there else "not installed (only the demo and embedded mode need it)")
    java = shutil.which("java")
    yield Finding("Java", java or "not installed (only `make kafka` and the integration tests need it)")
