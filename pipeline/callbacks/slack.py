"""Slack's slash commands and buttons.

Source: docs.slack.dev, "Verifying requests from Slack", "Slash commands", "Interaction payloads".
"""

import hmac

from yarl import URL

from pipeline.callbacks._base import Nothing, Request, Wish, fields, fresh, look, same
from pipeline.callbacks._orders import order
from pipeline.page_buttons import pressed

_TIME, _SIGNATURE = "x-slack-request-timestamp", "x-slack-signature"


class Slack:
    """``/tocsin ack BRAND``, or a button below a page."""

    secret = "slack_signing_secret"  # noqa: S105  # the name of a setting

    def refusal(self, secret: str, request: Request) -> str | None:
        """By ``x-slack-signature`` of time and body."""
        moment = request.headers.get(_TIME, "")
        if not fresh(moment, request.now_s):
            return f"{_TIME} is not within 5 minutes of now"
        digest = hmac.digest(secret.encode(), b"v0:" + moment.encode() + b":" + request.body, "sha256")
        wanted = f"v0={digest.hex()}"
        return (
            None if same(wanted, request.headers.get(_SIGNATURE, "")) else f"{_SIGNATURE} is of another secret or body"
        )

    def read(self, request: Request) -> Wish | Nothing:
        """A form, with a button's payload in one of its fields."""
        try:
            given = URL.build(query_string=request.body.decode(), encoded=True).query
        except ValueError:
            raise ValueError("the body is no form") from None
        delivery = request.headers.get(_SIGNATURE, "")
        if "payload" in given:
            return _pressed(fields(given["payload"].encode()), delivery)
        return order(given.get("text", ""), given.get("user_name", "somebody"), delivery)


def _pressed(payload: dict[str, object], delivery: str) -> Wish | Nothing:
    actions = payload.get("actions")
    action = actions[0] if isinstance(actions, list) and actions else None
    kind, incident = pressed(look(action, "action_id")), look(action, "value")
    if kind is None or not incident:
        return Nothing("no button of ours")
    by = look(payload, "user", "username") or look(payload, "user", "name") or "somebody"
    return Wish(delivery, kind, by, incident=incident)


CALLBACK = Slack()
