"""Single values of a routing file: times, windows, days, spans and words, each problem with what to write instead."""

import re
from collections.abc import Collection

from pipeline.asked_times import span_ms
from pipeline.routing.entries import ALL_DAYS, DAY_MINUTES, Window
from pipeline.watchlist_errors import Field, suggestion

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST_MS = 7 * 86_400_000
_LISTED = 10
_ID = re.compile(r"[a-z0-9_-]{1,64}")
_TIME = re.compile(r"([01]\d|2[0-4]):([0-5]\d)", re.ASCII)


def identifier(field: Field | None) -> str:
    """An id; "" with a problem otherwise."""
    text = field.text() if field else ""
    if field and text and not _ID.fullmatch(text):
        field.blame(f"'{text[:80]}' is no id; write 1 to 64 of a-z, 0-9, '_' and '-'")
        return ""
    return text


def words(field: Field | None, known: Collection[str], what: str) -> tuple[str, ...]:
    """The elements of a list, all of them ``known``; in their order, each once."""
    found: dict[str, None] = {}
    for item in field.items() if field else ():
        text = item.text()
        if text and text not in known:
            item.blame(f"no such {what}: '{text[:80]}'; {meant(text, known)}")
        elif text in found:
            item.blame(f"'{text}' is there twice; keep one")
        elif text:
            found[text] = None
    if field and not found:
        field.blame(f"no {what}; write at least one, or remove the line")
    return tuple(found)


def meant(wrong: str, known: Collection[str]) -> str:
    """Advice that names the closest known word, or what is known."""
    listed = ", ".join(sorted(known)[:_LISTED])
    return suggestion(wrong, sorted(known)) or (f"known are {listed}" if listed else "there is none")


def window(hours: Field | None, days: Field | None) -> Window:
    """Of ``09:00-18:00`` and ``mon-fri``; all day and every day where nothing is said."""
    opens, closes = _hours(hours) if hours else (0, 0)
    return Window(opens, closes, _days(days) if days else ALL_DAYS)


def _hours(field: Field) -> tuple[int, int]:
    text = field.text()
    begin, _, end = text.partition("-")
    times = [_minute(part.strip()) for part in (begin, end)]
    if text and (None in times or times[0] == times[1]):
        field.blame(f"'{text[:40]}' are no hours; write 09:00-18:00, or 22:00-07:00 over midnight")
    opens, closes = (minute or 0 for minute in times)
    return opens, closes % DAY_MINUTES


def _days(field: Field) -> frozenset[int]:
    """Days by name, single or from-to, separated by commas."""
    found: set[int] = set()
    for part in field.text().split(","):
        first, dash, last = (piece.strip().lower() for piece in part.partition("-"))
        if first not in DAYS or (dash and last not in DAYS):
            field.blame(f"'{part.strip()[:40]}' are no days; write mon-fri, or sat,sun")
            return ALL_DAYS
        begin, end = DAYS.index(first), DAYS.index(last or first)
        found |= {day % 7 for day in range(begin, end + 1 + (7 if end < begin else 0))}
    return frozenset(found)


def times(field: Field | None) -> tuple[int, ...]:
    """Times of a day in minutes after midnight, in order."""
    found: set[int] = set()
    for item in field.items() if field else ():
        text = item.text()
        minute = _minute(text)
        if minute is not None and minute < DAY_MINUTES:
            found.add(minute)
        elif text:
            item.blame(f"'{text[:40]}' is no time of a day; write 09:00")
    if field and not found:
        field.blame("no time; write at least one, such as 09:00")
    return tuple(sorted(found))


def _minute(text: str) -> int | None:
    found = _TIME.fullmatch(text)
    minute = int(found[1]) * 60 + int(found[2]) if found else DAY_MINUTES + 1
    return minute if minute <= DAY_MINUTES else None


def span(field: Field, default: int) -> int:
    """Milliseconds of ``10m``; at most a week."""
    text = field.text()
    try:
        found = span_ms(text) if text else default
    except ValueError as error:
        field.blame(str(error))
        return default
    if found > _LONGEST_MS:
        field.blame(f"'{text}' is longer than a week; write at most 7d")
    return found


def yes(field: Field | None) -> bool:
    """Whether ``yes`` is written; ``no`` and nothing are not."""
    text = field.text().lower() if field else "no"
    if field and text not in {"yes", "no", "true", "false"}:
        field.blame(f"'{text[:40]}' is neither; write yes or no")
    return text in {"yes", "true"}


def count(field: Field, most: int) -> int | None:
    """A whole number from 1 to ``most``."""
    text = field.text()
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= most:
        return int(text)
    field.blame(f"'{text[:40]}' is no number from 1 to {most}")
    return None
