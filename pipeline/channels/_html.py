"""HTML to plain text and links, in one pass whose time grows with the length alone, whatever the input.

The standard library's parser takes quadratic time on hostile markup; posts hold a handful of tags and no scripts.
"""

import re
from html import unescape
from typing import NamedTuple

from schemas.post_parts import Link

MOST_LINKS = 256
_LONGEST = 1_048_576  # characters of HTML that are looked at
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:-]{0,30})([^<>]*)>|<![^<>]*>|<\?[^<>]*>")
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_CLASS = re.compile(r"""\bclass\s*=\s*["']?[^"'>]*\b(?:mention|hashtag)\b""", re.IGNORECASE)
_ALT = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>/]+))""", re.IGNORECASE)
_BREAKS = {"br": "\n", "p": "\n\n", "div": "\n", "li": "\n", "tr": "\n", "blockquote": "\n\n", "ul": "\n", "ol": "\n",
           "h1": "\n\n", "h2": "\n\n", "h3": "\n\n", "h4": "\n\n", "pre": "\n\n"}  # fmt: skip
_HIDDEN = frozenset({"script", "style", "head", "title", "template"})
_SPACE = re.compile(r"[ \t\r\f\v]+")
_SOURCE_BREAKS = re.compile(r"\s+")
_LINE_ENDS = re.compile(r" *\n *")
_MANY_BREAKS = re.compile(r"\n{3,}")


_PROBABLY = re.compile(r"</?(?:p|br|div|span|a|img|b|i|strong|em|ul|ol|li|h[1-6]|blockquote)\b[^<>]*>", re.IGNORECASE)


class Plain(NamedTuple):
    """What a reader sees, and where links lead that are neither mentions nor hashtags."""

    text: str
    links: tuple[Link, ...] = ()


def probably_html(text: str) -> bool:
    """Whether a text of unknown kind holds tags that people write."""
    return "<" in text and bool(_PROBABLY.search(text, 0, _LONGEST))


def plain(html: str) -> Plain:
    """The text of HTML; emoticons and other pictures are their ``alt``, paragraphs are apart by an empty line."""
    if "<" not in html or not _TAG.search(html, 0, _LONGEST):
        return Plain(unescape(html).strip())
    html = _without_comments(html[:_LONGEST])
    pieces: list[str] = []
    links: list[Link] = []
    end, hidden = 0, ""
    for tag in _TAG.finditer(html):
        if not hidden:
            pieces.append(_SOURCE_BREAKS.sub(" ", html[end : tag.start()]))
        end = tag.end()
        closing, name, attributes = tag[1], (tag[2] or "").lower(), tag[3] or ""
        if name in _HIDDEN:
            hidden = "" if closing and name == hidden else hidden or ("" if closing else name)
        elif not hidden:
            pieces.append(_shown(name, attributes))
            if name == "a" and not closing and len(links) < MOST_LINKS:
                links += _link(attributes)
    if not hidden:
        pieces.append(_SOURCE_BREAKS.sub(" ", html[end:]))
    text = _LINE_ENDS.sub("\n", _SPACE.sub(" ", unescape("".join(pieces))))
    return Plain(_MANY_BREAKS.sub("\n\n", text).strip(), tuple(links))


def _shown(name: str, attributes: str) -> str:
    if name == "img" and (alt := _ALT.search(attributes)):
        return alt[1] or alt[2] or alt[3] or ""
    return _BREAKS.get(name, "")


def _link(attributes: str) -> list[Link]:
    found = _HREF.search(attributes)
    target = unescape(found[1] or found[2] or found[3] or "").strip() if found else ""
    if not target.lower().startswith(("http://", "https://")) or len(target) > 8_192 or _CLASS.search(attributes):  # noqa: PLR2004  # Url
        return []
    return [Link(url=target)]


def _without_comments(html: str) -> str:
    kept, end = [], 0
    while (start := html.find("<!--", end)) >= 0:
        kept.append(html[end:start])
        closed = html.find("-->", start)
        if closed < 0:
            return "".join(kept)
        end = closed + 3
    kept.append(html[end:])
    return "".join(kept)
