"""Times and spans as people type them: ``2h``, ``-15m``, ``2026-11-22T08:30``."""

import re
from collections.abc import Mapping
from datetime import UTC
from types import MappingProxyType

from pipeline.post_times import event_ms

_SPAN = re.compile(r"(\d{1,6})([smhd])", re.ASCII)
_UNIT_MS: Mapping[str, int] = MappingProxyType({"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000})


def span_ms(text: str) -> int:
    """Milliseconds of ``90m`` (s, m, h, d). Raises ValueError for anything else."""
    found = _SPAN.fullmatch(text.strip())
    if not found:
        raise ValueError(f"not a span: {text[:40]!r}; write 30m, 2h or 1d")
    return int(found[1]) * _UNIT_MS[found[2]]


def moment_ms(text: str, now: int) -> int:
    """The moment, ms, that ``-15m`` or ``15m`` (before ``now``) or a time in ISO 8601 (UTC unless it says) means.

    Raises ValueError for anything else.
    """
    ago = text.strip().removeprefix("-")
    return now - span_ms(ago) if _SPAN.fullmatch(ago) else event_ms(text, UTC)


def ahead_ms(text: str, now: int) -> int:
    """The moment, ms, that ``15m`` (after ``now``) or a time in ISO 8601 (UTC unless it says) means.

    Raises ValueError for anything else.
    """
    return now + span_ms(text) if _SPAN.fullmatch(text.strip()) else event_ms(text, UTC)
