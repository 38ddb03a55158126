"""E-mail: RFC 5322 messages as a mailbox gives them, or as the JSON of an inbound-mail webhook.

The text is what the sender wrote; mails that are quoted, and the signature, are in ``text_raw``. A thread is known by
the first message it refers to. Bounces and automatic answers (RFC 3834) are refused; other mail of machines may forward
what a customer has written into a form, and is by an author of type bot.
"""

import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from email.utils import parseaddr
from typing import Any

from pipeline.channels._base import Adapted, Adapter, Receipt, Unusable, named, named_or_hashed
from pipeline.channels._fields import BODY, NAME, NATIVE_ID, Fields
from pipeline.channels._html import plain
from pipeline.channels._texts import body, writable
from pipeline.channels._times import milliseconds
from pipeline.channels.email.automatic import refuse_automatic
from pipeline.channels.email.message import Mail, read_mail
from pipeline.channels.email.quoting import own_words
from schemas.author import Author
from schemas.post import SocialPost
from schemas.vocabulary import TimeBasis

_RAW = ("raw", "rfc822", "mime", "eml", "message", "bodymime", "rawemail", "email")
_JSON = {
    "Message-ID": ("messageid", "id"), "From": ("from", "sender"), "To": ("to", "recipient"), "Subject": ("subject",),
    "Date": ("date", "receivedat", "timestamp"), "In-Reply-To": ("inreplyto",), "References": ("references",),
    "Auto-Submitted": ("autosubmitted",),
}  # fmt: skip
_PLAIN = ("text", "bodyplain", "plain", "textbody", "strippedtext", "body")
_HTML = ("html", "bodyhtml", "htmlbody")
_TELLING = ("from", "subject", "message-id", "date", "to", "received")
_BEGINNING = re.compile(rb"\s*[A-Za-z][A-Za-z0-9-]{1,60}:")  # of the first header
_URL_SAFE = str.maketrans("-_", "+/")
_ADDRESSES = 4_096  # characters of a header in which a sender is looked for


def of_text(document: str, receipt: Receipt) -> Iterable[Adapted]:
    """The message of a document."""
    return [_document(document, Fields({}), receipt)]


def adapt(payload: Fields, receipt: Receipt) -> Iterable[Adapted]:
    """The message inside of an object, or the one whose parts are its fields."""
    raw = payload.called(_RAW)
    document = _decoded(payload.look(raw) or "")
    if "\n" in document:
        if len(document) > BODY:  # with it a record would lose all of ``extra``
            payload.take(raw)
        return [_document(document, payload, receipt)]
    text, html = payload.called(_PLAIN), payload.called(_HTML)
    if not payload.look(text) and not payload.look(html):
        raise Unusable("missing_field", "text, html and raw are missing: no message")
    headers = tuple(_headers(payload))
    words = payload.text(text, BODY)
    if words:
        return [_post(Mail(headers, words), payload, receipt)]
    shown = plain(payload.look(html) or "")
    return [_post(Mail(headers, shown.text, payload.look(html), shown.links), payload, receipt)]


def _decoded(document: str) -> str:
    """The message; one in a single line is one in base64, as mail services hand them out."""
    if "\n" in document:
        return document
    code = document.translate(_URL_SAFE).rstrip("=")
    try:
        data = b64decode(code + "=" * (-len(code) % 4), validate=True)
    except ValueError:
        return document
    return data.decode("ascii", "surrogateescape") if _BEGINNING.match(data) else document


def _headers(payload: Fields) -> Iterator[tuple[str, str]]:
    """Headers from the fields that webhooks call otherwise; they stay."""
    for name, theirs in _JSON.items():
        field = payload.called(theirs)
        if value := payload.look(field) or payload.ref(field):
            yield name, writable(value)


def _document(document: str, rest: Fields, receipt: Receipt) -> SocialPost:
    mail = read_mail(document)
    if not any(mail.header(name) for name in _TELLING):
        raise Unusable("missing_field", "From, To, Date, Subject and Message-ID are missing: no RFC 5322 message")
    post = _post(mail, rest, receipt)
    headers: dict[str, Any] = {}
    for name, value in mail.headers:
        headers.setdefault(name, []).append(value)
    post.extra["headers"] = {name: values if len(values) > 1 else values[0] for name, values in headers.items()}
    if mail.others:
        post.extra["others"] = list(mail.others)
    return post


def _post(mail: Mail, rest: Fields, receipt: Receipt) -> SocialPost:
    refuse_automatic(mail)
    native_id, references = _message_id(mail.header("message-id")), mail.header("references").split()
    parent = _message_id(mail.header("in-reply-to")) or _message_id(" ".join(references[-1:]))
    thread = _message_id(" ".join(references)) or parent or native_id
    said = Fields({"headers": [list(pair) for pair in mail.headers], "text": mail.text})
    text = body(own_words(mail.text))
    raw = mail.html if mail.html is not None else mail.text
    event_time, basis = _moment(mail, receipt)
    return SocialPost(
        post_uid=named_or_hashed("email", native_id, said), native_id=native_id, platform="email", channel="email",
        kind="message", author=_author(mail, receipt), title=mail.header("subject")[:NAME] or None, text=text,
        text_raw=raw[:BODY] if raw != text else None, text_format="html" if mail.html is not None else "plain",
        text_truncated=len(text) == BODY, conversation_uid=named("email", thread) if thread else None,
        in_reply_to_uid=named("email", parent) if parent else None, links=mail.links, media=mail.attached,
        visibility="direct", event_time=event_time, event_time_basis=basis, collected_at=receipt.received_at,
        extra=rest.rest(),
    )  # fmt: skip


def _moment(mail: Mail, receipt: Receipt) -> tuple[int, TimeBasis]:
    """When the sender says, else when the last server received it, which writes so after a semicolon."""
    if (at := milliseconds(mail.header("date"))) is not None:
        return at, "source"
    if (at := milliseconds(mail.header("received").rpartition(";")[2])) is not None:
        return at, "platform_receive"
    return receipt.received_at, "collected"


def _message_id(text: str) -> str | None:
    """The first identifier, without its brackets."""
    first = (text.split() or [""])[0].strip("<>,")
    return first[:NAME] or None


def _author(mail: Mail, receipt: Receipt) -> Author | None:
    """The sender by address, in lower case: domains have no case, and mailboxes practically none."""
    name, address = parseaddr((mail.header("from") or mail.header("sender"))[:_ADDRESSES])
    if not address:
        return None
    machine = mail.header("auto-submitted").lower() not in ("", "no")
    return receipt.author(
        "email", writable(address).lower()[:NATIVE_ID], display_name=writable(name)[:NAME] or None,
        type="bot" if machine else "unknown",
    )  # fmt: skip


ADAPTER = Adapter(of_object=adapt, of_text=of_text)
