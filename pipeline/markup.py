"""Take the force out of markup in strangers' words: they may not mention a group, hide a link or load a picture."""

from html import escape

_WIDE = str.maketrans({mark: chr(ord(mark) + 0xFEE0) for mark in "!#*<>@[\\]_`|~"})
_SLACK = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_UNRESERVED = frozenset(b"-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")  # RFC 3986, 2.3
_IN_LINKS = str.maketrans({mark: f"%{ord(mark):02X}" for mark in "\"'()<>[\\]^`{|}"})


def wide(text: str) -> str:
    """``text`` for dialects of Markdown in which nothing can be escaped: marks become their full-width twins."""
    return text.translate(_WIDE)


def slack(text: str) -> str:
    """``text`` for Slack: mentions and links are made of the three characters that are escaped."""
    return text.translate(_SLACK)


def html(text: str) -> str:
    """``text`` for HTML, in quoted attributes, too."""
    return escape(text, quote=True)


def address(url: str) -> str:
    """``url`` for use within a link: what could end the link is percent-encoded."""
    return url.translate(_IN_LINKS)


def segment(text: str) -> str:
    """``text`` as one segment of the path of a URL."""
    return "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in text.encode())
