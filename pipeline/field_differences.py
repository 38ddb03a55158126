"""Where two JSON records differ, field by field, for people to read."""

import json
from collections.abc import Iterator
from typing import Any

from pipeline.quoting import clip

VALUE_LENGTH = 200  # characters of a value shown


def explain(expected: bytes | None, found: bytes | None) -> list[str]:
    """One line for every field that differs; of a record that stands alone, all its fields."""
    should, does = dict(_fields(expected)), dict(_fields(found))
    names = [name for name in {**should, **does} if should.get(name) != does.get(name)]
    if found is None:
        return [f"{name}: expected {should[name]}" for name in names]
    if expected is None:
        return [f"{name}: found {does[name]}" for name in names]
    absent = "nothing"
    return [f"{name}: expected {should.get(name, absent)}, found {does.get(name, absent)}" for name in names]


def changed(before: bytes, after: bytes) -> list[str]:
    """One line for every field that is not what it was."""
    was, becomes = dict(_fields(before)), dict(_fields(after))
    absent = "nothing"
    names = [name for name in {**was, **becomes} if was.get(name) != becomes.get(name)]
    return [f"{name}: {was.get(name, absent)} -> {becomes.get(name, absent)}" for name in names]


def _fields(value: bytes | None) -> Iterator[tuple[str, str]]:
    """Path and content of every leaf of a JSON document, safe to print."""
    if value is None:
        return
    try:
        document = json.loads(value)
    except ValueError:
        document = value.decode(errors="replace")
    yield from _leaves("", document)


def _leaves(path: str, node: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401  # any JSON value
    if isinstance(node, dict) and node:
        for name, inner in node.items():
            yield from _leaves(f"{path}.{clip(name, VALUE_LENGTH)}".lstrip("."), inner)
    elif isinstance(node, list) and node:
        for number, inner in enumerate(node):
            yield from _leaves(f"{path}[{number}]", inner)
    else:
        yield path or "value", clip(json.dumps(node, ensure_ascii=False), VALUE_LENGTH)
