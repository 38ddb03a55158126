"""One embedded engine per module, migrated; its tables are empty at the start of every test."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from clickhouse_connect.driver.client import Client

from agents.clickhouse import connect
from agents.migrations import migrate
from agents.store import Store, inserter
from schemas.tables import TABLES


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The engine of this process: closed before another module opens its own."""
    client = connect(f"chdb://{tmp_path_factory.mktemp('engine')}?database=tests")
    migrate(client)
    yield client
    client.close()


@pytest.fixture
def client(engine: Client) -> Client:
    """The engine with empty tables."""
    for table in TABLES:
        engine.command(f"TRUNCATE TABLE {table.name}")
    return engine


@pytest.fixture
def store(client: Client) -> Iterator[Store]:
    """A store that may not need to wait."""

    async def never(_seconds: float) -> None:
        pytest.fail("the engine is here: nothing is to be retried")

    with ThreadPoolExecutor(1) as executor:
        yield Store(inserter(client), executor, on_retry=lambda _table: None, sleep=never)
