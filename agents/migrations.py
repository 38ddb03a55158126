"""Bringing a ClickHouse database to the schema of this version: numbered SQL files, forward only, each applied once."""

import re
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from typing import NamedTuple

from clickhouse_connect.driver.binding import quote_identifier
from clickhouse_connect.driver.client import Client

_FILE_NAME = re.compile(r"(\d{4})_(\w+)\.sql")
_STATEMENT_END = re.compile(r";\s*$", re.MULTILINE)
_LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migrations
(
    version    UInt32,
    name       String,
    checksum   String,
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
ORDER BY version
"""


class MigrationChanged(Exception):  # noqa: N818  # named as what happened
    """A file that was applied before now reads otherwise; released migrations are never edited."""


class Migration(NamedTuple):
    """One numbered file. ``checksum`` is the SHA-256 of its text."""

    version: int
    name: str
    checksum: str
    statements: tuple[str, ...]


def migrations(directory: Traversable | None = None) -> list[Migration]:
    """All migrations in order, by default those of this version."""
    folder = directory or resources.files("schemas.clickhouse")
    return sorted(_read(file, match) for file in folder.iterdir() if (match := _FILE_NAME.fullmatch(file.name)))


def _read(file: Traversable, match: re.Match[str]) -> Migration:
    text = file.read_text(encoding="utf-8")
    statements = tuple(part.strip() for part in _STATEMENT_END.split(text) if part.strip())
    return Migration(int(match[1]), match[2], sha256(text.encode()).hexdigest(), statements)


def migrate(client: Client, wanted: list[Migration] | None = None) -> list[str]:
    """Create the client's database and apply what is missing; returns the names of the files applied now.

    Safe to repeat and to run from several processes at once, since statements say IF NOT EXISTS or OR REPLACE.

    Raises:
        MigrationChanged: a file applied earlier has been edited since; nothing was done.
    """
    client.command(f"CREATE DATABASE IF NOT EXISTS {quote_identifier(str(client.database))}", use_database=False)
    client.command(_LEDGER)
    rows = client.query("SELECT version, checksum FROM schema_migrations FINAL").result_rows
    applied = {int(version): str(checksum) for version, checksum in rows}
    steps = migrations() if wanted is None else wanted
    for step in steps:
        if applied.get(step.version, step.checksum) != step.checksum:
            raise MigrationChanged(
                f"migration {step.version:04}_{step.name} was applied with other contents: restore it, add a new one"
            )
    missing = [step for step in steps if step.version not in applied]
    for step in missing:
        _apply(client, step)
    return [f"{step.version:04}_{step.name}" for step in missing]


def _apply(client: Client, step: Migration) -> None:
    for statement in step.statements:
        client.command(statement)
    client.insert(
        "schema_migrations",
        [(step.version, step.name, step.checksum)],
        column_names=["version", "name", "checksum"],
    )
