"""RFC 5322 messages as their parts: decoded headers, the text a reader sees, and what is attached.

Mail in the wild breaks every rule: unknown charsets, headers cut in the middle of a character, bodies that are not what
they claim. What cannot be decoded is replaced, never an error.
"""

import binascii
from email import message_from_bytes, policy
from email.errors import HeaderParseError, MessageError
from email.header import decode_header, make_header
from email.message import Message
from typing import NamedTuple

from pipeline.channels._html import plain
from pipeline.channels._texts import writable
from schemas.post_parts import Link, Media
from schemas.vocabulary import MediaKind

_KINDS: dict[str, MediaKind] = {"image": "image", "audio": "audio", "video": "video"}
_WRONG = (HeaderParseError, MessageError, LookupError, ValueError, TypeError, AttributeError, binascii.Error)
_CHINESE = frozenset({"gb2312", "gbk", "gb_2312-80", "x-gbk"})  # senders name the smallest and mean the largest


class Mail(NamedTuple):
    """A message; ``html`` is the source of the text where there is no plain one."""

    headers: tuple[tuple[str, str], ...]  # decoded, in order
    text: str
    html: str | None
    links: tuple[Link, ...]
    attached: tuple[Media, ...]
    others: tuple[str, ...]  # texts that are shown to nobody, such as the HTML beside a plain text

    def header(self, name: str) -> str:
        """The first header of that name, "" if there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")


def read_mail(document: str) -> Mail:
    """The message in a document whose undecodable bytes are surrogates."""
    message = message_from_bytes(document.encode("utf-8", "surrogateescape"), policy=policy.compat32)
    texts: dict[str, list[str]] = {"plain": [], "html": []}
    attached, others = [], []
    for part in message.walk():
        if part.is_multipart():
            continue
        kind = part.get_content_subtype()
        if part.get_content_maintype() == "text" and kind in texts and not part.get_filename():
            texts[kind].append(_decoded(part))
        else:
            attached.append(_attachment(part))
    headers = tuple((name, _header(value)) for name, value in message.items())
    if any(text.strip() for text in texts["plain"]):
        others = texts["html"]
        return Mail(headers, "\n".join(texts["plain"]).strip(), None, (), tuple(attached[:32]), tuple(others))
    html = "\n".join(texts["html"])
    shown = plain(html)
    return Mail(headers, shown.text, html or None, shown.links, tuple(attached[:32]), ())


def _header(value: object) -> str:
    try:
        return writable(" ".join(str(make_header(decode_header(str(value)))).split()))
    except _WRONG:
        return writable(" ".join(str(value).split()))


def _payload(part: Message) -> bytes:
    try:
        found = part.get_payload(decode=True)
    except _WRONG:
        return b""
    return found if isinstance(found, bytes) else b""


def _decoded(part: Message) -> str:
    """The text of a part, by the charset it names, else UTF-8, else GB18030, else with replacements."""
    data = _payload(part)
    try:
        named = (part.get_content_charset() or "utf-8").lower()
    except _WRONG:
        named = "utf-8"
    for charset in ("gb18030" if named in _CHINESE else named, "utf-8", "gb18030"):
        try:
            return writable(data.decode(charset)).replace("\r\n", "\n")
        except (LookupError, ValueError, UnicodeError):
            continue
    return data.decode("utf-8", "replace").replace("\r\n", "\n")


def _attachment(part: Message) -> Media:
    try:
        name = _header(part.get_filename() or "")
    except _WRONG:
        name = ""
    return Media(
        type=_KINDS.get(part.get_content_maintype(), "file"), alt=name[:1_024] or None,
        mime=writable(part.get_content_type())[:1_024], bytes=len(_payload(part)),
    )  # fmt: skip
