"""Messages to a DingTalk 钉钉 robot: ``@Tocsin ack BRAND``.

Source: open.dingtalk.com, "robots: receive messages". The signature is of the time alone and not of the body: so it is
good once, and the connection must be TLS.
"""

import hmac
from base64 import b64encode

from pipeline.callbacks._base import Nothing, Request, Wish, fields, fresh, look, same
from pipeline.callbacks._orders import order


class DingTalk:
    """An outgoing robot of an internal application."""

    secret = "dingtalk_app_secret"  # noqa: S105  # the name of a setting

    def refusal(self, secret: str, request: Request) -> str | None:
        """By the headers ``timestamp`` (ms) and ``sign``."""
        moment = request.headers.get("timestamp", "")
        if not fresh(moment, request.now_s, per_second=1_000):
            return "timestamp is not within 5 minutes of now"
        wanted = b64encode(hmac.digest(secret.encode(), f"{moment}\n{secret}".encode(), "sha256")).decode()
        return None if same(wanted, request.headers.get("sign", "")) else "sign is missing, or of another secret"

    def read(self, request: Request) -> Wish | Nothing:
        """A text message; the signature names the delivery, so that it is good for one body."""
        message = fields(request.body)
        if look(message, "msgtype") != "text":
            return Nothing("no text")
        by = look(message, "senderNick") or "somebody"
        return order(look(message, "text", "content"), by, request.headers.get("sign", ""))


CALLBACK = DingTalk()
