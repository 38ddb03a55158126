"""Migrations are applied once, in order, and never after they were edited; connecting never tells a password."""

from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from agents.clickhouse import connect
from agents.migrations import MigrationChanged, migrate, migrations

pytestmark = pytest.mark.embedded


def test_migrating_again_does_nothing(client: Client) -> None:
    assert migrate(client) == []


def test_migrating_names_what_it_did_and_remembers_it(engine: Client) -> None:
    other = connect(f"{engine.uri}?database=fresh")

    assert len(migrate(other)) == len(migrations())
    assert migrate(other) == []

    other.close()


def test_a_migration_edited_after_it_was_applied_is_refused(client: Client) -> None:
    first, *others = migrations()

    with pytest.raises(MigrationChanged, match="0001_signals"):
        migrate(client, [first._replace(checksum="other"), *others])


def test_a_broken_migration_is_not_remembered(client: Client, tmp_path: Path) -> None:
    (tmp_path / "9001_one.sql").write_text("CREATE TABLE IF NOT EXISTS one (n UInt8) ENGINE = Memory;\nSELEC;\n")

    with pytest.raises(DatabaseError):
        migrate(client, migrations(tmp_path))
    assert client.command("SELECT count() FROM schema_migrations WHERE version = 9001") == 0
