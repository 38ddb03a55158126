"""Genuine requests of every callback, as its documentation says they are signed; and what they order."""

import hmac
import re
import struct
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha1, sha256
from typing import NamedTuple
from urllib.parse import urlencode

from standardwebhooks import Webhook

from schemas.codec import encode
from tests.fakes.plain_aes import encrypted

SECRET = "whsec_c2VjcmV0IG9mIGEgdGVzdCwgbm90IGEgc2VjcmV0"
BRAND, INCIDENT = "acme-mobile", "07de49434eaf4d294d529710"
IV = b"sixteen bytes IV"
WECOM_CORP, WECOM_TOKEN, WECOM_KEY = "ww0123456789abcdef", "aTokenOfATest", "0123456789" * 4 + "abA"


class Example(NamedTuple):
    """One way to give an order.

    ``signed`` makes the headers for a body at a time, s; names that begin with ``?`` belong into the query.
    """

    signed: Callable[[bytes, int], dict[str, str]]
    body: Callable[[int], bytes]  # at a time, s
    fresh_within_s: int  # an older request must be refused
    secret: str = SECRET
    changed: Callable[[bytes], bytes] = lambda body: body + b" "  # something that is signed


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


def feishu(body: bytes, now: int) -> dict[str, str]:
    digest = sha256(f"{now}nonce{SECRET}".encode() + body).hexdigest()
    return {"X-Lark-Request-Timestamp": str(now), "X-Lark-Request-Nonce": "nonce", "X-Lark-Signature": digest}


def feishu_sealed(plain: bytes, key: str = SECRET) -> bytes:
    """A body as Feishu posts it."""
    sealed = IV + encrypted(sha256(key.encode()).digest(), IV, plain)
    return encode({"encrypt": b64encode(sealed).decode()})


def feishu_event(kind: str, event: object) -> bytes:
    header = {"event_id": "e1", "event_type": kind, "create_time": "1795312500000", "token": "t", "app_id": "cli_a"}
    return feishu_sealed(encode({"schema": "2.0", "header": header, "event": event}))


def feishu_message(_: int) -> bytes:
    return feishu_event("im.message.receive_v1", {
        "sender": {"sender_id": {"user_id": "an.li", "open_id": "ou_1"}, "sender_type": "user"},
        "message": {
            "message_id": "om_1", "chat_id": "oc_1", "chat_type": "group", "message_type": "text",
            "content": encode({"text": f"@_user_1 ack {BRAND} 正在处理"}).decode(),
            "mentions": [{"key": "@_user_1", "name": "Tocsin"}],
        },
    })  # fmt: skip


def wecom(body: bytes, now: int) -> dict[str, str]:
    """The query of a body."""
    found = re.search(rb"<Encrypt><!\[CDATA\[(.*)\]\]></Encrypt>", body)
    return wecom_signed(found[1] if found else b"", now)


def wecom_signed(sealed: bytes, now: int) -> dict[str, str]:
    """The query of what is encrypted, in a body or in ``echostr``."""
    digest = sha1("".join(sorted((WECOM_TOKEN, str(now), "nonce", sealed.decode()))).encode()).hexdigest()
    return {"?msg_signature": digest, "?timestamp": str(now), "?nonce": "nonce"}


def wecom_sealed(plain: bytes, corp: str = WECOM_CORP) -> bytes:
    """What stands in ``Encrypt``."""
    key = b64decode(f"{WECOM_KEY}=")
    whole = b"r" * 16 + struct.pack(">I", len(plain)) + plain + corp.encode()
    return b64encode(encrypted(key, key[:16], whole, 32))


def wecom_body(plain: bytes, corp: str = WECOM_CORP) -> bytes:
    """A body as WeCom posts it."""
    outer = f"<ToUserName><![CDATA[{corp}]]></ToUserName><AgentID><![CDATA[1]]></AgentID>".encode()
    return b"<xml>" + outer + b"<Encrypt><![CDATA[" + wecom_sealed(plain, corp) + b"]]></Encrypt></xml>"


def wecom_xml(**fields: str) -> bytes:
    told = {"ToUserName": WECOM_CORP, "FromUserName": "AnLi", "CreateTime": "1795312500", "AgentID": "1", **fields}
    return f"<xml>{''.join(f'<{name}><![CDATA[{text}]]></{name}>' for name, text in told.items())}</xml>".encode()


def wecom_message(_: int) -> bytes:
    return wecom_body(wecom_xml(MsgType="text", Content=f"ack {BRAND} 正在处理", MsgId="7000000000000000001"))


EXAMPLES = {
    "pagerduty": Example(pagerduty, event, 86_400),
    "slack": Example(slack, slash, 300),
    "dingtalk": Example(dingtalk, robot, 300),
    "feishu": Example(feishu, feishu_message, 300),
    "wecom": Example(
        wecom,
        wecom_message,
        300,
        f"{WECOM_CORP}:{WECOM_TOKEN}:{WECOM_KEY}",
        lambda body: body.replace(b"<Encrypt><![CDATA[", b"<Encrypt><![CDATA[A"),
    ),
    "standard": Example(standard, order, 300),
}
