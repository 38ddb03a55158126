"""CSV of any origin: a document with its header, or one row as an object; a field map says what its columns hold."""

from collections.abc import Iterable
from csv import DictReader, Error
from functools import partial
from io import StringIO

from pipeline.channels._base import Adapted, Adapter, Receipt, Unusable, Verdict
from pipeline.channels._field_map import FieldMap
from pipeline.channels._fields import Fields
from pipeline.channels._rows import row_post

_SEPARATORS = ",;\t|"
_SURPLUS = "surplus"  # cells beyond the header


def adapter(columns: FieldMap) -> Adapter:
    """An adapter for CSV whose columns hold what ``columns`` says; those left out are found by their names."""
    return Adapter(of_object=partial(_row, columns), of_text=partial(_document, columns))


def _row(columns: FieldMap, row: Fields, receipt: Receipt) -> list[Adapted]:
    return [row_post(row, columns.within(row.paths()), receipt)]


def _document(columns: FieldMap, text: str, receipt: Receipt) -> Iterable[Verdict]:
    """One verdict per row of a document.

    Raises:
        Unusable: there is no row, or no column for the text.
    """
    text = text.removeprefix("\ufeff").lstrip("\r\n")
    header = text.partition("\n")[0]
    rows = DictReader(StringIO(text, newline=""), restkey=_SURPLUS, delimiter=max(_SEPARATORS, key=header.count))
    try:
        columns = columns.within(rows.fieldnames or ())
    except Error as error:
        raise Unusable("other_format", f"the header cannot be read: {error}") from None
    if not columns.text:
        raise Unusable("missing_field", f"no column for the text; the header is: {header[:200]}")
    verdicts = list(_rows(rows, columns, receipt))
    if not verdicts:
        raise Unusable("empty", "a header without rows")
    return verdicts


def _rows(rows: "DictReader[str]", columns: FieldMap, receipt: Receipt) -> Iterable[Verdict]:
    while True:
        try:
            cells = {name: cell for name, cell in next(rows).items() if cell is not None}
            yield row_post(Fields(cells), columns, receipt)
        except StopIteration:
            return
        except Unusable as why:
            yield why
        except Error as error:
            yield Unusable("other_format", f"row {rows.line_num} cannot be read: {error}")


ADAPTER = adapter(FieldMap())
