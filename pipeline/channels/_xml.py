"""XML as the JSON that it might have been: an element is its text, or an object of its children and attributes.

Entities are never expanded: a document that declares any is refused, since it could read files or blow up.
"""

import re
from html import escape
from html.entities import html5
from typing import Any
from xml.etree.ElementTree import Element  # the type alone; defusedxml parses

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from pipeline.channels._base import Unusable
from pipeline.channels._charsets import bytes_of, decoded

_XHTML = "{http://www.w3.org/1999/xhtml}div"
_PREFIXES = {
    "http://www.w3.org/2005/Atom": "", "http://purl.org/rss/1.0/": "", "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/rss/1.0/modules/content/": "content:", "http://search.yahoo.com/mrss/": "media:",
    "http://purl.org/rss/1.0/modules/slash/": "slash:", "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
    "http://www.w3.org/XML/1998/namespace": "xml:", "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://www.georss.org/georss": "georss:", "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo:",
    "http://purl.org/syndication/thread/1.0": "thr:", "http://purl.org/dc/terms/": "dcterms:",
    "http://purl.org/atompub/tombstones/1.0": "at:",
    "http://my.netscape.com/rdf/simple/0.9/": "", "http://purl.org/atom/ns#": "",
}  # fmt: skip
_DECLARED = re.compile(rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31};)")
_XML_NAMES = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})


def parsed(document: str) -> tuple[str, dict[str, Any]]:
    """Name and content of the root.

    Children of one name are a list; attributes stand beside them as ``@name``, the text among them as ``#text``.
    XHTML is the text of what holds it, as markup. Bytes are read in the charset that the document declares.

    Raises:
        Unusable: it is no XML, or no safe one.
    """
    text = _characters(document).strip()
    root = _root(text)
    content = _content(root)
    return _name(root.tag), content if type(content) is dict else {"#text": content}


def _root(text: str) -> Element:
    try:
        try:
            return fromstring(text)
        except ParseError:
            return fromstring(_NAMED.sub(_character, text))
    except DefusedXmlException:
        raise Unusable("invalid_xml", "a document that declares entities is refused") from None
    except ParseError as error:
        raise Unusable("invalid_xml", f"not well-formed: {error}") from None


def _content(element: Element) -> Any:  # noqa: ANN401  # JSON
    found: dict[str, Any] = {f"@{_name(name)}": value for name, value in element.attrib.items()}
    pieces = [element.text or ""]
    for child in element:
        if child.tag == _XHTML:
            pieces.append(_markup(child))
        else:
            _add(found, _name(child.tag), _content(child))
        pieces.append(child.tail or "")
    text = "".join(pieces)
    if not found:
        return text
    return found | {"#text": text.strip()} if text.strip() else found


def _add(found: dict[str, Any], name: str, content: object) -> None:
    """A name that comes again makes a list."""
    if name not in found:
        found[name] = content
    elif type(found[name]) is list:
        found[name].append(content)
    else:
        found[name] = [found[name], content]


def _markup(element: Element) -> str:
    """What is inside an element, as HTML."""
    pieces = [escape(element.text or "", quote=False)]
    for child in element:
        name = child.tag.rpartition("}")[2]
        attributes = "".join(f' {key.rpartition("}")[2]}="{escape(value)}"' for key, value in child.attrib.items())
        pieces.append(f"<{name}{attributes}>{_markup(child)}</{name}>{escape(child.tail or '', quote=False)}")
    return "".join(pieces)


def _characters(text: str) -> str:
    """The text; what is no Unicode was read from bytes, which are read again."""
    try:
        text.encode()
    except UnicodeEncodeError:
        data = bytes_of(text)
        found = _DECLARED.match(data[:400])
        return decoded(data, found[1].decode("ascii") if found else None)
    return text


def _name(tag: str) -> str:
    """The name with a prefix of ours, whatever prefix the document uses."""
    space, _, name = tag.rpartition("}")
    return _PREFIXES.get(space[1:], f"{space[1:]}:" if space else "") + name


def _character(found: re.Match[str]) -> str:
    """The character that HTML gives a name; feeds use such names although XML knows five only."""
    return found[0] if found[1] in _XML_NAMES else html5.get(found[1], found[0])
