"""Texts within the bounds of a record, and pieces of a text by the units in which sources count."""

from unicodedata import is_normalized, normalize

LONGEST = 65_536  # characters of a body, as in schemas.record


def body(text: str) -> str:
    """The text in NFC and within bounds."""
    cut = text[:LONGEST]
    return cut if cut.isascii() or is_normalized("NFC", cut) else normalize("NFC", cut)[:LONGEST]


def writable(text: str) -> str:
    """The text without lone surrogates, which no encoding can carry."""
    return text.encode("utf-8", "replace").decode()


def by_bytes(text: str, start: object, end: object) -> str | None:
    """The piece between two UTF-8 byte offsets (Bluesky); None if they are none of this text."""
    return _piece(text, start, end, "utf-8", 1)


def by_utf16(text: str, start: object, length: object) -> str | None:
    """The piece of ``length`` UTF-16 units from ``start`` on (ActivityStreams 1, JavaScript clients)."""
    end = start + length if type(start) is int and type(length) is int else None
    return _piece(text, start, end, "utf-16-le", 2)


def by_code_points(text: str, start: object, end: object) -> str | None:
    """The piece between two offsets in code points (X)."""
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
        return None
    return text[start:end]


def _piece(text: str, start: object, end: object, encoding: str, width: int) -> str | None:
    data = text.encode(encoding, "replace")
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(data) // width:
        return None
    try:
        return data[start * width : end * width].decode(encoding)
    except UnicodeDecodeError:  # an offset in the middle of a character
        return None
