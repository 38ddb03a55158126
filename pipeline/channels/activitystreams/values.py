"""Reading Activity Streams, where any property may be a string, an object, an array of both, or absent.

Nothing is taken out: a value whose shape varies stays in ``extra`` as it came.
"""

from typing import Any

from pipeline.channels._fields import NATIVE_ID, Fields
from pipeline.channels._html import plain

_NAMESPACES = ("https://www.w3.org/ns/activitystreams#", "http://www.w3.org/ns/activitystreams#", "as:")
_ID = ("id", "@id", "url", "href", "value")
_SHORT = 1_024


def items(fields: Fields, *names: str) -> list[Any]:
    """The values of the first property that is there: strings and objects in a list."""
    value = next((found for name in names if (found := fields.get(name)) not in (None, "", [], {})), None)
    found = value if type(value) is list else [value]
    return [one for one in found if type(one) in (str, dict) and one]


def objects(fields: Fields, *names: str) -> list[Fields]:
    """The objects among the values."""
    return [Fields(one) for one in items(fields, *names) if type(one) is dict]


def identity(value: Any) -> str | None:  # noqa: ANN401  # JSON
    """What names a value: the string that it is, or the id, else the link, of the object that it is."""
    if type(value) is str:
        return value
    if type(value) is list:
        return next((found for one in value if (found := identity(one))), None)
    if type(value) is not dict:
        return None
    return next((found for name in _ID if (found := identity(value.get(name)))), None)


def first(fields: Fields, *names: str) -> str | None:
    """What names the first value of the properties."""
    return next((found for one in items(fields, *names) if (found := identity(one))), None)


def link(fields: Fields, *names: str) -> str | None:
    """The first link that leads somewhere on the web."""
    found = (_href(one) for one in items(fields, *names))
    return next((one for one in found if one and one.startswith(("http://", "https://")) and len(one) <= 8_192), None)  # noqa: PLR2004  # Url


def _href(value: Any) -> str | None:  # noqa: ANN401  # JSON
    if type(value) is dict:
        return next((one for name in ("href", "url", "value") if (one := _href(value.get(name)))), None)
    return value if type(value) is str else None


def words(fields: Fields, *names: str) -> tuple[str, str | None]:
    """The text of the first property that has one, and its language if a map of languages told it."""
    for name in names:
        value = fields.get(name)
        if type(value) is str and value:
            return value, None
        if type(value) is list and value and type(value[0]) is str:
            return value[0], None
        by_language = value if type(value) is dict else fields.get(f"{name}Map")
        if type(by_language) is dict and type(by_language.get("@value")) is str:
            return by_language["@value"], Fields(by_language).look("@language")
        if type(by_language) is dict:
            told = {lang: text for lang, text in by_language.items() if type(text) is str and text}
            lang = next((one for one in ("en", "zh-Hans", "zh") if one in told), next(iter(told), None))
            if lang:
                return told[lang], lang
    return "", None


def short(fields: Fields, *names: str) -> str | None:
    """The plain text of a name or title."""
    return plain(words(fields, *names)[0]).text[:_SHORT] or None


def kinds(fields: Fields) -> list[str]:
    """The types in lower case and without their namespace; a verb of Activity Streams 1 is the type of its activity."""
    verb = fields.get("verb")
    if type(verb) is str and verb:
        return [verb.rpartition("/")[2].lower()]
    told = items(fields, "type", "@type", "objectType")
    return [_local(one).lower() for one in told if type(one) is str]


def _local(name: str) -> str:
    return next((name.removeprefix(space) for space in _NAMESPACES if name.startswith(space)), name)


def native(value: str | None) -> str | None:
    """An identifier of bearable length."""
    return value if value and len(value) <= NATIVE_ID else None
