"""JSON objects of any origin, one or a line each; a field map says what their fields hold."""

from collections.abc import Iterable
from functools import partial

from msgspec import DecodeError
from msgspec.json import Decoder

from pipeline.channels._base import Adapted, Adapter, Receipt, Unusable, Verdict
from pipeline.channels._field_map import FieldMap
from pipeline.channels._fields import Fields
from pipeline.channels._rows import row_post

_PARSE = Decoder().decode


def adapter(columns: FieldMap) -> Adapter:
    """An adapter for objects whose fields hold what ``columns`` says; those left out are found by their names."""
    return Adapter(of_object=partial(_object, columns), of_text=partial(_lines, columns))


def _object(columns: FieldMap, source: Fields, receipt: Receipt) -> list[Adapted]:
    return [row_post(source, columns.within(source.paths()), receipt)]


def _lines(columns: FieldMap, text: str, receipt: Receipt) -> Iterable[Verdict]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield from _object(columns, Fields(_parsed(line, number)), receipt)
            except Unusable as why:
                yield why


def _parsed(line: str, number: int) -> dict[str, object]:
    try:
        value = _PARSE(line.encode("utf-8", "surrogateescape"))
    except (DecodeError, UnicodeError) as error:
        raise Unusable("invalid_json", f"line {number}: {error}") from None
    if type(value) is not dict:
        raise Unusable("not_an_object", f"line {number} is no object")
    return value


ADAPTER = adapter(FieldMap())
