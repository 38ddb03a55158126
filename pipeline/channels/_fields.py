"""A JSON object read field by field: what is read verbatim is taken out of it, and what stays is ``extra``.

A value that must be converted (a time, "62.4万", a word of the source's own) is read but stays, so that nothing of the
source is lost and every conversion can be done again.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, tzinfo
from typing import Any

from msgspec.json import encode

from pipeline.channels._counts import number_in
from pipeline.channels._times import milliseconds
from schemas.record import MAX_INT64

NAME = 1_024  # characters of the scalars of schemas.record
NATIVE_ID = 200  # leaves room for the platform in a uid of 256
URL = 8_192
BODY = 65_536
MOST = 256  # items of a list that a record holds


class Fields:
    """The fields of one object. Every reader answers None, or an empty collection, for what is absent or ill-typed."""

    __slots__ = ("_left", "_spelt")

    def __init__(self, source: dict[str, Any]) -> None:
        self._left = source
        self._spelt: dict[str, str] | None = None

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def get(self, name: str) -> Any:  # noqa: ANN401  # JSON
        """The bare value; it stays."""
        return self._left.get(name)

    def take(self, name: str) -> Any:  # noqa: ANN401  # JSON
        """The bare value; it goes."""
        return self._left.pop(name, None)

    def take_all(self) -> dict[str, Any]:
        """All fields; they go."""
        taken = dict(self._left)
        self._left.clear()
        return taken

    def text(self, name: str, longest: int = NAME) -> str | None:
        """A string that is not empty; one longer than ``longest`` is cut and stays."""
        value = self._left.get(name)
        if type(value) is not str or not value:
            return None
        if len(value) > longest:
            return value[:longest]
        del self._left[name]
        return value

    def look(self, name: str) -> str | None:
        """A string that is not empty; it stays."""
        value = self._left.get(name)
        return value if type(value) is str and value else None

    def id(self, name: str) -> str | None:
        """An identifier as a string, whether the source sends it as one or as a number."""
        value = self._left.get(name)
        if type(value) is int:
            value = str(value)
        if type(value) is not str or not 0 < len(value) <= NATIVE_ID:
            return None
        del self._left[name]
        return value

    def ref(self, name: str) -> str | None:
        """An identifier as a string, which stays: a record names others by uid or pseudonym."""
        value = self._left.get(name)
        if type(value) is int:
            value = str(value)
        return value if type(value) is str and 0 < len(value) <= NATIVE_ID else None

    def url(self, name: str) -> str | None:
        """A link; one that is too long stays."""
        value = self._left.get(name)
        return self.text(name, URL) if type(value) is str and len(value) <= URL else None

    def count(self, name: str) -> int | None:
        """A number from zero on; one in words ("62.4万", "1,204", "12.5K") is read and stays."""
        value = self._left.get(name)
        if type(value) is int:
            if not 0 <= value <= MAX_INT64:
                return None
            del self._left[name]
            return value
        if type(value) is str:
            return number_in(value)
        if type(value) is float and value.is_integer() and 0 <= value < MAX_INT64:
            return int(value)
        return None

    def number(self, name: str) -> float | None:
        """A number, or a string of one, which stays."""
        value = self._left.get(name)
        if type(value) is float:
            del self._left[name]
            return value
        if type(value) is int and -MAX_INT64 <= value <= MAX_INT64:
            return float(value)
        return _number_in(value) if type(value) is str else None

    def true(self, name: str) -> bool:
        """Whether the field says true. Other values stay, because records do not write what is false by default."""
        if self._left.get(name) is not True:
            return False
        del self._left[name]
        return True

    def time(self, name: str, zone: tzinfo = UTC) -> int | None:
        """A moment in any notation, ms UTC; it stays, since it may tell a zone or microseconds."""
        value = self._left.get(name)
        return None if value is None else milliseconds(value, zone)

    def inside(self, name: str) -> "Fields":
        """An object inside this one; what is left of it stays here."""
        value = self._left.get(name)
        return Fields(value if type(value) is dict else {})

    def each(self, name: str) -> list["Fields"]:
        """The objects of a list, or the only one if the source leaves the list out."""
        value = self._left.get(name)
        if type(value) is dict:
            return [Fields(value)]
        return [Fields(item) for item in value if type(item) is dict] if type(value) is list else []

    def strings(self, name: str) -> tuple[str, ...]:
        """The short strings of a list, or the only one; they stay."""
        value = self._left.get(name)
        items = [value] if type(value) is str else value
        if type(items) is not list:
            return ()
        return tuple([item for item in items if type(item) is str and 0 < len(item) <= NAME][:MOST])

    def words(self, name: str) -> tuple[str, ...]:
        """The short strings of a list, or the only one."""
        found = self.strings(name)
        value = self._left.get(name)
        if found and len(found) == (len(value) if type(value) is list else 1):
            del self._left[name]
        return found

    def copy(self) -> "Fields":
        """The same fields, to be read once more."""
        return Fields({name: _copied(value) for name, value in self._left.items()})

    def called(self, names: Iterable[str]) -> str:
        """The field that has one of ``names`` (as ``simple`` makes them), best first; "" if none, or all are null."""
        if self._spelt is None:
            self._spelt = {simple(name): name for name, value in self._left.items() if value is not None}
        spelt, left = self._spelt, self._left
        return next((spelt[name] for name in names if name in spelt and left.get(spelt[name]) is not None), "")

    def digestible(self) -> bytes:
        """What is left as bytes that are the same for the same fields in whatever order."""
        return encode(self.rest(), order="sorted")

    def rest(self) -> dict[str, Any]:
        """What was not taken, for ``extra``: without objects and lists that hold nothing any more."""
        return {name: kept for name, value in self._left.items() if (kept := _kept(value)) is not _NOTHING}


def simple(name: str) -> str:
    """The name of a field in lower case, without what separates its words."""
    return name.lower().translate(_SEPARATORS)


_SEPARATORS = str.maketrans("", "", "_- .")
_NOTHING = object()


def _kept(value: Any) -> Any:  # noqa: ANN401  # JSON
    """A value as it can be written again: integers beyond 64 bits become strings, what is empty is left out."""
    kind = type(value)
    if kind is str or value is None or kind is bool or kind is float:
        return value
    if kind is int:
        return value if -MAX_INT64 <= value <= MAX_INT64 else str(value)
    if kind is dict:
        return {name: kept for name, inner in value.items() if (kept := _kept(inner)) is not _NOTHING} or _NOTHING
    items = [_kept(inner) for inner in value]
    if _NOTHING not in items:
        return items or _NOTHING
    if all(item is _NOTHING for item in items):
        return _NOTHING
    return [{} if item is _NOTHING else item for item in items]


def _copied(value: Any) -> Any:  # noqa: ANN401  # JSON
    if type(value) is dict:
        return {name: _copied(inner) for name, inner in value.items()}
    return [_copied(inner) for inner in value] if type(value) is list else value


def _number_in(text: str) -> float | None:
    try:
        number = float(text) if len(text) <= NATIVE_ID else float("nan")
    except ValueError:
        return None
    return number if -MAX_INT64 <= number <= MAX_INT64 else None


def counts(fields: Fields, names: Mapping[str, str]) -> dict[str, int | None]:
    """Counts by their canonical name; ``names`` says what the source calls them."""
    return {ours: fields.count(theirs) for ours, theirs in names.items()}


def only(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty: for parts of ``extra`` that are put together."""
    return {name: value for name, value in mapping.items() if value}
