"""Moments in every notation that sources use, as milliseconds since 1970, UTC."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from math import isfinite

from schemas.record import EARLIEST_MS, LATEST_MS

CHINA = timezone(timedelta(hours=8))

_LONGEST = 64  # characters; no notation is as long
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_BELOW = 100_000_000_000  # as seconds the year 5138, as milliseconds 1973
_MILLIS_BELOW = _SECONDS_BELOW * 1_000
_MICROS_BELOW = _MILLIS_BELOW * 1_000
_NUMBER = re.compile(r"\d{9,19}(\.\d{1,9})?")
_MICROSOFT = re.compile(r"/Date\((-?\d{1,17})(?:[+-]\d{4})?\)/")  # the offset says how to show it
_TWITTER = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{1,2}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d) (\d{4})")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?")  # no other number of 12 or 14 digits is of our time
_OF_GREENWICH = re.compile(r"(\d{4}-\d\d-\d\d[ Tt]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(?:z|UTC|GMT)")
_MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LOOSE = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]?(\d{1,2})[:时点](\d{1,2})(?:[:分](\d{1,2}))?[分秒]?)?"
)
_AGO = re.compile(r"(\d{1,4}|半)\s*(秒|分钟|小时|天|周)[钟]?前")
_DAY = re.compile(r"(今天|昨天|前天)\s*(\d{1,2}):(\d{2})")
_YEARLESS = re.compile(r"(\d{1,2})[-/月](\d{1,2})日?(?:\s*(\d{1,2}):(\d{2}))?")
_SPANS = {
    "秒": timedelta(seconds=1), "分钟": timedelta(minutes=1), "小时": timedelta(hours=1), "天": timedelta(days=1),
    "周": timedelta(weeks=1),
}  # fmt: skip
_DAYS_BACK = {"今天": 0, "昨天": 1, "前天": 2}


def milliseconds(value: object, zone: tzinfo = UTC) -> int | None:
    """The moment, or None if the value states none between 2000 and 2100. ``zone`` is that of times which name none.

    Numbers are seconds, milliseconds, microseconds or nanoseconds since 1970, whichever gives a year of our time.
    """
    try:
        if type(value) is str:
            found = _in_text(value.strip(), zone)
        elif type(value) is int or (type(value) is float and isfinite(value)):
            found = _in_number(value)
        else:
            return None
    except (ValueError, OverflowError, TypeError, IndexError):  # no such day, or a date that e-mail cannot mean
        return None
    return found if found is not None and EARLIEST_MS <= found <= LATEST_MS else None


def relative_to(received_at: int, text: str) -> int | None:
    """A Chinese time that counts from now ("5分钟前", "昨天 12:30", "10-19 13:41"), as of ``received_at`` (ms UTC)."""
    now = datetime.fromtimestamp(received_at / 1_000, CHINA)
    text = text.strip()
    try:
        if text == "刚刚":
            return received_at
        if found := _AGO.fullmatch(text):
            span = _SPANS[found[2]]
            return _since_epoch(now - (span / 2 if found[1] == "半" else int(found[1]) * span))
        if found := _DAY.fullmatch(text):
            day = now - timedelta(days=_DAYS_BACK[found[1]])
            return _since_epoch(day.replace(hour=int(found[2]), minute=int(found[3]), second=0, microsecond=0))
        if found := _YEARLESS.fullmatch(text):
            return _since_epoch(_latest(now, *(int(part or 0) for part in found.groups())))
    except (ValueError, OverflowError):
        return None
    return None


def _latest(now: datetime, month: int, day: int, hour: int, minute: int) -> datetime:
    """The latest such day that is not ahead of now: a page of January lists posts of December."""
    moment = now.replace(month=month, day=day, hour=hour, minute=minute, second=0, microsecond=0)
    return moment if moment <= now + timedelta(days=1) else moment.replace(year=now.year - 1)


def _in_number(value: float) -> int:
    if value < _SECONDS_BELOW:
        return round(value * 1_000)
    if value < _MILLIS_BELOW:
        return int(value)
    return int(value // 1_000 if value < _MICROS_BELOW else value // 1_000_000)


def _in_text(text: str, zone: tzinfo) -> int | None:
    if len(text) > _LONGEST:
        return None
    if found := _COMPACT.fullmatch(text):
        return _since_epoch(datetime(*(int(part or 0) for part in found.groups()), tzinfo=zone))  # type: ignore[misc, arg-type]  # six
    if _NUMBER.fullmatch(text):
        return _in_number(float(text) if "." in text else int(text))
    if found := _MICROSOFT.fullmatch(text):
        return int(found[1])
    return _since_epoch(_moment(text, zone))


def _moment(text: str, zone: tzinfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _written_out(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _written_out(text: str) -> datetime:
    """A date in words, or with other signs between the numbers than ISO 8601 has."""
    if found := _TWITTER.fullmatch(text):
        month, day, hour, minute, second, sign, hours, minutes, year = found.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        zone = timezone(-offset if sign == "-" else offset)
        return datetime(int(year), _MONTHS.index(month), int(day), int(hour), int(minute), int(second), tzinfo=zone)
    if found := _OF_GREENWICH.fullmatch(text):  # RFC 3339 allows z
        return datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
    if found := _LOOSE.fullmatch(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  # the caller adds the zone that is missing
    return parsedate_to_datetime(text)


def _since_epoch(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
