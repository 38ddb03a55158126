"""Mail that no person has written: bounces, receipts and automatic answers. They are no voice of a customer."""

import re

from pipeline.channels._base import Unusable
from pipeline.channels.email.message import Mail

_ANSWERING = ("x-autoreply", "x-autorespond", "x-autoresponse")
_DAEMON = re.compile(r"\b(?:mailer-daemon|postmaster|mail-daemon)@", re.IGNORECASE)
_SUBJECT = re.compile(
    r"\s*(?:auto(?:matic)?[ -]?(?:reply|response)\b|out of (?:the )?office\b|automatische antwort\b"
    r"|réponse automatique\b|自动回复|自動回覆|自动答复)",
    re.IGNORECASE,
)


def refuse_automatic(mail: Mail) -> None:
    """Nothing if a person, or a form that a person has filled in, may have written the mail.

    Raises:
        Unusable: it is a bounce, a receipt or an automatic answer.
    """
    if mail.kind == "multipart/report":
        raise Unusable("irrelevant", "Content-Type multipart/report: a bounce or a receipt")
    if _DAEMON.search(mail.header("from")[:1_000]) or mail.header("return-path") == "<>":
        raise Unusable("irrelevant", "From or Return-Path: a bounce")
    answering = mail.header("auto-submitted").lower().startswith("auto-replied")
    if answering or mail.header("precedence").lower() == "auto_reply" or any(mail.header(name) for name in _ANSWERING):
        raise Unusable("irrelevant", "Auto-Submitted, X-Autoreply or Precedence: an automatic answer")
    if _SUBJECT.match(mail.header("subject")):
        raise Unusable("irrelevant", "Subject: an automatic answer")
