"""Counts as people write them: "1,204", "12.5K", "62.4万", "7万次播放", "100万+"."""

import re
from decimal import Decimal

from schemas.record import MAX_INT64

_COUNT = re.compile(
    r"\s*(?P<number>\d{1,3}(?:,\d{3})+|\d{1,19})(?P<fraction>\.\d{1,6})?\s*(?P<unit>万亿|[千万萬亿億kKmMbBwW])?"
    r"\s*\+?\s*[^\d\s.,+-]{0,8}\s*"
)
_UNITS = {
    None: 1, "千": 10**3, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "万亿": 10**12,
    "k": 10**3, "w": 10**4, "m": 10**6, "b": 10**9,
}  # fmt: skip


def number_in(text: str) -> int | None:
    """The count that a short text states, rounded down; None if it states none, or one that 64 bits cannot hold."""
    found = _COUNT.fullmatch(text)
    if not found:
        return None
    unit = found["unit"]
    whole = Decimal(found["number"].replace(",", "") + (found["fraction"] or ""))
    value = int(whole * _UNITS[unit.lower() if unit else None])
    return value if value <= MAX_INT64 else None
