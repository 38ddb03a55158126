"""``python -m schemas.export``: the wire as JSON Schemas and an AsyncAPI document, in ``schemas/generated``."""

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, get_args, get_type_hints

import msgspec
import orjson

from schemas import dead_letter, topics
from schemas.topics import TOPICS, Topic

Document = dict[str, Any]
FOLDER = Path(__file__).parent / "generated"
ASYNCAPI = "asyncapi.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SCHEMA_FORMAT = "application/schema+json;version=draft-2020-12"
_CONTENT_TYPES = MappingProxyType({
    "json": "application/json", "ndjson": "application/x-ndjson", "bytes": "application/octet-stream",
})  # fmt: skip


class Flow(NamedTuple):
    """What one stage of a worker reads and writes."""

    receives: tuple[Topic, ...]
    sends: tuple[Topic, ...]


FLOWS: Mapping[str, Flow] = MappingProxyType({
    "adapt": Flow((), (topics.POSTS, topics.INTERACTIONS, topics.TOMBSTONES, topics.IDENTITIES)),  # from raw topics
    "forget": Flow(
        (topics.TOMBSTONES, topics.FORGET_STATE),
        (topics.POSTS, topics.BRAND_LOG, topics.TOMBSTONES_DLQ, topics.FORGET_STATE),
    ),
    "listen": Flow(
        (topics.POSTS, topics.LISTEN_STATE),
        (topics.POSTS, topics.POSTS_DLQ, topics.SIGNALS, topics.BRAND_LOG, topics.FINDINGS,
         topics.LISTEN_STATE),  # to posts: ticks
    ),
    "endorse": Flow(
        (topics.INTERACTIONS, topics.ENDORSE_STATE),
        (topics.ENDORSEMENTS, topics.INTERACTIONS_DLQ, topics.ENDORSE_STATE),
    ),
    "influence": Flow(
        (topics.ENDORSEMENTS, topics.INFLUENCE_STATE),
        (topics.INFLUENCE, topics.INTERACTIONS, topics.ENDORSEMENTS_DLQ, topics.INFLUENCE_STATE),  # standings
    ),
    "spread": Flow((topics.ENDORSEMENTS, topics.SPREAD_STATE), (topics.CASCADES, topics.SPREAD_STATE)),
    "watch": Flow(
        (topics.BRAND_LOG, topics.WATCH_STATE),
        (topics.MINUTES, topics.FINDINGS, topics.ALERTS, topics.SHADOW_ALERTS, topics.PAGES, topics.DECISIONS,
         topics.BRAND_LOG_DLQ, topics.WATCH_STATE, topics.WATCH_KEPT, topics.BRAND_LOG),
    ),
    "store": Flow(
        (topics.SIGNALS, topics.BRAND_LOG, topics.MINUTES, topics.FINDINGS, topics.ALERTS, topics.SHADOW_ALERTS,
         topics.PAGES, topics.DECISIONS, topics.TOMBSTONES, topics.IDENTITIES, topics.INFLUENCE, topics.CASCADES,
         topics.POSTS_DLQ, topics.INTERACTIONS_DLQ, topics.ENDORSEMENTS_DLQ, topics.BRAND_LOG_DLQ,
         topics.TOMBSTONES_DLQ, topics.PAGES_DLQ, topics.STORE_DLQ),
        (topics.STORE_DLQ,),
    ),
    "page": Flow(
        (topics.PAGES, topics.FINDINGS, topics.PAGE_STATE), (topics.BRAND_LOG, topics.PAGES_DLQ, topics.PAGE_STATE)
    ),
})  # fmt: skip


def documents() -> dict[str, bytes]:
    """File name -> content: one JSON Schema (2020-12) per record on a topic, and one AsyncAPI 3.0 document."""
    records = {record for topic in TOPICS for record in topic.records}
    found = {_file_name(record): _record_schema(record) for record in records}
    found[ASYNCAPI] = _asyncapi()
    return {name: _json(found[name]) for name in sorted(found)}


def _file_name(record: type[msgspec.Struct]) -> str:
    version = getattr(record, "VERSION", 1)  # one without VERSION has never changed
    return f"{record.__name__}.v{version}.json"


def _record_schema(record: type[msgspec.Struct]) -> Document:
    """The structs inside the record become its ``$defs``."""
    _, parts = msgspec.json.schema_components([record], ref_template="#/$defs/{name}")
    for struct in set(_structs(record)):
        schema = parts[struct.__name__]
        schema["description"] = inspect.cleandoc(schema["description"])
        # A struct that travels as an array would otherwise not say what stands where.
        for name, place in zip(struct.__struct_fields__, schema.get("prefixItems", ()), strict=False):
            place["title"] = name
    root = parts.pop(record.__name__)
    identifier = f"urn:tocsin:schema:{_file_name(record).removesuffix('.json')}"
    return {"$schema": DIALECT, "$id": identifier, **root, "$defs": parts}


def _structs(kind: object) -> Iterator[type[msgspec.Struct]]:
    """Every struct that ``kind``, a type or an annotation, is made of."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
        for hint in get_type_hints(kind).values():
            yield from _structs(hint)
    for part in get_args(kind):
        yield from _structs(part)


def _asyncapi() -> Document:
    """All topics as channels, and what each stage of a worker receives and sends."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tocsin",
            "version": "1.0.0",
            "description": "Social posts in, one evidence-carrying page out: every topic of the pipeline.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": _CONTENT_TYPES["json"],
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": {
            f"{stage}.{action}.{topic.name}": {
                "action": action,
                "title": f"{stage} {action}s {topic.name}",
                "channel": {"$ref": f"#/channels/{topic.name}"},
            }
            for stage, flow in FLOWS.items()
            for action, flowing in (("receive", flow.receives), ("send", flow.sends))
            for topic in flowing
        },
    }


def _channel(topic: Topic) -> Document:
    configuration: Document = {name: int(value) if value.isdigit() else value for name, value in topic.config.items()}
    configuration["cleanup.policy"] = ["compact" if topic.compacted else "delete"]
    configuration["retention.ms"] = -1 if topic.retention_ms is None else topic.retention_ms
    return {
        "address": topic.name,
        "description": topic.about,
        "messages": {record.__name__: _message(topic, record) for record in topic.records} or {"bytes": _opaque(topic)},
        "bindings": {"kafka": {"topicConfiguration": configuration, "bindingVersion": "0.5.0"}},
    }


def _message(topic: Topic, record: type[msgspec.Struct]) -> Document:
    """A record in JSON, one line of a block of them, or the bytes that are rejected with the reason in the headers."""
    message = _opaque(topic) | {"title": record.__name__}
    if topic.framing == "bytes":
        names = [name for name, _ in dead_letter.headers("", 0, 0, "empty", "", b"")]
        headers = {name: {"type": "string"} for name in names}
        return message | {"headers": {"type": "object", "properties": headers, "required": names}}
    schema = {"$ref": f"./{_file_name(record)}"}
    return message | {"payload": {"schemaFormat": _SCHEMA_FORMAT, "schema": schema}}


def _opaque(topic: Topic) -> Document:
    key = {"type": "string", "description": topic.keyed_by}
    return {
        "contentType": _CONTENT_TYPES[topic.framing],
        "bindings": {"kafka": {"key": key, "bindingVersion": "0.5.0"}},
    }


def _json(document: Document) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def main() -> None:
    """Write every document; remove what stands for no record any more."""
    wanted = documents()
    FOLDER.mkdir(exist_ok=True)
    for stale in set(FOLDER.iterdir()) - {FOLDER / name for name in wanted}:
        stale.unlink()
    for name, content in wanted.items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
