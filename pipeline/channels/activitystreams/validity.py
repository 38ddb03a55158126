"""What is no valid Activity Streams 2: wrong types of properties, and collections that mix up their parts.

https://www.w3.org/TR/activitystreams-vocabulary/. The vocabulary is strict about types where the model is generous
about shapes: a name is a string, an actor a link or an object, never a number.
"""

import re

from pipeline.channels._base import Unusable
from pipeline.channels._fields import Fields

_CONTEXT = "www.w3.org/ns/activitystreams"
_STRINGS = ("id", "content", "summary", "mediaType", "published", "updated", "startTime", "endTime", "duration",
            "deleted", "hreflang", "units", "formerType", "preferredUsername")  # fmt: skip
_MAPS = ("nameMap", "contentMap", "summaryMap")
_REFERENCES = (
    "actor", "object", "target", "origin", "result", "instrument", "attributedTo", "inReplyTo", "attachment",
    "audience", "to", "cc", "bto", "bcc", "tag", "icon", "image", "location", "url", "generator", "replies", "items",
    "orderedItems", "first", "last", "next", "prev", "current", "partOf", "oneOf", "anyOf", "describes", "subject",
)  # fmt: skip
_COUNTS = ("totalItems", "startIndex", "height", "width")
_PAGES = ("CollectionPage", "OrderedCollectionPage", "Link")
_TIMES = ("published", "updated", "deleted", "startTime", "endTime")
_DATE = re.compile(r"\s*-?\d{4,}-\d\d-\d\d")


def check(told: Fields) -> None:
    """Nothing if the object is valid as far as a reader can tell.

    Raises:
        Unusable: it is not; the detail names the property.
    """
    _context(told)
    for name in ("type", "@type"):
        _typed(told, name, str, list)
        value = told.get(name)
        if type(value) is list and any(type(one) is not str for one in value):
            raise Unusable("wrong_type", f"{name} is a list of something else than strings")
    for name in _STRINGS:
        _typed(told, name, str, list, dict) if name in ("content", "summary") else _typed(told, name, str)
    _typed(told, "name", str, list, dict)
    for name in _MAPS:
        _typed(told, name, dict)
    for name in _REFERENCES:
        _typed(told, name, str, dict, list)
        value = told.get(name)
        if type(value) is list and any(type(one) not in (str, dict) for one in value):
            raise Unusable("wrong_type", f"{name} is a list of something else than links and objects")
    for name in _COUNTS:
        value = told.get(name)
        if value is not None and (type(value) is not int or value < 0):
            raise Unusable("wrong_type", f"{name} is no number from zero on")
    _times(told)
    _collection(told)


def _times(told: Fields) -> None:
    for name in _TIMES:
        value = told.get(name)
        if value is not None and not (type(value) is str and _DATE.match(value)):
            raise Unusable("wrong_type", f"{name} is {str(value)[:40]!r}, no RFC 3339 time")


def _context(told: Fields) -> None:
    _typed(told, "@context", str, dict, list)
    context = told.get("@context")
    parts = context if type(context) is list else [context]
    if any(type(one) not in (str, dict, type(None)) for one in parts):
        raise Unusable("wrong_type", "@context is a list of something else than links and objects")
    named = [one for one in parts if type(one) is str]
    inline = [one for one in parts if type(one) is dict]
    if named and not inline and not any(_CONTEXT in one for one in named):
        raise Unusable("other_format", f"@context {named[0][:80]!r} is not that of Activity Streams")


def _typed(told: Fields, name: str, *allowed: type) -> None:
    value = told.get(name)
    if value is not None and type(value) not in allowed:
        raise Unusable("wrong_type", f"{name} is {str(value)[:40]!r}, which it may not be")


def _collection(told: Fields) -> None:
    """Ordered collections have ``orderedItems``, others ``items``; ``first`` and ``last`` are pages."""
    kind = told.get("type")
    if kind in ("OrderedCollection", "OrderedCollectionPage") and "items" in told:
        raise Unusable("other_format", f"items belongs to collections without order; an {kind} has orderedItems")
    if kind in ("Collection", "CollectionPage") and "orderedItems" in told:
        raise Unusable("other_format", f"orderedItems belongs to ordered collections; a {kind} has items")
    if kind not in ("Collection", "OrderedCollection", "CollectionPage", "OrderedCollectionPage"):
        return
    for name in ("first", "last", "next", "prev", "current"):
        page = told.get(name)
        if type(page) is dict and str(page.get("type")) not in _PAGES:
            raise Unusable("wrong_type", f"{name} is {str(page.get('type'))[:40]!r}, no page of a collection")
