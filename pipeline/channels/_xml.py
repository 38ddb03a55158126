"""XML as the JSON that it might have been: an element is its text, or an object of its children and attributes.

Documents with a DTD or entities of their own are refused: they could read files or blow up.
"""

from typing import Any
from xml.etree.ElementTree import Element, ParseError  # noqa: S405  # only the types; defusedxml parses

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from pipeline.channels._base import Unusable
from pipeline.channels._texts import writable

_PREFIXES = {
    "http://www.w3.org/2005/Atom": "", "http://purl.org/rss/1.0/": "", "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/rss/1.0/modules/content/": "content:", "http://search.yahoo.com/mrss/": "media:",
    "http://purl.org/rss/1.0/modules/slash/": "slash:", "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
    "http://www.w3.org/XML/1998/namespace": "xml:", "http://www.w3.org/1999/xhtml": "html:",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:", "http://www.georss.org/georss": "georss:",
}  # fmt: skip


def parsed(document: str) -> tuple[str, dict[str, Any]]:
    """Name and content of the root.

    Children of one name are a list; attributes stand beside them as ``@name``, the text of a mixed element as ``#text``.

    Raises:
        Unusable: it is no XML, or no safe one.
    """
    try:
        root = fromstring(writable(document).strip(), forbid_dtd=True)
    except (ParseError, DefusedXmlException) as error:
        raise Unusable("invalid_xml", f"{type(error).__name__}: {error}") from error
    content = _content(root)
    return _name(root.tag), content if type(content) is dict else {"#text": content}


def _content(element: Element) -> Any:  # noqa: ANN401  # JSON
    found: dict[str, Any] = {f"@{_name(name)}": value for name, value in element.attrib.items()}
    for child in element:
        name, content = _name(child.tag), _content(child)
        if name not in found:
            found[name] = content
        elif type(found[name]) is list:
            found[name].append(content)
        else:
            found[name] = [found[name], content]
    text = (element.text or "").strip() if found else (element.text or "")
    if not found:
        return text
    return found | {"#text": text} if text else found


def _name(tag: str) -> str:
    """The name with a prefix of ours, whatever prefix the document uses."""
    space, _, name = tag.rpartition("}")
    return _PREFIXES.get(space[1:], f"{space[1:]}:" if space else "") + name
