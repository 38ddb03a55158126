"""Inserting waits out outages, singles out refused lines, and repeats itself exactly after a crash."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError, ProgrammingError

from agents.store import DATA_CODES, LONGEST_DELAY, Refused, Store

LINES = [b'{"n":%d}' % number for number in range(10)]


class Table:
    """A table in memory that refuses lines and fails as told, and knows tokens as ClickHouse does."""

    def __init__(self, bad: frozenset[bytes] = frozenset(), failures: tuple[Exception, ...] = ()) -> None:
        self.rows: list[bytes] = []
        self.tokens: list[str] = []
        self._bad, self._failures = bad, iter(failures)

    def insert(self, _table: str, lines: bytes, token: str) -> None:
        """Take all lines or none."""
        for failure in self._failures:
            raise failure
        rows = lines.split(b"\n")
        if self._bad.intersection(rows):
            raise DatabaseError("Code: 27. DB::Exception: cannot parse", code=27)
        if token not in self.tokens:
            self.tokens.append(token)
            self.rows += rows


StoreOf = Callable[[Table], Store]


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as threads:
        yield threads


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def store_of(executor: ThreadPoolExecutor, waits: list[float]) -> StoreOf:
    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    return lambda table: Store(table.insert, executor, on_retry=lambda _table: None, sleep=sleep)


async def test_a_good_batch_is_one_insert(store_of: StoreOf) -> None:
    table = Table()

    assert await store_of(table).insert("t", LINES, "topic:0:7") == []
    assert (table.rows, len(table.tokens)) == (LINES, 1)


async def test_other_lines_under_a_token_used_before_are_stored(store_of: StoreOf) -> None:
    table = Table()
    await store_of(table).insert("t", LINES[:5], "topic:0:7")
    await store_of(table).insert("t", LINES[5:], "topic:0:7")

    assert table.rows == LINES


@pytest.mark.parametrize("bad", [{0}, {9}, {4, 5}, {0, 3, 9}, set(range(10))])
async def test_only_the_refused_lines_come_back_and_all_others_are_stored(store_of: StoreOf, bad: set[int]) -> None:
    refused = [line for number, line in enumerate(LINES) if number in bad]
    table = Table(bad=frozenset(refused))
    answer = await store_of(table).insert("t", LINES, "token")

    assert [item.line for item in answer] == refused
    assert table.rows == [line for line in LINES if line not in refused]


async def test_a_batch_cut_apart_is_cut_the_same_way_again(store_of: StoreOf) -> None:
    table = Table(bad=frozenset({LINES[3]}))
    await store_of(table).insert("t", LINES, "token")
    await store_of(table).insert("t", LINES, "token")

    assert len(table.rows) == 9


async def test_two_different_parts_never_share_a_token(store_of: StoreOf) -> None:
    table = Table(bad=frozenset({LINES[0], LINES[9]}))
    await store_of(table).insert("t", LINES, "token")

    assert len(table.rows) == 8


@pytest.mark.parametrize(
    "failure",
    [
        OperationalError("no route"),
        ConnectionResetError("gone"),
        TimeoutError("slow"),
        DatabaseError("HTTP driver received HTTP status 503"),
        DatabaseError("Code: 241. memory", code=241),
        DatabaseError("Code: 252. too many parts", code=252),
        DatabaseError("Code: 202. too many queries", code=202),
        DatabaseError("Code: 60. no such table", code=60),
    ],
    ids=lambda failure: f"{type(failure).__name__} {failure}",
)
async def test_what_no_row_is_to_blame_for_is_waited_out(
    store_of: StoreOf, waits: list[float], failure: Exception
) -> None:
    table = Table(failures=(failure,) * 3)

    assert await store_of(table).insert("t", LINES, "token") == []
    assert table.rows == LINES
    assert len(waits) == 3


@pytest.mark.parametrize("code", sorted(DATA_CODES))
async def test_what_a_row_is_to_blame_for_is_not_waited_out(store_of: StoreOf, waits: list[float], code: int) -> None:
    table = Table(failures=(DatabaseError(f"Code: {code}. this row", code=code),))

    assert [one.line for one in await store_of(table).insert("t", LINES[:1], "token")] == LINES[:1]
    assert waits == []


async def test_the_lines_are_tried_again_under_the_same_token(executor: ThreadPoolExecutor) -> None:
    tokens: list[str] = []

    def insert(_table: str, _lines: bytes, token: str) -> None:
        tokens.append(token)
        if len(tokens) < 4:
            raise DatabaseError("Code: 202. too many queries", code=202)

    async def sleep(_seconds: float) -> None: ...

    await Store(insert, executor, on_retry=lambda _table: None, sleep=sleep).insert("t", LINES, "token")

    assert len(tokens) == 4
    assert len(set(tokens)) == 1


async def test_waiting_grows_and_stays_bounded(store_of: StoreOf, waits: list[float]) -> None:
    table = Table(failures=(OperationalError("down"),) * 40)
    await store_of(table).insert("t", LINES, "token")

    assert waits[0] < 1
    assert LONGEST_DELAY / 2 <= min(waits[10:]) <= max(waits) <= LONGEST_DELAY


async def test_every_retry_is_told(executor: ThreadPoolExecutor) -> None:
    told: list[str] = []

    async def sleep(_seconds: float) -> None: ...

    table = Table(failures=(OperationalError("down"),) * 2)
    await Store(table.insert, executor, on_retry=told.append, sleep=sleep).insert("minutes", LINES, "token")

    assert told == ["minutes", "minutes"]


async def test_misuse_is_raised_because_waiting_would_not_help(store_of: StoreOf) -> None:
    with pytest.raises(ProgrammingError):
        await store_of(Table(failures=(ProgrammingError("closed"),))).insert("t", LINES, "token")


async def test_nothing_to_insert_touches_nothing(store_of: StoreOf) -> None:
    table = Table()

    assert await store_of(table).insert("t", [], "token") == []
    assert table.tokens == []


async def test_a_refused_line_brings_the_reason_of_the_server(store_of: StoreOf) -> None:
    table = Table(bad=frozenset({LINES[2]}))

    assert await store_of(table).insert("t", LINES[2:3], "token") == [
        Refused(LINES[2], "Code: 27. DB::Exception: cannot parse")
    ]
