"""Moments on a receiver's clock: whether a window is open, and when the next digest is due."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pipeline.routing.entries import DAY_MINUTES, Window

_ONE_DAY = timedelta(days=1)
_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def local(at: int, zone: str) -> datetime:
    """The moment ``at``, ms since 1970, on a clock of ``zone``."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(zone))


def shown(at: int, zone: str) -> str:
    """Day and time of a clock with its zone, such as "Sun 03:12 Asia/Shanghai"."""
    moment = local(at, zone)
    return f"{_NAMES[moment.weekday()]} {moment:%H:%M} {zone}"


def is_open(window: Window, at: int, zone: str) -> bool:
    """Whether the window is open at a moment."""
    moment = local(at, zone)
    minute, today = moment.hour * 60 + moment.minute, moment.weekday()
    if window.opens == window.closes:
        return today in window.days
    if window.opens < window.closes:
        return today in window.days and window.opens <= minute < window.closes
    begun = today in window.days and minute >= window.opens
    return begun or ((today - 1) % 7 in window.days and minute < window.closes)


def following(times: tuple[int, ...], at: int, zone: str) -> int:
    """The first moment after ``at``, ms, at which a clock of ``zone`` shows one of ``times``, minutes of a day.

    A time that a clock leaves out in spring is taken an hour later.
    """
    tz, today = ZoneInfo(zone), local(at, zone).date()
    moments = [
        round(datetime.combine(day, time(*divmod(minute % DAY_MINUTES, 60)), tz).timestamp() * 1000)
        for day in (today, today + _ONE_DAY, today + 2 * _ONE_DAY)
        for minute in times
    ]
    return min(moment for moment in moments if moment > at)
