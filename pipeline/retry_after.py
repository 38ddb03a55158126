"""How long a server asks us to wait."""

from datetime import UTC
from email.utils import parsedate_to_datetime

RETRY_AFTER_CAP_S = 300.0  # nobody may silence us for longer


def retry_after(header: str | None, now_ms: int) -> float | None:
    """Seconds to wait by a Retry-After header (RFC 9110, 10.2.3), 0 to RETRY_AFTER_CAP_S; None if it says nothing."""
    if header is None:
        return None
    try:
        seconds = float(int(header)) if header.strip().isdecimal() else _until(header, now_ms)
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), RETRY_AFTER_CAP_S)


def _until(date: str, now_ms: int) -> float:
    moment = parsedate_to_datetime(date)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now_ms / 1000
