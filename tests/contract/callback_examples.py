"""Genuine requests of every callback, as its documentation says they are signed; and what they order."""

import hmac
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlencode

from standardwebhooks import Webhook

from schemas.codec import encode

SECRET = "whsec_c2VjcmV0IG9mIGEgdGVzdCwgbm90IGEgc2VjcmV0"
BRAND, INCIDENT = "acme-mobile", "07de49434eaf4d294d529710"


class Example(NamedTuple):
    """One way to give an order. ``signed`` makes the headers for a body at a time, s."""

    signed: Callable[[bytes, int], dict[str, str]]
    body: Callable[[int], bytes]  # at a time, s
    fresh_within_s: int  # an older request must be refused


def pagerduty(body: bytes, _: int) -> dict[str, str]:
    digest = hmac.digest(SECRET.encode(), body, "sha256").hex()
    return {"X-PagerDuty-Signature": f"v1={'0' * 64},v1={digest}"}


def slack(body: bytes, now: int) -> dict[str, str]:
    digest = hmac.digest(SECRET.encode(), f"v0:{now}:".encode() + body, "sha256").hex()
    return {"X-Slack-Request-Timestamp": str(now), "X-Slack-Signature": f"v0={digest}"}


def dingtalk(_: bytes, now: int) -> dict[str, str]:
    digest = hmac.digest(SECRET.encode(), f"{now * 1000}\n{SECRET}".encode(), "sha256")
    return {"timestamp": str(now * 1000), "sign": b64encode(digest).decode()}


def standard(body: bytes, now: int) -> dict[str, str]:
    moment = datetime.fromtimestamp(now, UTC)
    signature = Webhook(SECRET).sign("msg_1", moment, body.decode("utf-8", "surrogateescape"))
    return {"webhook-id": "msg_1", "webhook-timestamp": str(now), "webhook-signature": signature}


def event(now: int) -> bytes:
    return encode({"event": {
        "id": "01EVENT", "event_type": "incident.acknowledged", "resource_type": "incident",
        "occurred_at": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "agent": {"id": "PUSER", "type": "user_reference", "summary": "Ann"},
        "data": {"id": "Q1", "type": "incident", "incident_key": f"{INCIDENT}/critical", "status": "acknowledged"},
    }})  # fmt: skip


def slash(_: int) -> bytes:
    return urlencode({"command": "/tocsin", "text": f"ack {BRAND} on it", "user_name": "ann"}).encode()


def robot(_: int) -> bytes:
    return encode(
        {"msgtype": "text", "text": {"content": f" ack {BRAND} 正在处理"}, "senderNick": "小安", "msgId": "m1"}
    )


def order(_: int) -> bytes:
    return encode({"kind": "ack", "brand": BRAND, "by": "Ann", "text": "on it"})


EXAMPLES = {
    "pagerduty": Example(pagerduty, event, 86_400),
    "slack": Example(slack, slash, 300),
    "dingtalk": Example(dingtalk, robot, 300),
    "standard": Example(standard, order, 300),
}
