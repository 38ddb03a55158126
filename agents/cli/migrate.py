"""``tocsin migrate``."""

import typer

from agents.cli.complaint import complaining
from agents.settings import load


def migrate() -> None:
    """Create or upgrade the ClickHouse tables. Safe to run again: it reports what it did, or that nothing was to do."""
    from clickhouse_connect.driver.exceptions import Error

    from agents import migrations
    from agents.clickhouse import connect

    settings = load()
    with complaining("TOCSIN_CLICKHOUSE", Error, ValueError):
        client = connect(settings.clickhouse.get_secret_value())
        done = migrations.migrate(client)
    typer.echo("\n".join(f"applied {name}" for name in done) or "nothing to do: the tables are current")
    client.close()
