"""Letting ClickHouse keep rows as long as the settings say: the TTL of each table, changed where it differs."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from clickhouse_connect.driver.client import Client

_TTL = re.compile(r"TTL toDateTime\(ingested_at\) \+ toIntervalDay\((\d+)\)")
_TABLES = "SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase()"


class Kept(NamedTuple):
    """A table whose rows are kept for other days than before; None: nobody had said."""

    table: str
    before: int | None
    days: int


def differing(client: Client, wanted: Mapping[str, int]) -> Iterator[Kept]:
    """The tables that keep their rows for other days than ``wanted``. Those that do not exist are left out."""
    for name, created in client.query(_TABLES).result_rows:
        found = _TTL.search(str(created))
        before = int(found[1]) if found else None
        days = wanted.get(str(name))
        if days is not None and before != days:
            yield Kept(str(name), before, days)


def keep(client: Client, wanted: Mapping[str, int]) -> list[Kept]:
    """Change what differs; ClickHouse drops what is too old by then on its own, with the next merges."""
    changed = list(differing(client, wanted))
    for one in changed:
        client.command(f"ALTER TABLE {one.table} MODIFY TTL toDateTime(ingested_at) + INTERVAL {one.days} DAY")
    return changed
