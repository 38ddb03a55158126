"""What the targets of notifiers are like: how they accept, how they refuse, and which markup they obey."""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

Judged = tuple[int, str, str, float | None]  # status, body, outcome, seconds to wait

LIMIT = 60.0


class Target(NamedTuple):
    """``parsed`` finds the strings of a request in which ``live`` markup would be obeyed."""

    accepted: tuple[int, str]  # status and body
    failures: tuple[Judged, ...] = ()  # that its status alone does not tell
    size: Callable[[bytes], int] = len  # of a request, as the target counts it
    largest: int = 512 * 1024
    parsed: Callable[[bytes], list[str]] = lambda _: []
    live: tuple[str, ...] = ()


def strings(node: object, wanted: Callable[[dict[str, Any]], bool], key: str) -> Iterator[str]:
    """``key`` of every object that is ``wanted``, wherever it is."""
    if isinstance(node, dict):
        if key in node and wanted(node):
            yield node[key]
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from strings(inner, wanted, key)


def lark_markdown(body: bytes) -> list[str]:
    return list(strings(json.loads(body), lambda node: node.get("tag") == "lark_md", "content"))


def slack_markup(body: bytes) -> list[str]:
    message = json.loads(body)
    return [message["text"], *strings(message["blocks"], lambda node: node.get("type") == "mrkdwn", "text")]


def largest_slack_text(body: bytes) -> int:
    """Characters of the longest text of a block, those beyond the Basic Multilingual Plane as two."""
    texts = strings(json.loads(body)["blocks"], lambda node: "text" in node and isinstance(node["text"], str), "text")
    return max(len(text.encode("utf-16-le")) // 2 for text in texts)


def said(**fields: object) -> str:
    return json.dumps(fields)


LIVE_MARKDOWN = ("<@", "@all", "[click]", "![pixel]", "<font", "**bold**", "`code`")
LIVE_SLACK = ("<!", "<@", "<https://evil.invalid")

TARGETS = {
    "webhook": Target((204, "")),
    "pagerduty": Target((202, said(status="success", message="Event processed", dedup_key="5d1f0c3a"))),
    "alertmanager": Target((200, "")),
    "feishu": Target(
        (200, said(StatusCode=0, StatusMessage="success", code=0, data={}, msg="success")),
        (
            (200, said(code=19021, msg="sign match fail or timestamp is not within one hour"), "refused", None),
            (200, said(code=19024, msg="Key Words Not Found"), "refused", None),
            (400, said(code=11232, msg="frequency limited"), "retry", LIMIT),
            (200, said(code=99, msg="nobody knows"), "retry", None),
            (400, said(code=99, msg="nobody knows"), "refused", None),
            (503, said(code=0, msg="success"), "retry", None),
        ),
        largest=20 * 1024,
        parsed=lark_markdown,
        live=("<at", "[click]"),
    ),
    "feishu_bot": Target(
        (200, said(code=0, msg="success", tenant_access_token="t-1", expire=7200, data={"message_id": "om_1"})),
        (
            (200, said(code=10014, msg="app secret invalid"), "refused", None),
            (400, said(code=230002, msg="Bot/User can NOT be out of the chat."), "refused", None),
            (400, said(code=99991663, msg="Invalid access token"), "refused", None),
            (400, said(code=99991400, msg="request trigger frequency limit"), "retry", 1.0),
            (200, said(code=99, msg="nobody knows"), "retry", None),
            (200, said(code=0, msg="success"), "retry", None),
            (200, said(code=0, msg="success", tenant_access_token="t\n1", expire=7200), "retry", None),
            (200, said(code=0, msg="success", tenant_access_token="t-1", expire="soon"), "retry", None),
        ),
        largest=30_000,
        parsed=lambda body: lark_markdown(json.loads(body)["content"].encode()),
        live=("<at", "[click]"),
    ),
    "dingtalk": Target(
        (200, said(errcode=0, errmsg="ok")),
        (
            (200, said(errcode=310000, errmsg="sign not match"), "refused", None),
            (200, said(errcode=430101, errmsg="unsafe link"), "refused", None),
            (200, said(errcode=130101, errmsg="send too fast"), "retry", 600.0),
            (200, said(errcode=-1, errmsg="system busy"), "retry", None),
        ),
        largest=20_000,
        parsed=lambda body: [json.loads(body)["markdown"]["text"]],
        live=LIVE_MARKDOWN,
    ),
    "slack": Target(
        (200, "ok"),
        ((404, "no_service", "refused", None), (200, "invalid_token", "retry", None)),
        size=largest_slack_text,
        largest=3_000,
        parsed=slack_markup,
        live=LIVE_SLACK,
    ),
    "slack_bot": Target(
        (200, said(ok=True, channel="C0123456789", ts="1795312500.000100")),
        (
            (200, said(ok=False, error="channel_not_found"), "refused", None),
            (200, said(ok=False, error="ratelimited"), "retry", None),
            (200, said(ok=False, error="nobody_knows"), "retry", None),
            (403, said(ok=False, error="nobody_knows"), "refused", None),
            (500, said(ok=True, ts="1.0"), "retry", None),
            (200, said(ok=True), "retry", None),
        ),
        largest=14_000,
        parsed=slack_markup,
        live=LIVE_SLACK,
    ),
    "teams": Target(
        (202, ""),
        (
            (200, "Webhook message delivery failed with error: HTTP error 429", "retry", None),
            (401, said(error={"code": "DirectApiAuthorizationRequired", "message": "no"}), "refused", None),
        ),
        largest=28 * 1024,
        parsed=lambda body: list(strings(json.loads(body), lambda node: node.get("type") == "TextBlock", "text")),
    ),
    "wecom": Target(
        (200, said(errcode=0, errmsg="ok")),
        (
            (200, said(errcode=93000, errmsg="invalid webhook url"), "refused", None),
            (200, said(errcode=45009, errmsg="api freq out of limit"), "retry", LIMIT),
            (200, said(errcode=-1, errmsg="system busy"), "retry", None),
        ),
        size=lambda body: len(json.loads(body)["markdown"]["content"].encode()),
        largest=4_096,
        parsed=lambda body: [json.loads(body)["markdown"]["content"]],
        live=LIVE_MARKDOWN,
    ),
    "wecom_app": Target(
        (200, said(errcode=0, errmsg="ok", access_token="t-1", expires_in=7200, msgid="m1")),
        (
            (200, said(errcode=40001, errmsg="invalid credential"), "refused", None),
            (200, said(errcode=60020, errmsg="not allow to access from your ip"), "refused", None),
            (200, said(errcode=45009, errmsg="api freq out of limit"), "retry", LIMIT),
            (200, said(errcode=-1, errmsg="system busy"), "retry", None),
            (200, said(errcode=0, errmsg="ok"), "retry", None),
            (200, said(errcode=0, errmsg="ok", access_token="t\n1", expires_in=7200), "retry", None),
        ),
        size=lambda body: len(json.loads(body)["markdown"]["content"].encode()),
        largest=2_048,
        parsed=lambda body: [json.loads(body)["markdown"]["content"]],
        live=LIVE_MARKDOWN,
    ),
}
