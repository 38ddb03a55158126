"""Make strangers' text safe to show on one line: it may not forge lines, hide words or drive a terminal."""

import re

LINK_LENGTH = 2_000  # longer links are cut off by pagers, and a cut link is worse than the post's address

_BREAKS = re.compile(r"[\t-\r\x1c-\x1f\x85\u2028\u2029]+")
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # control characters
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction marks, embeddings, overrides and isolates
    r"\ufeff\ud800-\udfff]"  # byte order mark, half characters
)
_HOSTILE = re.compile(f"{_BREAKS.pattern.rstrip('+')}|{_INVISIBLE.pattern}")


def one_line(text: str) -> str:
    """``text`` with line breaks as spaces and other control or direction characters as U+FFFD; words stay verbatim."""
    return _INVISIBLE.sub("\ufffd", _BREAKS.sub(" ", text))


def safe_json(text: str) -> str:
    """Compact JSON ``text`` of the same meaning that neither drives a terminal nor breaks its line."""
    return _HOSTILE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def clip(text: str, length: int) -> str:
    """At most ``length`` characters of ``text``, on one line; an ellipsis says that some are missing."""
    line = one_line(text)
    return line if len(line) <= length else line[: length - 1] + "…"


def link(url: str) -> str:
    """``url`` if a responder may click it: http or https, one word, at most LINK_LENGTH; otherwise an empty string."""
    clickable = url.startswith(("https://", "http://")) and len(url) <= LINK_LENGTH
    return url if clickable and " " not in url and one_line(url) == url else ""
