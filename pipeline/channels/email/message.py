"""RFC 5322 messages as their parts: decoded headers, the text a reader sees, and what is attached.

Mail in the wild breaks every rule: unknown charsets, headers cut in the middle of a character, bodies that are not what
they claim. What cannot be decoded is replaced, never an error.
"""

import binascii
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.errors import HeaderParseError, MessageError
from email.header import decode_header
from email.message import Message
from itertools import islice
from typing import NamedTuple

from pipeline.channels._base import Unusable
from pipeline.channels._charsets import bytes_of, decoded
from pipeline.channels._html import plain
from pipeline.channels._texts import writable
from schemas.post_parts import Link, Media
from schemas.vocabulary import MediaKind

_KINDS: dict[str, MediaKind] = {"image": "image", "audio": "audio", "video": "video"}
_WRONG = (HeaderParseError, MessageError, LookupError, ValueError, TypeError, AttributeError, binascii.Error)
_MOST_MEDIA = 32
_MOST_MULTIPARTS = 20  # one inside the other, each makes the parser look at every line once more
_LOOKED_AT = 262_144  # characters of a text; a record holds a quarter
_MOST_HEADERS = 1_000
_HEADER = 10_000  # characters of one that are read
_NAME = 1_024


class Mail(NamedTuple):
    """A message; ``html`` is the source of the text where there is no plain one."""

    headers: tuple[tuple[str, str], ...]  # decoded, in order
    text: str
    html: str | None = None
    links: tuple[Link, ...] = ()
    attached: tuple[Media, ...] = ()
    others: tuple[str, ...] = ()  # texts that are shown to nobody, such as the HTML beside a plain text
    kind: str = "text/plain"

    def header(self, name: str) -> str:
        """The first header of that name, "" if there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")


def read_mail(document: str) -> Mail:
    """The message in a document whose undecodable bytes are surrogates.

    Raises:
        Unusable: its parts are nested deeper than any mail program does.
    """
    if document.lower().count("content-type: multipart/") > _MOST_MULTIPARTS:
        raise Unusable("too_deep", f"Content-Type: more than {_MOST_MULTIPARTS} multiparts")
    message = message_from_bytes(bytes_of(document.lstrip("\r\n")), policy=policy.compat32)
    headers = tuple((name, _header(value)) for name, value in islice(message.raw_items(), _MOST_HEADERS))
    texts: dict[str, list[str]] = {"text/plain": [], "text/html": []}
    attached = []
    for part in _parts(message):
        kind = part.get_content_type()
        if kind in texts and part.get_content_disposition() != "attachment" and not part.get_filename():
            texts[kind].append(_text(part))
        else:
            attached.append(_attachment(part))
    written = "\n".join(texts["text/plain"])[:_LOOKED_AT].strip()
    html = "\n".join(texts["text/html"])
    known = {"attached": tuple(attached[:_MOST_MEDIA]), "kind": message.get_content_type()}
    if written:
        return Mail(headers, written, others=tuple(texts["text/html"]), **known)  # type: ignore[arg-type]  # as listed
    shown = plain(html)
    return Mail(headers, shown.text, html or None, shown.links, **known)  # type: ignore[arg-type]  # as listed


def _parts(message: Message) -> Iterator[Message]:
    """The parts that hold no others; a message that is attached is one of them."""
    if message.get_content_maintype() != "multipart" or not message.is_multipart():
        yield message
        return
    for part in message.get_payload():
        if isinstance(part, Message):
            yield from _parts(part)


def _header(value: str) -> str:
    """A header without its encoding; adjacent words are put together before they are decoded."""
    try:
        words = decode_header(value[:_HEADER])
    except _WRONG:
        words = [(value[:_HEADER], None)]
    return writable(" ".join("".join(_word(word, charset) for word, charset in words).split()))


def _word(word: str | bytes, charset: str | None) -> str:
    """A piece of a header; what is not encoded may be bytes that ought to be."""
    if isinstance(word, bytes) and charset is not None:
        return decoded(word, charset)
    return decoded(bytes_of(word if isinstance(word, str) else word.decode("raw-unicode-escape", "replace")), None)


def _payload(part: Message) -> bytes:
    try:
        found = part.get_payload(decode=True)
    except _WRONG:
        return b""
    return found if isinstance(found, bytes) else b""


def _text(part: Message) -> str:
    try:
        charset = part.get_content_charset()
    except _WRONG:
        charset = None
    return decoded(_payload(part), charset).replace("\r\n", "\n")


def _attachment(part: Message) -> Media:
    try:
        name = _header(part.get_filename() or "")
    except _WRONG:
        name = ""
    return Media(
        type=_KINDS.get(part.get_content_maintype(), "file"), alt=name[:_NAME] or None,
        mime=writable(part.get_content_type())[:_NAME], bytes=len(_payload(part)),
    )  # fmt: skip
