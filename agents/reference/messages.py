"""docs/messages.md: every topic and record, from the catalogue, the flows of the stages and the records."""

import inspect
import re
from collections.abc import Iterable, Iterator
from typing import Any, get_args, get_origin

import msgspec

from agents.reference.fields import fields
from agents.reference.page import code, page, prose, table
from schemas import record, vocabulary
from schemas.export import FLOWS
from schemas.topics import DAY_MS, TOPICS, Topic

_INTRODUCTION = """Values are JSON in UTF-8, unless a topic says otherwise; their JSON Schemas and an \
[AsyncAPI 3.0 document](../schemas/generated/asyncapi.json) are in
`schemas/generated`. A field may be added with a default within a version; readers ignore what they do not know. \
Anything else is a new topic `...v2`. Each source of
`TOCSIN_SOURCES` adds the topics `social.raw.SOURCE.v1`, its `.dlq` and `tocsin.adapt-SOURCE.state.v1`. How long \
lists may be is in the JSON Schemas."""
_BOUNDS = {
    "ge": "from {}", "gt": "above {}", "le": "to {}", "lt": "below {}", "min_length": "at least {} long",
    "max_length": "at most {} long", "pattern": "`{}`",
}  # fmt: skip
_WORD = re.compile(r"[A-Z]\w+")


def messages() -> str:
    """The text of the page."""
    records = list(dict.fromkeys(one for topic in TOPICS for one in topic.records))
    parts = list(dict.fromkeys(part for one in records for part in _structs(one) if part not in records))
    return page("Messages", _INTRODUCTION, _sections(records, parts))


def _sections(records: list[type[msgspec.Struct]], parts: list[type[msgspec.Struct]]) -> Iterator[str]:
    known = {one.__name__ for one in (*records, *parts)}
    yield from ("## Topics", "", *table(_TOPIC_HEADS, map(_topic, TOPICS)), "## Records", "")
    for one in records:
        yield from _record(one, known)
    yield from ("## Parts of records", "")
    for one in parts:
        yield from _record(one, known)
    yield from ("## Words and numbers", "", *table(("name", "stands for"), _named(records + parts)))


_TOPIC_HEADS = ("topic", "records", "key", "partitions as", "kept", "written by", "read by", "what")


def _topic(topic: Topic) -> tuple[str, ...]:
    framing = {"ndjson": ", a block of lines", "bytes": " as bytes and headers"}.get(topic.framing, "")
    kept = "the last of each key" if topic.retention_ms is None else f"{topic.retention_ms // DAY_MS} days"
    links = ", ".join(f"[{one.__name__}](#{one.__name__.lower()})" for one in topic.records)
    return (
        code(topic.name), f"{links or 'bytes'}{framing if links else ''}", prose(topic.keyed_by), topic.family, kept,
        _stages(topic, sends=True), _stages(topic, sends=False), prose(topic.about),
    )  # fmt: skip


def _stages(topic: Topic, *, sends: bool) -> str:
    return ", ".join(
        stage for stage, flow in FLOWS.items() if topic in (flow.sends if sends else flow.receives)
    ) or ("others" if sends else "")  # fmt: skip


def _record(one: type[msgspec.Struct], known: set[str]) -> Iterator[str]:
    config = one.__struct_config__
    yield from (f"### {one.__name__}", inspect.cleandoc(one.__doc__ or "").replace("``", "`"), "")
    if config.tag_field:
        yield from (f'Its field `{config.tag_field}` is `"{config.tag}"`.', "")
    if config.array_like:
        yield from ("An array: its values stand in this order.", "")
    rows = [
        (code(told.name), _kind(told.kind, known), code(told.default) or "required", prose(told.about))
        for told in fields(one)
    ]
    yield from table(("field", "type", "default", "meaning"), rows)


def _kind(text: str, known: set[str]) -> str:
    names = [name for name in dict.fromkeys(_WORD.findall(text)) if name in known]
    links = ", ".join(f"[{name}](#{name.lower()})" for name in names)
    return code(text) if not links else f"{code(text)}, see {links}"


def _structs(kind: object) -> Iterator[type[msgspec.Struct]]:
    """Every struct in the fields of a struct or in an annotation."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        for field in msgspec.structs.fields(kind):
            for part in _mentioned(field.type):
                yield part
                yield from _structs(part)


def _mentioned(kind: object) -> Iterator[type[msgspec.Struct]]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
    for part in get_args(kind):
        yield from _mentioned(part)


def _named(structs: Iterable[type[msgspec.Struct]]) -> Iterator[tuple[str, str]]:
    """The aliases that several records share."""
    used = {word for one in structs for told in fields(one) for word in _WORD.findall(told.kind)}
    for name in sorted(used):
        alias = getattr(vocabulary, name, None) or getattr(record, name, None)
        if alias is not None and not isinstance(alias, type):
            yield code(name), "; ".join(filter(None, [meaning(alias), _bounds(alias)]))


def meaning(alias: object) -> str:
    """The words of an alias, or what its numbers or texts are; empty if it says nothing."""
    metas = _metas(alias)
    if not metas:
        return ", ".join(code(str(word)) for word in _words(alias))
    return " ".join(prose(one.description) for one in metas if one.description)


def _bounds(alias: object) -> str:
    bounds = ((words, getattr(one, name)) for one in _metas(alias) for name, words in _BOUNDS.items())
    return " ".join(words.format(bound) for words, bound in bounds if bound is not None)


def _metas(alias: Any) -> list[msgspec.Meta]:  # noqa: ANN401  # an annotation
    return [one for one in getattr(alias, "__metadata__", ()) if isinstance(one, msgspec.Meta)]


def _words(alias: object) -> Iterator[object]:
    """The words of a Literal, or of a union of them."""
    for part in get_args(alias):
        yield from _words(part) if get_origin(part) is not None else (part,)
