"""E-mail: RFC 5322 messages as a mailbox gives them, or as the JSON of an inbound-mail webhook.

A thread is known by the first message it refers to. Answers of machines (RFC 3834) are by authors of type bot.
"""

from collections.abc import Iterable
from email.utils import parseaddr

from pipeline.channels._base import Adapted, Adapter, Receipt, Unusable, named, named_or_hashed
from pipeline.channels._fields import BODY, Fields
from pipeline.channels._html import plain
from pipeline.channels._mail import Mail, read_mail
from pipeline.channels._texts import body, writable
from pipeline.channels._times import milliseconds
from schemas.author import Author
from schemas.post import SocialPost

_RAW = ("raw", "rfc822", "mime", "eml", "message", "bodymime", "rawemail")
_JSON = {
    "Message-ID": ("messageid", "id"), "From": ("from", "sender"), "To": ("to", "recipient"), "Subject": ("subject",),
    "Date": ("date", "receivedat", "timestamp"), "In-Reply-To": ("inreplyto",), "References": ("references",),
}  # fmt: skip
_PLAIN = ("text", "bodyplain", "plain", "textbody", "strippedtext", "body")
_HTML = ("html", "bodyhtml", "htmlbody")


def of_text(document: str, receipt: Receipt) -> Iterable[Adapted]:
    """The message of a document."""
    mail = read_mail(document)
    if not any(mail.header(name) for name in ("from", "subject", "message-id", "date", "to")):
        raise Unusable(
            "missing_field", "From, Subject, Message-ID, Date and To are missing: this is no RFC 5322 message"
        )
    return [
        _post(mail, Fields({"headers": [list(pair) for pair in mail.headers], "others": list(mail.others)}), receipt)
    ]


def adapt(payload: Fields, receipt: Receipt) -> Iterable[Adapted]:
    """The message inside of an object, or the one whose parts are its fields."""
    raw = payload.called(_RAW)
    document = payload.look(raw)
    if document and "\n" in document:
        payload.take(raw)
        return of_text(document, receipt)
    text, html = payload.called(_PLAIN), payload.called(_HTML)
    if not payload.look(text) and not payload.look(html):
        raise Unusable("missing_field", "text, html and raw are missing: no message")
    headers = [(name, writable(value)) for name, theirs in _JSON.items()
               if (value := payload.look(payload.called(theirs)) or payload.ref(payload.called(theirs)))]  # fmt: skip
    shown = plain(payload.look(html) or "")
    words = payload.text(text, BODY)
    mail = Mail(tuple(headers), words or shown.text, None if words else payload.look(html), shown.links, (), ())
    return [_post(mail, payload, receipt)]


def _post(mail: Mail, rest: Fields, receipt: Receipt) -> SocialPost:
    native_id = _message_id(mail.header("message-id"))
    parent = _message_id(mail.header("in-reply-to"))
    thread = _message_id(mail.header("references")) or parent or native_id
    said = Fields({"headers": [list(pair) for pair in mail.headers], "text": mail.text})
    at = milliseconds(mail.header("date"))
    text = body(mail.text)
    raw = mail.html if mail.html is not None else mail.text
    return SocialPost(
        post_uid=named_or_hashed("email", native_id, said), native_id=native_id, platform="email", channel="email",
        kind="message", author=_author(mail, receipt), title=mail.header("subject")[:1_024] or None, text=text,
        text_raw=raw[:BODY] if raw != text else None, text_format="html" if mail.html is not None else "plain",
        text_truncated=len(mail.text) > len(text) and len(text) == BODY,
        conversation_uid=named("email", thread) if thread else None,
        in_reply_to_uid=named("email", parent) if parent else None, links=mail.links, media=mail.attached,
        visibility="direct", event_time=at or receipt.received_at, event_time_basis="source" if at else "collected",
        collected_at=receipt.received_at, extra=rest.rest(),
    )  # fmt: skip


def _message_id(text: str) -> str | None:
    """The first identifier, without its brackets."""
    first = (text.split() or [""])[0].strip("<>,")
    return first[:1_024] or None


def _author(mail: Mail, receipt: Receipt) -> Author | None:
    """The sender by address, in lower case: domains have no case, and mailboxes practically none."""
    name, address = parseaddr(mail.header("from"))
    if not address:
        return None
    machine = mail.header("auto-submitted").lower() not in ("", "no")
    return receipt.author(
        "email",
        writable(address).lower()[:200],
        display_name=name[:1_024] or None,
        type="bot" if machine else "unknown",
    )


ADAPTER = Adapter(of_object=adapt, of_text=of_text)
