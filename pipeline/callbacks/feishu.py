"""Messages to a Feishu 飞书 or Lark application's bot, ``@Tocsin ack BRAND``, and the buttons of its cards.

Source: open.feishu.cn, "Receive events: signature, decryption", "Receive message v2.0", "Card action callback". Custom
bots, which take pages by a webhook, send nothing back: an application of one's own is needed.
"""

import re
from hashlib import sha256

from pipeline.callbacks._base import Nothing, Request, Wish, fields, fresh, look, same
from pipeline.callbacks._orders import order
from pipeline.callbacks._sealed import IV_BYTES, Answer, bytes_of, decrypted
from pipeline.page_buttons import pressed

_TIME, _NONCE, _SIGNATURE = "x-lark-request-timestamp", "x-lark-request-nonce", "x-lark-signature"
_TRIAL, _MESSAGE, _CARD = "url_verification", "im.message.receive_v1", "card.action.trigger"
_MENTION = re.compile(r"@_(?:user_\d+|all)")
_MOST_SAID = 200  # characters of a toast


class Feishu:
    """An application whose events and card callbacks are encrypted, and so signed."""

    secret = "feishu_encrypt_key"  # noqa: S105  # the name of a setting

    def check(self, secret: str) -> None:
        """Any text is an Encrypt Key."""

    def refusal(self, secret: str, request: Request) -> str | None:
        """By ``x-lark-signature`` of time, nonce and body.

        A trial of the address may come without one. It is believed if our key encrypted it, and repeats what it says.
        """
        if _SIGNATURE not in request.headers:
            return None if _is_trial(secret, request) else f"{_SIGNATURE} is missing"
        moment, nonce = request.headers.get(_TIME, ""), request.headers.get(_NONCE, "")
        if not fresh(moment, request.now_s):
            return f"{_TIME} is not within 5 minutes of now"
        known = f"{moment}{nonce}{secret}".encode("utf-8", "surrogateescape")
        wanted = sha256(known + request.body).hexdigest()
        return None if same(wanted, request.headers[_SIGNATURE]) else f"{_SIGNATURE} is of another key or body"

    def opened(self, secret: str, request: Request) -> Request | Answer:
        """The event inside ``encrypt``, or the challenge of a trial."""
        plain = _plain(secret, request.body)
        said = fields(plain)
        if look(said, "type") == _TRIAL:
            return Answer.json(challenge=look(said, "challenge"))
        return request._replace(body=plain)

    def read(self, request: Request) -> Wish | Nothing:
        """A text message of a person, or a button of ours; the event's id names the delivery."""
        event = fields(request.body)
        delivery, kind = look(event, "header", "event_id"), look(event, "header", "event_type")
        if not delivery:
            raise ValueError("header.event_id is needed")
        told = event.get("event")
        if kind == _MESSAGE:
            return _typed(told, delivery)
        return _pressed(told, delivery) if kind == _CARD else Nothing("no event that orders anything")

    def answer(self, text: str) -> Answer:
        """A toast, which whoever pressed a button sees; nobody sees the answer to a message."""
        return Answer.json(toast={"type": "info", "content": text[:_MOST_SAID]})


def _plain(secret: str, body: bytes) -> bytes:
    """Raises ValueError if the body is not what the key encrypted."""
    sealed = bytes_of(look(fields(body), "encrypt"))
    return decrypted(sha256(secret.encode()).digest(), sealed[:IV_BYTES].ljust(IV_BYTES), sealed[IV_BYTES:])


def _is_trial(secret: str, request: Request) -> bool:
    try:
        return look(fields(_plain(secret, request.body)), "type") == _TRIAL
    except ValueError:
        return False


def _typed(told: object, delivery: str) -> Wish | Nothing:
    if look(told, "message", "message_type") != "text" or look(told, "sender", "sender_type") != "user":
        return Nothing("no text of a person")
    sender = told.get("sender") if isinstance(told, dict) else None
    text = look(fields(look(told, "message", "content").encode("utf-8", "surrogateescape")), "text")
    return order(_MENTION.sub("", text), _name(sender, "sender_id"), delivery)


def _pressed(told: object, delivery: str) -> Wish | Nothing:
    kind, incident = pressed(look(told, "action", "value", "order")), look(told, "action", "value", "incident")
    if kind is None or not incident:
        return Nothing("no button of ours")
    return Wish(delivery, kind, _name(told, "operator"), incident=incident)


def _name(told: object, where: str) -> str:
    """Whoever did it, as the directory calls them if the application may know, else by an id of the application."""
    return look(told, where, "user_id") or look(told, where, "open_id") or "somebody"


CALLBACK = Feishu()
