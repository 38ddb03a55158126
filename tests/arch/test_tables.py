"""The table catalogue, the records and the live ClickHouse tables say the same."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from clickhouse_connect.driver.client import Client

from agents.clickhouse import connect
from agents.migrations import migrate, migrations
from agents.reference.clickhouse import clickhouse
from schemas.tables import TABLES, Table

pytestmark = pytest.mark.embedded
RUNBOOKS = Path(__file__).parents[2] / "deploy" / "runbooks"
UNSIGNED_BITS = {"UInt8": 8, "UInt32": 32, "UInt64": 64}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    client = connect(f"chdb://{tmp_path_factory.mktemp('engine')}?database=arch")
    migrate(client)
    yield client
    client.close()


def columns(client: Client, table: Table) -> dict[str, str]:
    found = client.query(
        "SELECT name, type FROM system.columns WHERE database = 'arch' AND table = {table:String} ORDER BY position",
        parameters={"table": table.name},
    )
    return {str(name): str(kind) for name, kind in found.result_rows}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_columns_are_the_fields_of_the_record(client: Client, table: Table) -> None:
    assert set(columns(client, table)) == set(table.columns)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_engine_collapses_rows_by_the_key_and_version_of_the_catalogue(client: Client, table: Table) -> None:
    (row,) = client.query(
        "SELECT engine_full, sorting_key FROM system.tables WHERE database = 'arch' AND name = {table:String}",
        parameters={"table": table.name},
    ).result_rows
    arguments = ", ".join(name for name in (table.version, table.deleted) if name)

    assert row[1] == ", ".join(table.key)
    assert re.findall(r"^ReplacingMergeTree(?:\((.*?)\))?(?: |$)", row[0]) == [arguments]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_repeated_insert_can_be_recognised(client: Client, table: Table) -> None:
    created = client.command(f"SHOW CREATE TABLE {table.name}")

    assert "non_replicated_deduplication_window = 10000" in str(created)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_integer_the_record_allows_wraps_in_its_column(client: Client, table: Table) -> None:
    kinds = columns(client, table)
    too_narrow = []
    for field in msgspec.inspect.type_info(table.record).fields:
        bits = UNSIGNED_BITS.get(kinds[field.name])
        if bits and isinstance(field.type, msgspec.inspect.IntType):
            greatest = field.type.le if field.type.le is not None else 2**63 - 1
            too_narrow += [field.name] if greatest >= 2**bits else []

    assert too_narrow == []


def test_the_reference_tells_of_the_tables_that_the_migrations_make(client: Client) -> None:
    written = (Path(__file__).parents[2] / "docs" / "clickhouse.md").read_text(encoding="utf-8")

    assert written == clickhouse(client), "run make generate"


@pytest.mark.parametrize("runbook", sorted(RUNBOOKS.glob("*.md")), ids=lambda path: path.stem)
def test_the_queries_of_a_runbook_are_answered(client: Client, runbook: Path) -> None:
    for sql in re.findall(r"`(SELECT [^`]+)`", runbook.read_text(encoding="utf-8")):
        client.query(sql)


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [step.version for step in migrations()] == list(range(1, len(migrations()) + 1))


def test_every_sql_file_is_a_migration() -> None:
    folder = Path(__file__).parents[2] / "schemas" / "clickhouse"

    assert len(list(folder.glob("*.sql"))) == len(migrations())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_rows_are_kept_from_their_insert_on_not_from_their_event(client: Client, table: Table) -> None:
    created = str(client.command(f"SHOW CREATE TABLE {table.name}"))
    found = re.findall(r"TTL toDateTime\((\w+)\) \+ toIntervalDay\((\d+)\)", created)

    assert found == ([] if table.kept_days is None else [("ingested_at", str(table.kept_days))])
