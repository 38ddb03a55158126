"""Messages to a WeCom 企业微信 application, ``ack BRAND``, and the buttons of its template cards.

Source: developer.work.weixin.qq.com, "Receiving messages and events: using it, message format, event format" and
"Encryption and decryption". Group bots, which take pages by a webhook, send nothing back: an application is needed.
"""

import re
from hashlib import sha1
from typing import NamedTuple, Self

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from pipeline.callbacks._base import Nothing, Request, Wish, fresh, same
from pipeline.callbacks._orders import order
from pipeline.callbacks._sealed import IV_BYTES, Answer, bytes_of, decrypted
from pipeline.page_buttons import pressed
from pipeline.wecom_card import answered

_ENCRYPTED = re.compile(rb"<Encrypt>\s*<!\[CDATA\[([A-Za-z0-9+/=]+)\]\]>\s*</Encrypt>")
_SECRET = re.compile(r"([A-Za-z0-9_-]{4,64}):([A-Za-z0-9]{3,32}):([A-Za-z0-9]{43})")
_BLOCK, _LENGTH = 32, 4  # bytes of the padding's block, and of the number before the message
_SHAPE = "write CORPID:TOKEN:ENCODINGAESKEY, the last two from the application's page"


class Known(NamedTuple):
    """What the application and we know."""

    corp: str
    token: str
    key: bytes

    @classmethod
    def of(cls, secret: str) -> Self:
        """From the setting. Raises ValueError if it is of another form; the text does not repeat it."""
        found = _SECRET.fullmatch(secret)
        if not found:
            raise ValueError(_SHAPE)
        return cls(found[1], found[2], bytes_of(f"{found[3]}="))


class WeCom:
    """An application of the company that receives messages."""

    secret = "wecom_callback_secret"  # noqa: S105  # the name of a setting

    def check(self, secret: str) -> None:
        """Three parts, of which the key has 43 characters."""
        Known.of(secret)

    def refusal(self, secret: str, request: Request) -> str | None:
        """By ``msg_signature`` of the address, over time, nonce and what is encrypted; SHA-1 is their choice."""
        moment, nonce = request.query.get("timestamp", ""), request.query.get("nonce", "")
        if not fresh(moment, request.now_s):
            return "timestamp is not within 5 minutes of now"
        parts = sorted((Known.of(secret).token, moment, nonce, _encrypted(request)))
        wanted = sha1("".join(parts).encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()
        given = request.query.get("msg_signature", "")
        return None if same(wanted, given) else "msg_signature is missing, or of another token or body"

    def opened(self, secret: str, request: Request) -> Request | Answer:
        """The message inside ``Encrypt``, or what a trial of the address wants to hear."""
        known = Known.of(secret)
        sealed = bytes_of(_encrypted(request))
        plain = decrypted(known.key, known.key[:IV_BYTES], sealed, _BLOCK)[IV_BYTES:]  # random bytes come first
        length = int.from_bytes(plain[:_LENGTH])
        message, corp = plain[_LENGTH : _LENGTH + length], plain[_LENGTH + length :]
        if not same(known.corp, corp.decode("utf-8", "surrogateescape")):
            raise ValueError("it is meant for another company")
        return request._replace(body=message) if request.body else Answer(message.decode("utf-8", "replace"))

    def read(self, request: Request) -> Wish | Nothing:
        """A text, named by its ``MsgId``, or a pressed button, named by the card and who pressed it."""
        said = _elements(request.body)
        by, kind = said.get("FromUserName", "") or "somebody", said.get("MsgType", "")
        if kind == "text":
            if not said.get("MsgId"):
                raise ValueError("MsgId is needed")
            return order(said.get("Content", ""), by, said["MsgId"])
        task, ordered = said.get("TaskId", ""), pressed(said.get("EventKey", ""))
        if said.get("Event") != "template_card_event" or not ordered or not task:
            return Nothing("neither a text nor a button of ours")
        return Wish(f"{task} {ordered} {by}", ordered, by, incident=answered(task))

    def answer(self, text: str) -> Answer:  # noqa: ARG002  # every platform is told alike
        """Nothing: what is not empty would have to be an encrypted message."""
        return Answer("")


def _encrypted(request: Request) -> str:
    """What the signature is of: read without parsing, for nobody has vouched for it yet."""
    if not request.body:
        return request.query.get("echostr", "")
    found = _ENCRYPTED.search(request.body)
    return found[1].decode() if found else ""


def _elements(document: bytes) -> dict[str, str]:
    """The texts of the root's children. Raises ValueError if it is no XML, or no safe one."""
    try:
        root = fromstring(document.decode())
    except (ParseError, DefusedXmlException, UnicodeDecodeError, ValueError):
        raise ValueError("the message is no XML") from None
    return {child.tag: child.text or "" for child in root}


CALLBACK = WeCom()
