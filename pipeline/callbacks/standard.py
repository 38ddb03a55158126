"""Orders of any other system, signed as Standard Webhooks (standardwebhooks.com) say."""

from typing import get_args

from pipeline.asked_times import span_ms
from pipeline.callbacks._base import Nothing, Request, Wish, fields, look
from pipeline.webhook_signature import key_of, standard
from schemas.vocabulary import CommandKind

_KINDS = {kind: kind for kind in get_args(CommandKind) if kind != "maintenance"}


class Standard:
    """``{"kind": "ack", "brand": "acme-mobile", "by": "Ann", "text": "on it"}``.

    An ``incident`` may be named in place of the brand; a silence needs ``"for": "2h"``.
    """

    secret = "callback_secret"  # noqa: S105  # the name of a setting

    def refusal(self, secret: str, request: Request) -> str | None:
        """By ``webhook-id``, ``webhook-timestamp`` and ``webhook-signature``."""
        return standard(key_of(secret), request.headers, request.body, request.now_s)

    def read(self, request: Request) -> Wish | Nothing:
        """One order."""
        said = fields(request.body)
        kind, span = _KINDS.get(look(said, "kind")), look(said, "for")
        brand, incident, by = (look(said, name) for name in ("brand", "incident", "by"))
        if kind is None or not by or bool(brand) == bool(incident):
            raise ValueError(f"needed: kind ({', '.join(_KINDS)}), by, and brand or incident")
        return Wish(
            request.headers["webhook-id"],
            kind,
            by,
            brand,
            incident,
            look(said, "text"),
            span_ms(span) if span else None,
        )


CALLBACK = Standard()
