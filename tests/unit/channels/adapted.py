"""Adapts payloads in tests: what came of them, as records or reasons."""

import json

from pipeline.adapting import Written, adapt, adapters
from pipeline.channels._base import Adapter, Receipt

RECEIVED = 1_780_000_000_000  # 2026-05-28 20:26:40 UTC
RECEIPT = Receipt(RECEIVED, b"secret")


def records(source: str | Adapter, payload: object) -> list:
    """A record or a Malformed for each verdict. ``payload`` is bytes, or a JSON value."""
    adapter = adapters()[source] if isinstance(source, str) else source
    value = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return [one.record if isinstance(one, Written) else one for one in adapt(adapter, value, RECEIPT)]


def record(source: str | Adapter, payload: object):
    """The only verdict."""
    (only,) = records(source, payload)
    return only
