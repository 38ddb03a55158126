"""docs/clickhouse.md: tables and views as the migrations make them, with what the records say of the columns."""

import re
from collections.abc import Iterator
from importlib import resources

import msgspec
from clickhouse_connect.driver.client import Client

from agents.reference.fields import fields
from agents.reference.messages import meaning
from agents.reference.page import code, page, prose, table
from schemas import vocabulary
from schemas.tables import TABLES, Table

_INTRODUCTION = """What `tocsin migrate` makes. Tables are read with `FINAL`: rows with the same key are one, that \
with the highest version where a table has one.
Rows are kept for so many days after their insert. Times are UTC with milliseconds. `minutes`, `findings`, `alerts` \
and the rest hold what was on the [topics](messages.md) of these
names; a column means what the field means there."""
_COMMENT = re.compile(r"((?:^--[^\n]*\n)+)CREATE (?:OR REPLACE )?(?:TABLE|VIEW) (?:IF NOT EXISTS )?(\w+)", re.MULTILINE)
_OBJECTS = "SELECT name, engine LIKE '%View%' FROM system.tables WHERE database = {database:String} ORDER BY name"
_COLUMNS = """SELECT name, type, comment, default_kind, default_expression FROM system.columns
WHERE database = {database:String} AND table = {table:String} ORDER BY position"""
_OF_EVERY_TABLE = {"ingested_at": "when the row was inserted", "document": "the record as it was on the topic, JSON"}


def clickhouse(client: Client) -> str:
    """The text of the page, of a database that has been migrated."""
    known = {table.name: table for table in TABLES}
    names = [(str(name), bool(view)) for name, view in _ask(client, _OBJECTS) if not str(name).startswith("schema_")]
    names.sort(key=lambda item: (item[1], list(known).index(item[0]) if item[0] in known else 0, item[0]))
    about = _comments()
    return page("ClickHouse", _INTRODUCTION, (
        line for name, view in names for line in _section(client, name, known.get(name), about.get(name, ""), view=view)
    ))  # fmt: skip


def _section(client: Client, name: str, known: Table | None, about: str, *, view: bool) -> Iterator[str]:
    yield from (f"## {name}", prose(about), "")
    if known:
        version = f", the highest `{known.version}` counts" if known.version else ""
        hidden = f", hidden where `{known.deleted}` is 1" if known.deleted else ""
        kept = "for ever" if known.kept_days is None else f"{known.kept_days:,} days"
        yield from (f"Key {', '.join(map(code, known.key))}{version}{hidden}. Kept {kept}.", "")
    elif view:
        yield from ("A view.", "")
    meanings = _meanings(known)
    rows = [
        (code(str(column)), code(str(kind)), prose(str(comment) or meanings.get(str(column), "")))
        for column, kind, comment, *_ in _ask(client, _COLUMNS, table=name)
    ]
    yield from table(("column", "type", "meaning"), rows)


def _meanings(known: Table | None) -> dict[str, str]:
    record: type[msgspec.Struct] | None = known.record if known else None
    told = fields(record) if record else []
    return _OF_EVERY_TABLE | {one.name: one.about or _words(one.kind) for one in told}


def _words(kind: str) -> str:
    """What the vocabulary says of an annotation such as ``Platform | None``."""
    return meaning(getattr(vocabulary, kind.removesuffix(" | None"), None))


def _comments() -> dict[str, str]:
    """Table or view -> the comment above the statement that makes it; the first counts."""
    folder = resources.files("schemas.clickhouse")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    found = (match for file in files for match in _COMMENT.finditer(file.read_text(encoding="utf-8")))
    said: dict[str, str] = {}
    for match in found:
        said.setdefault(match[2], " ".join(line.removeprefix("--").strip() for line in match[1].splitlines()))
    return said


def _ask(client: Client, sql: str, **parameters: str) -> list[tuple[object, ...]]:
    answer = client.query(sql, parameters={"database": str(client.database), **parameters})
    return [tuple(row) for row in answer.result_rows]
