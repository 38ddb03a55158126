"""What the source of a record says of its fields: the annotation, the default and the comment behind each."""

import ast
import inspect
import io
import textwrap
import tokenize
from typing import NamedTuple

import msgspec


class Told(NamedTuple):
    """One field. ``default`` is empty where a value must be given."""

    name: str
    kind: str  # as the source spells it
    default: str
    about: str


def fields(record: type[msgspec.Struct]) -> list[Told]:
    """The fields of a record in their order."""
    told = {one.name: one for kind in reversed(record.__mro__) if _ours(kind) for one in _of(kind)}
    return [told[name] for name in record.__struct_fields__]


def _ours(kind: type) -> bool:
    return issubclass(kind, msgspec.Struct) and kind is not msgspec.Struct


def _of(kind: type) -> list[Told]:
    source = textwrap.dedent(inspect.getsource(kind))
    (tree,) = ast.parse(source).body
    comments = _comments(source)
    return [
        Told(
            node.target.id, ast.unparse(node.annotation), ast.unparse(node.value) if node.value else "",
            comments.get(node.end_lineno or node.lineno, ""),
        )
        for node in getattr(tree, "body", [])
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    ]  # fmt: skip


def _comments(source: str) -> dict[int, str]:
    """Line -> the comment at its end, without what is meant for tools."""
    found = tokenize.generate_tokens(io.StringIO(source).readline)
    said = ((token.start[0], token.string.lstrip("# ")) for token in found if token.type == tokenize.COMMENT)
    return {line: text for line, text in said if not text.startswith(("noqa", "type:", "fmt:"))}
