"""JSON of any make, an object a post, or a document of lines; what its fields mean says the field map."""

from collections.abc import Iterable

from msgspec import DecodeError
from msgspec.json import Decoder

from pipeline.channels._base import Adapted, Adapter, Receipt, Unusable
from pipeline.channels._fields import Fields
from pipeline.channels._rows import row
from schemas.codec import Malformed

_PARSE = Decoder().decode


def of_text(document: str, receipt: Receipt) -> Iterable[Adapted]:
    """One verdict per line that is not blank."""
    for number, line in enumerate(document.split("\n"), 1):
        if line.strip():
            try:
                yield from row(Fields(_parsed(line, number)), receipt)
            except Unusable as why:
                yield Malformed(why.reason, why.detail)


def _parsed(line: str, number: int) -> dict[str, object]:
    try:
        value = _PARSE(line.encode("utf-8", "surrogateescape"))
    except (DecodeError, UnicodeError) as error:
        raise Unusable("invalid_json", f"line {number}: {error}") from None
    if type(value) is not dict:
        raise Unusable("not_an_object", f"line {number} is no object")
    return value


ADAPTER = Adapter(of_object=row, of_text=of_text)
