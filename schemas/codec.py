"""Bytes to records and back. Every reader of the wire goes through here; unreadable bytes become a reason."""

import re
import sys
from collections.abc import Iterable
from typing import Any, Generic, TypeVar

import msgspec
import orjson

from schemas.vocabulary import RejectReason

T = TypeVar("T")

encode = msgspec.json.encode
MAX_DEPTH = 100  # ClickHouse and orjson refuse about 250; msgspec's own limit moves with the caller's stack
MAX_DETAIL = 500  # characters; a detail quotes the input, and must fit a header


class Malformed(msgspec.Struct, frozen=True):
    """Why a value is not a record."""

    reason: RejectReason
    detail: str


class _Versioned(msgspec.Struct):
    schema_version: int = 0


_VERSION = msgspec.json.Decoder(_Versioned)
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
_ALIKE = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))

_VALIDATION: tuple[tuple[re.Pattern[str], RejectReason], ...] = (
    (re.compile(r"^Invalid (enum )?value"), "unknown_word"),  # first: it quotes the input, which may say anything
    (re.compile(r"^Expected `object`, got `\w+`$"), "not_an_object"),
    (re.compile(r"missing required field"), "missing_field"),
    (re.compile(r"of length <="), "too_long"),
    (re.compile(r"out of range|(<=|>=|<|>) "), "out_of_range"),
)


class Decoder(Generic[T]):
    """Decode one record type, or a union of tagged ones. ``decode`` never raises on bad bytes."""

    __slots__ = ("_decode", "_newest")

    def __init__(self, kind: Any) -> None:  # noqa: ANN401  # a type or a union of types
        self._decode = msgspec.json.Decoder(kind).decode
        self._newest: int | None = getattr(kind, "VERSION", None)  # None: a union of our own log, or a tick

    def decode(self, data: bytes | None) -> T | Malformed:
        """The record, or the reason why there is none."""
        if not data:
            return Malformed("empty", "no value")
        try:
            record = self._decode(data)
        except msgspec.ValidationError as error:
            return self._refusal(data) or _invalid(str(error))
        except RecursionError:
            return Malformed("too_deep", "nested too deeply")
        except (msgspec.DecodeError, UnicodeDecodeError):
            return unreadable(data)
        if self._newest is not None and too_deep(data):
            return Malformed("too_deep", f"nested deeper than {MAX_DEPTH}")
        return record  # type: ignore[no-any-return]  # msgspec's Decoder is untyped for a union

    def decode_all(self, values: Iterable[bytes | None]) -> list[T | Malformed]:
        """``decode`` of each value. Faster where nearly all of many values are good."""
        decode, limit, found = (
            self._decode,
            MAX_DEPTH if self._newest is not None else sys.maxsize,
            list[T | Malformed](),
        )
        for data in values:
            try:
                record = decode(data or b"")
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                found.append(self.decode(data))  # says why
                continue
            brackets = data.count(b"[") + data.count(b"{")  # type: ignore[union-attr]  # None is no record
            found.append(record if brackets <= limit else self.decode(data))
        return found

    def _refusal(self, data: bytes) -> Malformed | None:
        """What weighs more than a broken rule: no JSON after all, or a later version, which may break any rule."""
        if self._newest is None:
            return None
        try:
            version = _VERSION.decode(data).schema_version
        except (msgspec.ValidationError, RecursionError):
            return None
        except (msgspec.DecodeError, UnicodeDecodeError):
            return unreadable(data)
        if version <= self._newest:
            return None
        return Malformed("unsupported_schema", f"schema_version is above {self._newest}")


def too_deep(data: bytes) -> bool:
    """Whether valid JSON nests deeper than MAX_DEPTH; each round takes the innermost level away."""
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return False
    brackets = _STRING.sub(b"", data).translate(_ALIKE, _NO_BRACKETS)
    for _ in range(MAX_DEPTH):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


def _invalid(message: str) -> Malformed:
    reasons = (reason for pattern, reason in _VALIDATION if pattern.search(message))
    return Malformed(next(reasons, "wrong_type"), message[:MAX_DETAIL])


def unreadable(data: bytes) -> Malformed:
    """Name what is wrong with bytes that are not JSON; orjson says it better than msgspec."""
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError as error:
        message = str(error)
        unicode = "surrogate" in message or "UTF-8" in message or "str is not valid" in message
        return Malformed("invalid_unicode" if unicode else "invalid_json", message[:MAX_DETAIL])
    return Malformed("invalid_json", "not readable as a record")
