"""RFC 5322 messages as their parts: decoded headers, the text a reader sees, and what is attached.

Mail in the wild breaks every rule: unknown charsets, headers cut in the middle of a character, bodies that are not what
they claim. What cannot be decoded is replaced, never an error.
"""

import binascii
import re
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
_HOLDERS = re.compile(r"^content-type:\s*(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)
_MOST_HOLDERS = 20  # one inside the other, each makes the parser look at every line once more
_LOOKED_AT = 262_144  # characters of a text; a record holds a quarter
_MOST_HEADERS = 1_000
_HEADER = 10_000  # characters of one that are read
_NAME = 1_024


class _Texts(NamedTuple):
    """The texts of one message."""

    plain: list[str]
    html: list[str]

    def told(self) -> bool:
        """Whether any says something."""
        return any(one.strip() for one in (*self.plain, *self.html))


class Mail(NamedTuple):
    """A message; ``html`` is the source of the text where there is no plain one.

    Whoever attaches a message and says nothing forwards it: the text is that of the attached one.
    """

    headers: tuple[tuple[str, str], ...]  # decoded, in order
    text: str
    html: str | None = None
    links: tuple[Link, ...] = ()
    attached: tuple[Media, ...] = ()
    others: tuple[str, ...] = ()  # texts that are not shown: the HTML beside a plain text, a message that is attached
    kind: str = "text/plain"

    def header(self, name: str) -> str:
        """The first header of that name, "" if there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")


def read_mail(document: str) -> Mail:
    """The message in a document whose undecodable bytes are surrogates.

    Raises:
        Unusable: its parts are nested deeper than any mail program does.
    """
    if len(_HOLDERS.findall(document)) > _MOST_HOLDERS:
        raise Unusable("too_deep", f"Content-Type: more than {_MOST_HOLDERS} multiparts and attached messages")
    message = message_from_bytes(bytes_of(document.lstrip("\r\n")), policy=policy.compat32)
    headers = tuple((name, _header(value)) for name, value in islice(message.raw_items(), _MOST_HEADERS))
    own, forwarded, attached = _Texts([], []), _Texts([], []), []
    for part, is_forwarded in _parts(message):
        texts = forwarded if is_forwarded else own
        kind = part.get_content_type()
        if kind not in ("text/plain", "text/html") or _is_file(part):
            attached.append(_attachment(part))
        else:
            (texts.html if kind == "text/html" else texts.plain).append(_text(part))
    shown, beside = (own, forwarded) if own.told() else (forwarded, own)
    known = {"attached": tuple(attached[:_MOST_MEDIA]), "kind": message.get_content_type()}
    if written := "\n".join(shown.plain)[:_LOOKED_AT].strip():
        others = (*shown.html, *beside.plain, *beside.html)
        return Mail(headers, written, others=others, **known)  # type: ignore[arg-type]  # as listed
    html = "\n".join(shown.html)
    seen = plain(html)
    others = (*beside.plain, *beside.html)
    return Mail(headers, seen.text, html or None, seen.links, others=others, **known)  # type: ignore[arg-type]  # as listed


def _parts(message: Message, *, is_forwarded: bool = False) -> Iterator[tuple[Message, bool]]:
    """The parts that hold no others, and whether they are of a message that is attached; that is a part, too."""
    main, inside = message.get_content_maintype(), message.get_payload() if message.is_multipart() else []
    if main != "multipart" or not inside:
        yield message, is_forwarded
    for part in inside:
        if isinstance(part, Message):
            yield from _parts(part, is_forwarded=is_forwarded or main != "multipart")


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


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
        mime=writable(part.get_content_type())[:_NAME], bytes=None if part.is_multipart() else len(_payload(part)),
    )  # fmt: skip
