"""Making ClickHouse forget: what tombstones name is taken out of every table that quotes it. Counts stay.

Mutations (ALTER ... UPDATE, DELETE) are what every version and kind of table understands. They say what rows must be
like: a repetition finds nothing to do, and rows that arrive late are found when somebody looks again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import msgspec
from clickhouse_connect.driver.client import Client

from pipeline import redaction
from pipeline.influence.identity import account_id, pseudonym
from pipeline.redaction import Columns
from pipeline.withdrawing import Gone
from schemas.tables import ALERTS, CASCADES, FINDINGS, IDENTITIES, INFLUENCE, PAGES, SHADOW_ALERTS, SIGNALS
from schemas.withdrawal import AUTHOR, POST

AT_ONCE = 100  # subjects; ClickHouse searches for at most 255 strings at a time
_WAIT = MappingProxyType({"mutations_sync": 1})
_WITHDRAWING = "('delete_post', 'delete_author', 'withhold', 'protect', 'suspend')"

_LATELY = "ingested_at >= now64(3) - toIntervalSecond({seconds:UInt64})"
_TOLD = f"FROM tombstones FINAL WHERE {_LATELY} AND op IN {_WITHDRAWING}"
_UIDS = f"(SELECT substring(subject, {len(POST) + 1}) {_TOLD} AND startsWith(subject, '{POST}'))"
_POSTS = f"""
SELECT DISTINCT post_uid FROM signals WHERE post_uid IN {_UIDS}
UNION DISTINCT SELECT DISTINCT repost_of FROM signals WHERE repost_of IN {_UIDS}
UNION DISTINCT SELECT post_uid FROM signals
WHERE post_uid IN (SELECT post_uid FROM signals WHERE deleted = 1 AND {_LATELY})
GROUP BY post_uid HAVING argMax(deleted, revision) = 1
"""  # noqa: S608  # nothing from outside
_AUTHORS = f"SELECT substring(subject, {len(AUTHOR) + 1}), op {_TOLD} AND startsWith(subject, '{AUTHOR}')"
_OF_THEM = "(post_uid IN {posts:Array(String)} OR repost_of IN {posts:Array(String)})"
_COPIES = "repost_of IN {posts:Array(String)} AND (text != '' OR url != '')"
_IS_REASON = "multiSearchAny(reasons, {actors:Array(String)})"
_OTHER_REASONS = (  # an array of JSON without those of some actors
    "UPDATE reasons = concat('[', arrayStringConcat(arrayFilter(one -> NOT multiSearchAny(one, "
    "{actors:Array(String)}), JSONExtractArrayRaw(reasons)), ','), ']')"
)

T = TypeVar("T")


class Redacted(NamedTuple):
    """How many rows of a table were changed or deleted in one step."""

    table: str
    rows: int


class Quoting(NamedTuple):
    """A table that quotes posts: its key, where quotes are searched, what is read, and what becomes of it."""

    key: str
    searched: str
    read: str
    told_again: Callable[[str, Gone], Columns]


QUOTING: Mapping[str, Quoting] = MappingProxyType({
    FINDINGS.name: Quoting("finding_id", "evidence", "evidence", redaction.finding),
    ALERTS.name: Quoting("alert_id", "evidence", "document", redaction.alert),
    SHADOW_ALERTS.name: Quoting("alert_id", "evidence", "document", redaction.alert),
    PAGES.name: Quoting("page_id", "alert", "document", redaction.page),
})  # fmt: skip


def redact(client: Client, seconds: int) -> Iterator[Redacted]:
    """Forget what tombstones and deleted rows of the last ``seconds`` name, a table and some subjects a step."""
    within = {"seconds": seconds}
    posts = [str(uid) for (uid,) in client.query(_POSTS, parameters=within).result_rows]
    authors = [(str(key), str(op)) for key, op in client.query(_AUTHORS, parameters=within).result_rows]
    for some in _chunks(posts):
        yield from forget_posts(client, some)
    for some in _chunks([key for key, op in authors if op != "delete_author"]):
        yield from forget_authors(client, some)
    for some in _chunks([key for key, op in authors if op == "delete_author"]):
        yield from erase_authors(client, some)


def forget_posts(client: Client, posts: Sequence[str]) -> Iterator[Redacted]:
    """Take away all quotes of posts and of their reposts, text, link and author of the posts, the text of the reposts.

    Whose a post was is known as long as its row says so: that goes last, so that whoever is cut off begins anew.
    """
    yield from _unquote(client, [POST + uid for uid in posts])
    yield from _blank(client, posts)


def forget_authors(client: Client, authors: Sequence[str]) -> Iterator[Redacted]:
    """The same for all posts of authors."""
    yield from _unquote(client, [AUTHOR + key for key in authors])
    for some in _chunks(_posts_of(client, authors)):
        yield from forget_posts(client, some)


def erase_authors(client: Client, authors: Sequence[str]) -> Iterator[Redacted]:
    """The same, and the rows that are about authors are deleted: those that say which posts were theirs last."""
    yield from _unquote(client, [AUTHOR + key for key in authors])
    for some in _chunks(_posts_of(client, authors)):
        yield from _unquote(client, [POST + uid for uid in some])
        yield change(client, SIGNALS.name, "UPDATE text = '', url = ''", _COPIES, {"posts": list(some)})
    actors = [pseudonym(account_id(key)) for key in authors]
    yield change(client, INFLUENCE.name, _OTHER_REASONS, _IS_REASON, {"actors": actors})
    for table in (IDENTITIES, INFLUENCE, CASCADES, SIGNALS):
        yield change(client, table.name, "DELETE", "author_key IN {authors:Array(String)}", {"authors": list(authors)})


def _posts_of(client: Client, authors: Sequence[str]) -> list[str]:
    asked = "SELECT DISTINCT post_uid FROM signals WHERE author_key IN {authors:Array(String)}"
    return [str(uid) for (uid,) in client.query(asked, parameters={"authors": list(authors)}).result_rows]


def change(client: Client, table: str, what: str, where: str, parameters: Mapping[str, Any]) -> Redacted:
    """Run a mutation if there are rows for it, and wait until it is done.

    ``what`` is DELETE or UPDATE with its assignments.
    """
    counted = f"SELECT count() FROM {table} WHERE {where}"  # noqa: S608  # ours; values are parameters
    rows = int(client.query(counted, parameters=dict(parameters)).result_rows[0][0])
    if rows:
        client.command(f"ALTER TABLE {table} {what} WHERE {where}", parameters=dict(parameters), settings=dict(_WAIT))
    return Redacted(table, rows)


def _blank(client: Client, posts: Sequence[str]) -> Iterator[Redacted]:
    own = "if(post_uid IN {posts:Array(String)}, '', author_key)"
    where = f"{_OF_THEM} AND (text != '' OR url != '' OR author_key != {own})"
    yield change(client, SIGNALS.name, f"UPDATE text = '', url = '', author_key = {own}", where, {"posts": list(posts)})


def _unquote(client: Client, subjects: Sequence[str]) -> Iterator[Redacted]:
    gone = Gone(subjects)
    needles = {"needles": redaction.needles(gone.named)}
    for table, quoting in QUOTING.items():
        found = client.query(
            f"SELECT DISTINCT {quoting.key} FROM {table} "  # noqa: S608  # names of ours
            f"WHERE multiSearchAny({quoting.searched}, {{needles:Array(String)}})",
            parameters=needles,
        )
        for (key,) in found.result_rows:
            yield _tell_again(client, table, str(key), gone)


def _tell_again(client: Client, table: str, key: str, gone: Gone) -> Redacted:
    quoting, parameters = QUOTING[table], {"key": key}
    read = f"SELECT {quoting.read} FROM {table} WHERE {quoting.key} = {{key:String}} LIMIT 1"  # noqa: S608  # names of ours
    rows = client.query(read, parameters=parameters).result_rows
    if not rows:  # its time to be kept has ended since it was found
        return Redacted(table, 0)
    try:
        columns = quoting.told_again(str(rows[0][0]), gone)
    except msgspec.DecodeError:  # of another version, or written by hand: nothing of it may stay
        columns = Columns({quoting.searched: "[]", quoting.read: ""})
    assignments, values = _assigned(columns)
    return change(client, table, f"UPDATE {assignments}", f"{quoting.key} = {{key:String}}", {**parameters, **values})


def _assigned(columns: Columns) -> tuple[str, dict[str, Any]]:
    texts = [f"{name} = {{{name}:String}}" for name in columns.texts]
    counts = [f"{name} = {{{name}:UInt64}}" for name in columns.counts]
    maps = [
        f"{name} = mapFromArrays({{{name}_keys:Array(String)}}, {{{name}_values:Array(String)}})"
        for name in columns.maps
    ]
    pairs = {f"{name}_keys": list(held) for name, held in columns.maps.items()}
    pairs |= {f"{name}_values": list(held.values()) for name, held in columns.maps.items()}
    return ", ".join([*texts, *counts, *maps]), {**columns.texts, **columns.counts, **pairs}


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]
