"""Numbers, spans and times as a tired person reads them: few digits, no false precision, UTC."""

from datetime import UTC, datetime
from math import exp, floor, isfinite, log, log10

RAREST = 10**9  # a smaller chance tells a responder nothing more
RATIO_CAP = 1_000
NEARLY_NONE = 0.005
YEAR_S = 31_556_952
OLDEST = 1_000  # years

_SECONDS = (86_400, 3_600, 60, 1)
_MANY, _SOME, _FEW = 100, 10, 3


def amount(value: float) -> str:
    """Two digits, three from ten on, all before the point from a hundred on; ``?`` if it is not a finite number."""
    if not isfinite(value):
        return "?"
    if abs(value) >= _MANY:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= _SOME else f"{value:.2g}"


def share(value: float) -> str:
    """A fraction in percent; what would be rounded to nothing is not nothing."""
    if 0 < value < NEARLY_NONE:
        return "<1%"
    return f"{value:.0%}" if isfinite(value) else "?"


def ratio(observed: float, expected: float) -> str:
    """How many times the expected, whole from three on, capped; an empty string where that says nothing."""
    if not expected > 0 or not observed > expected:
        return ""
    times = observed / expected
    if times > RATIO_CAP:
        return f">{RATIO_CAP:,}"
    if times >= _MANY:
        return f"{round(times, -1):,.0f}"
    return f"{times:,.0f}" if times >= _FEW else amount(times)


def odds(strength: float) -> int | None:
    """N of "less than 1 in N by chance" for evidence of e^strength (Ville 1939): one digit, rounded down, capped.

    None below 1 in 2.
    """
    if not strength >= log(2):
        return None
    if strength >= log(RAREST):
        return RAREST
    n = exp(strength)
    power: int = 10 ** floor(log10(n))
    return floor(n / power) * power


def rarity(seconds: int, durations: tuple[str, str, str, str], years: str) -> tuple[str, bool]:
    """A long time with one or two digits, rounded down, and whether it is exceeded: from a thousand years on."""
    count = seconds // YEAR_S
    if count >= OLDEST:
        return years.format(f"{OLDEST:,}"), True
    if count > 1:
        return years.format(floor(count / (tens := 10 ** max(len(str(count)) - 1, 0))) * tens), False
    day, hour, minute, _ = _SECONDS
    unit = day if seconds >= 2 * day else hour if seconds >= 2 * hour else minute
    return durations[_SECONDS.index(unit)].format(seconds // unit), False


def duration(ms: int, units: tuple[str, str, str, str]) -> str:
    """The largest unit and the next one; ``units`` are templates for days, hours, minutes, seconds. Negative is 0."""
    left, parts = max(ms, 0) // 1000, []
    for seconds, unit in zip(_SECONDS, units, strict=True):
        count, left = divmod(left, seconds)
        parts.append((count, unit))
    first = next((index for index, (count, _) in enumerate(parts) if count), len(parts) - 1)
    return " ".join(unit.format(count) for count, unit in parts[first : first + 2] if count) or units[-1].format(0)


def moment(ms: int) -> str:
    """Date and minute."""
    return f"{datetime.fromtimestamp(ms / 1000, tz=UTC):%Y-%m-%d %H:%M} UTC"


def clock(ms: int, today: int) -> str:
    """The minute, with the date only if it is not that of ``today`` (ms)."""
    date, _, time = moment(ms).partition(" ")
    return time if moment(today).startswith(date) else moment(ms)
