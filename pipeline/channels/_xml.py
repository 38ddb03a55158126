"""XML documents as objects like those of JSON: children by name, attributes as ``@name``, text among them as ``#text``.

Entities are never expanded: a document that declares any is refused.
"""

import re
from html import escape
from html.entities import html5
from typing import Any
from xml.etree.ElementTree import Element  # the type alone; defusedxml parses

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from pipeline.channels._base import Unusable
from pipeline.channels._charsets import decoded
from pipeline.channels._fields import MOST

XHTML = "http://www.w3.org/1999/xhtml"
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31};)")
_XML_NAMES = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})


def document(text: str) -> Element:
    """The root element of a document, in the charset it declares if its bytes were no UTF-8.

    Raises:
        Unusable: it is not well-formed, or declares entities.
    """
    text = _characters(text).lstrip()
    try:
        return _parsed(text)
    except ParseError as error:
        repaired = _NAMED.sub(_character, text)
        if repaired == text:
            raise Unusable("invalid_xml", f"not well-formed: {error}") from None
    try:
        return _parsed(repaired)
    except ParseError as error:
        raise Unusable("invalid_xml", f"not well-formed: {error}") from None


def content(element: Element, prefixes: dict[str, str]) -> Any:  # noqa: ANN401  # like JSON
    """What an element holds: a string, or an object if it has attributes or children.

    ``prefixes`` names namespaces; names of others stay as they are, ``{uri}name``. XHTML is its markup.
    """
    if element.tag == f"{{{XHTML}}}div":
        return markup(element)
    if not element.attrib and not len(element):
        return (element.text or "").strip()
    found: dict[str, Any] = {f"@{_name(name, prefixes)}": value for name, value in element.attrib.items()}
    for child in element:
        _add(found, _name(child.tag, prefixes), content(child, prefixes))
    if text := "".join([element.text or "", *(child.tail or "" for child in element)]).strip():
        found["#text"] = text
    return found


def markup(element: Element) -> str:
    """What is inside an element, as HTML."""
    pieces = [escape(element.text or "", quote=False)]
    for child in element:
        name = child.tag.rpartition("}")[2]
        attributes = "".join(f' {key.rpartition("}")[2]}="{escape(value)}"' for key, value in child.attrib.items())
        pieces.append(f"<{name}{attributes}>{markup(child)}</{name}>{escape(child.tail or '', quote=False)}")
    return "".join(pieces)


def _add(found: dict[str, Any], name: str, value: object) -> None:
    """A name that comes again makes a list."""
    if name not in found:
        found[name] = value
    elif type(found[name]) is list:
        found[name].append(value)
    else:
        found[name] = [found[name], value]


def _parsed(text: str) -> Element:
    try:
        return fromstring(text)
    except DefusedXmlException:
        raise Unusable("invalid_xml", "a document that declares entities is refused") from None


def _characters(text: str) -> str:
    """The text, whose bytes are read again if they were no UTF-8."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        data = text.encode("utf-8", "surrogateescape" if _were_bytes(text) else "replace")
        found = _DECLARED.match(data[:MOST])
        return decoded(data, found[1].decode("ascii") if found else None)
    return text


def _were_bytes(text: str) -> bool:
    return all("\udc80" <= one <= "\udcff" for one in text if "\ud800" <= one <= "\udfff")


def _name(tag: str, prefixes: dict[str, str]) -> str:
    uri, _, name = tag.rpartition("}")
    prefix = prefixes.get(uri[1:]) if uri else ""
    if prefix is None:
        return tag
    return f"{prefix}:{name}" if prefix else name


def _character(found: re.Match[str]) -> str:
    """The character that HTML gives a name; feeds use such names although XML knows five only."""
    return found[0] if found[1] in _XML_NAMES else html5.get(found[1], found[0])
