"""``tocsin migrate``."""

import typer

from agents.cli.complaint import complaining
from agents.settings import load
from pipeline.retention import retention


def migrate() -> None:
    """Create or upgrade the ClickHouse tables, and let them keep rows as long as TOCSIN_RETENTION_DAYS says.

    Safe to run again: it reports what it did, or that nothing was to do.
    """
    from clickhouse_connect.driver.exceptions import Error

    from agents import migrations
    from agents.clickhouse import connect
    from agents.table_retention import keep

    settings = load()
    with complaining("TOCSIN_CLICKHOUSE", Error, ValueError):
        client = connect(settings.clickhouse.get_secret_value())
        lines = [f"applied {name}" for name in migrations.migrate(client)]
        for table, before, days in keep(client, retention(settings.retention_days)):
            lines.append(f"{table} keeps rows for {days} days, not {before or 'ever'}")
    typer.echo("\n".join(lines) or "nothing to do: the tables are current")
    client.close()
