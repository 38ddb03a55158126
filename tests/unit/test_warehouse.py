"""The worker's ClickHouse is opened when it is needed; what is wrong with it is no fault of the rows."""

from types import SimpleNamespace
from typing import Any

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError, ProgrammingError

from agents import warehouse
from agents.warehouse import Warehouse


class World:
    """A ClickHouse whose migration fails as told, once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, failure: Exception | None = None) -> None:
        self.failure, self.inserted = failure, list[bytes]()
        self.opened = 0
        client = SimpleNamespace(raw_insert=lambda _table, insert_block, **_: self.inserted.append(insert_block))
        monkeypatch.setattr(warehouse, "connect", lambda _url: client)
        monkeypatch.setattr(warehouse, "migrate", self._migrate)
        self.warehouse = Warehouse("http://db", self._note)

    def _migrate(self, _client: Any) -> list[str]:  # noqa: ANN401  # the stand-in
        failure, self.failure = self.failure, None
        if failure:
            raise failure
        return []

    def _note(self) -> None:
        self.opened += 1


def test_it_is_opened_once_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch)
    for number in range(3):
        world.warehouse.insert("t", b"%d" % number, "token")

    assert (world.opened, world.inserted) == (1, [b"0", b"1", b"2"])


def test_a_migration_that_fails_blames_no_row_and_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch, DatabaseError("Code: 70. cannot convert a column", code=70))
    with pytest.raises(OperationalError) as failure:
        world.warehouse.insert("t", b"{}", "token")
    before = world.opened
    world.warehouse.insert("t", b"{}", "token")

    assert (failure.value.code, before, world.opened, world.inserted) == (None, 0, 1, [b"{}"])
    assert "cannot convert" in str(failure.value)


def test_a_setting_that_cannot_work_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch, ProgrammingError("no such option"))

    with pytest.raises(ProgrammingError):
        world.warehouse.insert("t", b"{}", "token")
