"""docs/configuration.md: every variable, from the classes of the settings."""

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from agents.reference.page import code, page, prose, table
from agents.settings import PREFIX, Settings

_INTRODUCTION = """Variables of the environment. `TOCSIN_X_FILE` names a file that holds the value of `TOCSIN_X`; \
mount secrets so. What is marked secret is never
shown: neither by `tocsin check-config`, which tells what is in force, nor in logs, metrics and errors. An unknown \
`TOCSIN_` variable is an error, so that
a misspelt one is noticed. [Operating](operating.md) says what to choose."""
_UNITS = {"_s": "seconds", "_ms": "milliseconds", "_days": "days", "_bytes": "bytes", "_partitions": "partitions"}
_ADDRESS = r":\d{1,5}$"  # how the pattern of one ends
_BOUNDS = ((Ge, "ge", "from {}"), (Gt, "gt", "above {}"), (Le, "le", "to {}"), (Lt, "lt", "below {}"))


def configuration() -> str:
    """The text of the page: a section for each class of settings, the worker's own first."""
    kinds = [kind for kind in Settings.__mro__ if issubclass(kind, BaseModel) and kind is not BaseModel]
    return page("Configuration", _INTRODUCTION, (line for kind in kinds for line in _section(kind)))


def _section(kind: type[BaseModel]) -> Iterator[str]:
    first, *_ = (kind.__doc__ or "").split("\n\n")
    yield from (f"## {getattr(kind, 'HEADING', kind.__name__)}", prose(first), "")
    own = [name for name in Settings.model_fields if name in kind.__annotations__]
    rows = [_row(name, Settings.model_fields[name]) for name in own]
    yield from table(("variable", "default", "unit, range", "meaning"), rows)


def _row(name: str, field: FieldInfo) -> tuple[str, ...]:
    secret = " **Secret.**" if field.annotation is SecretStr else ""
    return (
        code(f"{PREFIX}{name.upper()}"), code(_default(field)) or "empty", _range(name, field),
        f"{prose(field.description or '')}{secret}",
    )  # fmt: skip


def _default(field: FieldInfo) -> str:
    value = field.get_default()
    shown = value.get_secret_value() if isinstance(value, SecretStr) else value
    if isinstance(shown, bool):
        return str(shown).lower()
    if isinstance(shown, tuple):
        return ",".join(shown)
    return f"{shown:g}" if isinstance(shown, float) else str(shown)


def _range(name: str, field: FieldInfo) -> str:
    unit = next((unit for ending, unit in _UNITS.items() if name.endswith(ending)), "")
    bounds = (
        said.format(f"{getattr(one, attribute):g}")
        for kind, attribute, said in _BOUNDS for one in field.metadata if isinstance(one, kind)
    )  # fmt: skip
    words = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    choice = ", ".join(code(word) for word in words) or ("`true` or `false`" if field.annotation is bool else "")
    return ", ".join(filter(None, [unit, " ".join(bounds), choice, _shape(field)]))


def _shape(field: FieldInfo) -> str:
    patterns: Iterator[Any] = (getattr(one, "pattern", None) for one in field.metadata)
    found = next((str(pattern) for pattern in patterns if pattern), "")
    return "`host:port`" if found.endswith(_ADDRESS) else code(found)
