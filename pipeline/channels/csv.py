"""CSV: rows as objects, or documents that begin with a header; what the columns mean says the field map."""

import csv
from collections.abc import Iterable
from io import StringIO

from pipeline.channels._base import Adapted, Adapter, Receipt, Unusable
from pipeline.channels._fields import Fields
from pipeline.channels._rows import row
from pipeline.channels._texts import writable

_BEYOND = "beyond the header"  # cells of a row that is longer than the header


def of_text(document: str, receipt: Receipt) -> Iterable[Adapted]:
    """The posts of all rows; one that cannot be read refuses the document, for rows have no verdicts of their own."""
    lines = csv.DictReader(StringIO(writable(document), newline=""), restkey=_BEYOND)
    try:
        rows = [{name: value for name, value in one.items() if name is not None} for one in lines]
    except csv.Error as error:
        raise Unusable("wrong_type", f"line {lines.line_num}: {error}") from error
    if not rows:
        raise Unusable("empty", "a header without rows")
    return [post for one in rows for post in row(Fields(dict(one)), receipt)]


ADAPTER = Adapter(of_object=row, of_text=of_text)
