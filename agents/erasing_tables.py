"""Erasing a person from ClickHouse: what there is of them by table, and taking it away."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from clickhouse_connect.driver.client import Client

from agents.redacting import QUOTING, Redacted, change, erase_authors
from pipeline import redaction
from pipeline.erasure import Person
from schemas.tables import CASCADES, IDENTITIES, INFLUENCE, REJECTED, SIGNALS, TOMBSTONES
from schemas.withdrawal import AUTHOR

_KNOWN = "SELECT DISTINCT native_id, handle FROM identities WHERE author_key = {key:String}"
_BY_KEY = "author_key = {key:String}"


class Removal(NamedTuple):
    """Rows of a table that are deleted."""

    table: str
    where: str
    parameters: Mapping[str, Any]


def known(client: Client, author_key: str, native_id: str) -> Person:
    """The person behind a pseudonym, as far as the table of identities and the caller know."""
    rows = client.query(_KNOWN, parameters={"key": author_key}).result_rows
    native_ids = dict.fromkeys([native_id, *(str(native) for native, _ in rows)])
    handles = dict.fromkeys(str(handle) for _, handle in rows)
    return Person(author_key, tuple(filter(None, native_ids)), tuple(filter(None, handles)))


def found(client: Client, person: Person) -> Iterator[Redacted]:
    """How many rows are of or about the person, by table; rows that only quote them are told again without."""
    for one in _removals(person):
        yield Redacted(one.table, _count(client, one.table, one.where, one.parameters))
    needles = {"needles": redaction.needles(frozenset({AUTHOR + person.author_key}))}
    for table, quoting in QUOTING.items():
        where = f"multiSearchAny({quoting.searched}, {{needles:Array(String)}})"
        yield Redacted(table, _count(client, table, where, needles))


def erase(client: Client, person: Person) -> Iterator[Redacted]:
    """Take all of it away. Repeated, it finds nothing."""
    yield from erase_authors(client, [person.author_key])
    for one in _removals(person):
        yield change(client, one.table, "DELETE", one.where, one.parameters)


def _removals(person: Person) -> Iterator[Removal]:
    key, uids = {"key": person.author_key}, {"uids": person.uid_pattern}
    own = f"({_BY_KEY} OR match(post_uid, {{uids:String}}))" if person.uid_pattern else _BY_KEY
    yield Removal(SIGNALS.name, own, key | (uids if person.uid_pattern else {}))
    yield Removal(IDENTITIES.name, _BY_KEY, key)
    yield Removal(INFLUENCE.name, _BY_KEY, key)
    yield Removal(CASCADES.name, _BY_KEY, key)
    if person.pattern:
        yield Removal(REJECTED.name, "match(payload, {p:String}) OR match(detail, {p:String})", {"p": person.pattern})
    if person.uid_pattern:
        yield Removal(TOMBSTONES.name, "match(subject, {uids:String})", uids)


def _count(client: Client, table: str, where: str, parameters: Mapping[str, Any]) -> int:
    asked = f"SELECT count() FROM {table} WHERE {where}"  # noqa: S608  # ours; values are parameters
    return int(client.query(asked, parameters=dict(parameters)).result_rows[0][0])
