"""Bytes to records and back. Every reader of the wire goes through here; unreadable bytes become a reason."""

import re
from typing import Any, Generic, TypeVar

import msgspec
import orjson

from schemas.vocabulary import RejectReason

T = TypeVar("T")

encode = msgspec.json.encode
MAX_DEPTH = 100  # ClickHouse and orjson refuse to write deeper than about 250


class Malformed(msgspec.Struct, frozen=True):
    """Why a value is not a record."""

    reason: RejectReason
    detail: str


_VALIDATION: tuple[tuple[re.Pattern[str], RejectReason], ...] = (
    (re.compile(r"<= \d+ - at `\$\.schema_version`"), "unsupported_schema"),
    (re.compile(r"^Expected `object`, got .*[^`]$|^Expected `object`, got `\w+`$"), "not_an_object"),
    (re.compile(r"missing required field"), "missing_field"),
    (re.compile(r"Invalid (enum )?value"), "unknown_word"),
    (re.compile(r"of length <="), "too_long"),
    (re.compile(r"out of range|(<=|>=|<|>) "), "out_of_range"),
)


class Decoder(Generic[T]):
    """Decode one record type, or a union of tagged ones. ``decode`` never raises on bad bytes."""

    __slots__ = ("_decode",)

    def __init__(self, kind: Any) -> None:  # noqa: ANN401  # a type or a union of types
        self._decode = msgspec.json.Decoder(kind).decode

    def decode(self, data: bytes | None) -> T | Malformed:
        """The record, or the reason why there is none."""
        if not data:
            return Malformed("empty", "no value")
        try:
            return self._decode(data)  # type: ignore[no-any-return]  # msgspec's Decoder is untyped for a union
        except msgspec.ValidationError as error:
            return _invalid(str(error))
        except RecursionError:
            return Malformed("too_deep", "nested too deeply")
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _unreadable(data)


def _invalid(message: str) -> Malformed:
    for pattern, reason in _VALIDATION:
        if pattern.search(message):
            return Malformed(reason, message)
    return Malformed("wrong_type", message)


def _unreadable(data: bytes) -> Malformed:
    """Name what is wrong with bytes that are not JSON; orjson says it better than msgspec."""
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError as error:
        message = str(error)
        unicode = "surrogate" in message or "UTF-8" in message or "str is not valid" in message
        return Malformed("invalid_unicode" if unicode else "invalid_json", message)
    return Malformed("invalid_json", "not readable as a record")
