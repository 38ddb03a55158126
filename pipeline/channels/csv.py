"""CSV: rows as objects, or documents that begin with a header; what the columns mean says the field map."""

from collections.abc import Iterable, Mapping
from csv import DictReader, Error
from io import StringIO

from pipeline.channels._base import Adapted, Adapter, Receipt, Unusable
from pipeline.channels._charsets import text_of
from pipeline.channels._fields import Fields
from pipeline.channels._rows import row
from schemas.codec import Malformed

_BEYOND = "beyond the header"  # cells of a row that is longer than the header
_SEPARATORS = ",;\t|"
_LONGEST = 131_072  # characters of a cell; the csv module's own limit belongs to the process, and others may change it


def of_text(document: str, receipt: Receipt) -> Iterable[Adapted]:
    """One verdict per row."""
    text = text_of(document).removeprefix("\ufeff").lstrip("\r\n")
    header = text.partition("\n")[0]
    rows = DictReader(StringIO(text, newline=""), restkey=_BEYOND, delimiter=max(_SEPARATORS, key=header.count))
    verdicts = list(_verdicts(rows, receipt))
    if not verdicts:
        raise Unusable("empty", "a header without rows")
    return verdicts


def _verdicts(rows: "DictReader[str]", receipt: Receipt) -> Iterable[Adapted]:
    while True:
        try:
            cells = next(rows)
            _bound(cells, rows.line_num)
            yield from row(Fields({name: cell for name, cell in cells.items() if cell is not None}), receipt)
        except StopIteration:
            return
        except Unusable as why:
            yield Malformed(why.reason, why.detail)
        except Error as error:
            yield Malformed("other_format", f"line {rows.line_num} cannot be read: {error}")


def _bound(cells: Mapping[str, object], line: int) -> None:
    if any(isinstance(cell, str) and len(cell) > _LONGEST for cell in cells.values()):
        raise Unusable("other_format", f"line {line} has a cell of over {_LONGEST:,} characters")


ADAPTER = Adapter(of_object=row, of_text=of_text)
