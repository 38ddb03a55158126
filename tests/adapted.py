"""Adapts payloads in tests: what came of them, as records or reasons."""

import json

from pipeline.adapting import Written, adapt, adapters
from pipeline.channels._base import Receipt
from pipeline.channels._field_map import FieldMap

RECEIVED = 1_780_000_000_000  # 2026-05-28 20:26:40 UTC


def records(source: str, payload: object, rows: FieldMap = FieldMap()) -> list:  # noqa: B008  # immutable
    """A record or a Malformed for each verdict. ``payload`` is bytes, or a JSON value."""
    value = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    receipt = Receipt(RECEIVED, b"secret", rows=rows)
    return [one.record if isinstance(one, Written) else one for one in adapt(adapters()[source], value, receipt)]


def record(source: str, payload: object, rows: FieldMap = FieldMap()):  # noqa: B008  # immutable
    """The only verdict."""
    (only,) = records(source, payload, rows)
    return only
