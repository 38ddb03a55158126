"""A script of faults for the inserts of a server: some are slow, some are refused, of some the answer never comes."""

import time
from typing import Any
from urllib.parse import parse_qsl

import msgspec

UNTIL_CLEARED = 1_000_000


class Fault(msgspec.Struct):
    """What happens to some inserts. They are applied unless they are refused; a fault without a fault is healthy."""

    inserts: int = UNTIL_CLEARED  # how many more
    seconds: float = 0  # until anything happens
    status: int = 200  # another one: refused by that HTTP status
    code: int = 0  # ClickHouse's code of the refusal; 0: somebody between says it, and names none
    applied: bool = False  # refused although it was applied
    cut: bool = False  # applied, and the connection is cut instead of an answer
    table: str = ""  # only inserts into this one
    containing: str = ""  # only inserts with this text

    def concerns(self, table: str, sql: str) -> bool:
        """Whether it may happen to an insert."""
        return self.table in {"", table} and self.containing in sql

    @property
    def refused(self) -> bool:
        """Whether the insert must not be applied."""
        return self.status != 200 and not self.applied


class Script:
    """Faults, one after the other, and a journal of the inserts they met."""

    def __init__(self) -> None:
        self.journal: list[dict[str, Any]] = []
        self._faults: list[tuple[str, Fault]] = []

    def add(self, query: str) -> None:
        """Add a fault as the query part of a URL: ``inserts=3&status=500&code=241``."""
        self._faults.append((query, msgspec.convert(dict(parse_qsl(query)), Fault, strict=False)))

    def clear(self) -> None:
        """All inserts are healthy from now on."""
        self._faults.clear()

    def next(self, table: str, token: str, sql: str) -> Fault:
        """The fault of an insert, which is noted under the query that added it."""
        found = (item for item in self._faults if item[1].concerns(table, sql))
        query, fault = next(found, ("", Fault()))
        if query:
            fault.inserts -= 1
        if query and fault.inserts == 0:
            self._faults.remove((query, fault))
        self.journal.append({"table": table, "token": token, "at": time.monotonic(), "fault": query})
        return fault
