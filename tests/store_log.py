"""Logs as the store stage reads them, and the store stage under crashes, lost replies, refused rows and replays."""

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import orjson
from clickhouse_connect.driver.exceptions import DatabaseError
from faust.types import TP
from msgspec.structs import replace

from agents.crash_points import POINTS, CrashPoint
from agents.metrics import Metrics
from agents.store import Insert, Store
from agents.storing import Storing
from pipeline.replay import LogRecord
from pipeline.rows import rows
from pipeline.stage import Output
from schemas.alert import Delivery
from schemas.brand_log import Bundle, Counts, Partial, Progress
from schemas.codec import encode
from schemas.tables import TABLES
from tests.builders import MINUTE, SIGNAL, START

FAULTS = (*POINTS["store"], "crash in insert", "no reply", "refused", "known token", "moved back")
REFUSED = b"not for ClickHouse"
_TABLES = {table.name: table for table in TABLES}
View = dict[str, dict[tuple[Any, ...], dict[str, Any]]]


class Crash(Exception):  # noqa: N818  # named as what it is
    """The process ends here."""


def signals_log(rng: Random, size: int) -> list[LogRecord]:
    """Blocks of posts and their revisions, the last of which withdraws the post; what a revision says is fixed."""
    blocks = [
        b"\n".join(_signal(rng.randrange(25), rng.randrange(4)) for _ in range(rng.randrange(1, 5)))
        for _ in range(size)
    ]
    return [LogRecord(offset, START, None, block) for offset, block in enumerate(blocks)]


def _signal(number: int, revision: int) -> bytes:
    text = REFUSED.decode() if number % 5 == 2 and revision == 1 else f"revision {revision}"
    return encode(replace(
        SIGNAL, post_uid=f"x:{number}", revision=revision, deleted=int(revision == 3), text=text,
        source_offset=10 * number + revision,
    ))  # fmt: skip


def brand_log(rng: Random, size: int) -> list[LogRecord]:
    """Totals of three sources that start again from an earlier offset at times, outcomes of pages, and rubbish."""
    at, values = [0, 0, 0], list[bytes]()
    while len(values) < size:
        source = rng.randrange(3)
        at[source] = rng.randrange(at[source] + 1) if rng.random() < 0.2 else at[source] + rng.randrange(1, 4)
        values.append(rng.choice([_bundle(source, at[source])] * 8 + [_delivery(at[source]), b"{"]))
    return [LogRecord(offset, START, None, value) for offset, value in enumerate(values)]


def _bundle(source: int, offset: int) -> bytes:
    """What ``source`` says at ``offset``: the same whenever it says it."""
    counts = Counts(posts=offset, complaints=offset // 2)
    partials = tuple(
        Partial(
            brand="acme", minute=START + minute * MINUTE, counts=counts, facets={"lang:en": counts}, late=offset % 3
        )
        for minute in {offset // 9, (offset + 4) // 9}
    )
    told = Progress(source=source, sources=3, offset=offset, watermark=START + offset, read=offset + 1)
    return encode(Bundle(bucket_ms=MINUTE, previous=-1, progress=told, partials=partials))


def _delivery(number: int) -> bytes:
    return encode(Delivery(
        page_id=f"p{number % 3}", dedup_key="d", brand="acme", target="webhook", status="delivered",
        attempts=number + 1, requested_at=START, finished_at=START + number,
    ))  # fmt: skip


class Tables:
    """ReplacingMergeTree as readers see it.

    Lines under one of the last ``window`` tokens are dropped. Of rows with one key the highest version counts, and a
    row that says it is deleted is not there.
    """

    def __init__(self, window: int, faults: Counter[str]) -> None:
        self._tokens, self._faults = deque[str](maxlen=window), faults
        self._rows: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}

    def insert(self, table: str, lines: bytes, token: str) -> None:
        """All lines or none."""
        if REFUSED in lines:
            self._faults["refused"] += 1
            raise DatabaseError("Code: 27. DB::Exception: cannot parse", code=27)
        if token in self._tokens:
            self._faults["known token"] += 1
            return
        self._tokens.append(token)
        kept, known = self._rows.setdefault(table, {}), _TABLES[table]
        for row in map(orjson.loads, lines.split(b"\n")):
            held = kept.setdefault(tuple(row[name] for name in known.key), row)
            if known.version and row[known.version] > held[known.version]:
                kept[tuple(row[name] for name in known.key)] = row

    def view(self) -> View:
        """What a reader sees of each table that has rows."""
        return {
            name: {key: row for key, row in kept.items() if not (_TABLES[name].deleted and row["deleted"])}
            for name, kept in self._rows.items()
        }


def of_the_set(topic: str, records: Iterable[LogRecord]) -> tuple[View, set[bytes]]:
    """The tables, and the refused rows, of each record stored once."""
    tables, refused = Tables(0, Counter()), set[bytes]()
    for record in records:
        for table, lines in rows(topic, record.value).lines.items():
            refused |= {line for line in lines if REFUSED in line}
            good = [line for line in lines if REFUSED not in line]
            if good:
                tables.insert(table, b"\n".join(good), "")
    return tables.view(), refused


class Chance:
    """Lets things fail at random, and counts what failed."""

    def __init__(self, rng: Random, faults: Counter[str]) -> None:
        self._rng, self._faults = rng, faults

    def at(self, point: CrashPoint) -> None:
        """Crash at a named point, now and then."""
        self._perhaps(0.05, point, Crash())

    def insert(self, insert: Insert) -> Insert:
        """``insert``, which now and then crashes halfway through a batch or is applied without an answer."""

        def tried(table: str, lines: bytes, token: str) -> None:
            insert(table, lines, token)
            self._perhaps(0.05, "crash in insert", Crash())
            self._perhaps(0.15, "no reply", OSError("connection reset"))

        return tried

    def moved_back(self) -> bool:
        """Whether an operator moves the group back."""
        moved = self._rng.random() < 0.1
        self._faults["moved back"] += moved
        return moved

    def _perhaps(self, chance: float, fault: str, error: Exception) -> None:
        if self._rng.random() < chance:
            self._faults[fault] += 1
            raise error


def store_through(rng: Random, tp: TP, log: Sequence[LogRecord], insert: Insert, faults: Counter[str]) -> list[Output]:
    """Run the store stage over the log in random slices, from the last commit after each crash; its dead letters."""
    letters, chance = list[Output](), Chance(rng, faults)

    async def send(output: Output) -> None:
        letters.append(output)

    async def wait(_seconds: float) -> None:
        return

    async def run(executor: ThreadPoolExecutor) -> None:
        store = Store(chance.insert(insert), executor, on_retry=lambda _table: None, sleep=wait)
        storing, position, committed = Storing(store, send, Metrics(), chance.at), 0, 0
        while position < len(log):
            end = position + rng.choice([1, 2, 5, 20])
            try:
                await storing(tp, log[position:end])  # type: ignore[arg-type]  # as much of a record as is used
                position = end
            except Crash:
                position = committed
            if chance.moved_back():
                position = committed = rng.randrange(committed + 1)
            elif rng.random() < 0.5:
                committed = position

    with ThreadPoolExecutor(1) as executor:
        asyncio.run(run(executor))
    return letters
