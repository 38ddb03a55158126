"""A page as an e-mail: plain text, simple HTML without pictures or scripts, and one thread for each incident."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from types import MappingProxyType

from pipeline.markup import html, segment
from pipeline.page_message import ACKNOWLEDGED, RESOLVED, Message
from pipeline.page_quotes import Quote
from pipeline.plain_text import plain_text
from schemas.alert import Page

COLOURS = MappingProxyType({
    "critical": "#b00020", "error": "#c75000", "warning": "#8a6d00", "info": "#1f5fa8", ACKNOWLEDGED: "#1f5fa8",
    RESOLVED: "#1b7a3d",
})  # fmt: skip
URGENT = frozenset({"critical", "error"})


def mail(page: Page, told: Message, language: str, sender: str, recipients: tuple[str, ...]) -> EmailMessage:
    """The same page makes the same e-mail with the same Message-ID, so that mailboxes recognise a repetition.

    The first page of an incident begins a thread; later ones name it, arrived or not (RFC 5322, 3.6.4). No machine
    answers (RFC 3834).
    """
    domain = sender.rpartition("@")[2]
    thread, own = (f"<{segment(name)}@{domain}>" for name in (f"incident.{page.dedup_key}", f"page.{page.page_id}"))
    message = EmailMessage(policy=SMTP)
    message["From"] = f"Tocsin <{sender}>"
    message["To"] = ", ".join(recipients)
    message["Subject"] = told.headline
    message["Date"] = datetime.fromtimestamp(page.at / 1000, tz=UTC)
    if page.action == "trigger" and page.alert.reason == "first":
        message["Message-ID"] = thread
    else:
        message["Message-ID"] = own
        message["In-Reply-To"] = message["References"] = thread
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"  # what Exchange heeds instead
    message["Importance"] = "high" if told.tone in URGENT else "normal"
    message["X-Tocsin-Severity"] = told.tone
    message.set_content(f"{told.title}\n\n{plain_text(told)}")
    message.add_alternative(_html(told, language), subtype="html")
    message["Content-Language"] = language  # last: what is there before the contents moves into the first of them
    return message


def _html(told: Message, language: str) -> str:
    facts = "".join(f"<li>{html(fact)}</li>" for fact in told.facts)
    posts = "".join(_post(post, told.open_post) for post in told.quotes)
    opening = f"<p>{_link(told.open_incident, told.url)}</p>" if told.url else ""
    heading = f"<h3>{html(told.heading)}</h3>" if told.heading else ""
    return (
        f'<!DOCTYPE html><html lang="{html(language)}"><head><meta charset="utf-8"></head><body>'
        f'<h2 style="color:{COLOURS[told.tone]}">{html(told.headline)}</h2><ul>{facts}</ul>{opening}'
        f"{heading}{posts}<p>{html(told.left_out)}</p><p><small>{html(told.reference)}</small></p>"
        "</body></html>"
    )


def _post(post: Quote, label: str) -> str:
    where = _link(label, post.url) if post.url else html(post.place)
    return f"<p>{html(post.head)}<br>{where}</p><blockquote>{html(post.text)}</blockquote>"


def _link(label: str, url: str) -> str:
    return f'<a href="{html(url)}" rel="noopener noreferrer nofollow">{html(label)}</a>'
