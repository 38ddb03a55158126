"""Reads a time as files write it."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

_ZONE = re.compile(r"\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)$")
_NUMBER = re.compile(r"\d{9,16}(\.\d+)?")
_FORMATS = (
    "%a %b %d %H:%M:%S %z %Y",
    "%a, %d %b %Y %H:%M:%S%z",
    "%d %b %Y %H:%M:%S%z",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
)
_SECONDS_BELOW = 100_000_000_000  # as seconds the year 5138, as milliseconds 1973
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def event_ms(text: str, zone: tzinfo) -> int:
    """Milliseconds since 1970; ``zone`` applies where the text names none.

    Reads ISO 8601, ``2015-02-24 11:35:52 -0800``, ``Sat Dec 31 19:30:52 +0000 2016``, e-mail dates, ``2015/2/24
    11:35`` and seconds or milliseconds since 1970. Raises ValueError for anything else.
    """
    text = text.strip()
    if _NUMBER.fullmatch(text):
        number = float(text)
        return round(number * 1000 if number < _SECONDS_BELOW else number)
    moment = _moment(_ZONE.sub(lambda found: "+00:00" if found[1].isalpha() else found[1], text))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for pattern in _FORMATS:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007  # the caller adds the zone that is missing
        except ValueError:
            continue
    raise ValueError(f"not a time: {text[:40]!r}")
