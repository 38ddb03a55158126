"""Weibo: open API v2, m.weibo.cn and weibo.com, rows of spiders, and feeds of vendors, whose fields have other names.

https://open.weibo.com/wiki. Times without a zone are of China. A comment hangs on the id of its status.
"""

from collections.abc import Iterable

from pipeline.channels._base import Adapter, Receipt, Unusable, Verdict, named_or_hashed
from pipeline.channels._fields import Fields
from pipeline.channels._pages import beside, judged
from pipeline.channels.weibo.account import author
from pipeline.channels.weibo.status import TEXT, status
from schemas.interaction import Interaction

_PAGES = ("statuses", "comments", "reposts", "cards", "list", "card_group", "hot_data", "data", "favorites")
_INSIDE = ("mblog", "status", "data")
_FAILED = ("error", "error_code", "msg", "errmsg")
_NO_POST = "neither text nor statuses, comments, reposts, mblog or data: no post"
_FOLLOW = (("fan_id", "follower_info"), ("fan_info", "follower_id"))  # who follows, who is followed


def adapt(payload: Fields, receipt: Receipt) -> Iterable[Verdict]:
    """The posts of a status, a comment or a page of them; a follow of a list of fans."""
    if (follow := _follow(payload, receipt)) is not None:
        return [follow]
    if payload.called(TEXT) or "deleted" in payload:
        return [*_replies(payload, receipt), status(payload, payload, receipt)]
    page = next((name for name in _PAGES if type(payload.get(name)) is list), None)
    if page:
        found = judged(payload.each(page), lambda one: adapt(one, receipt))
        if not found:
            raise Unusable("empty", f"{page} holds no objects")
        payload.take(page)
        return beside(found, payload)
    inner = next((name for name in _INSIDE if type(payload.get(name)) is dict), None)
    if inner is None:
        failed = next((name for name in _FAILED if payload.get(name) is not None), None)
        said = f"{failed} {str(payload.get(failed))[:80]!r}: no post" if failed else _NO_POST
        raise Unusable("irrelevant", said)
    found = list(adapt(payload.inside(inner), receipt))
    payload.take(inner)
    return beside(found, payload)


def _replies(comment: Fields, receipt: Receipt) -> list[Verdict]:
    """The answers that m.weibo.cn lists inside of a comment; elsewhere ``comments`` is a number."""
    if type(comment.get("comments")) is not list:
        return []
    found = judged(comment.each("comments"), lambda one: adapt(one, receipt))
    comment.take("comments")
    return found


def _follow(payload: Fields, receipt: Receipt) -> Interaction | None:
    """A row of a list of fans or of followed accounts; it does not say since when."""
    for fan, followed in _FOLLOW:
        if fan in payload and followed in payload:
            actor, target = author(payload, fan, receipt), author(payload.copy(), followed, receipt)
            if actor is None or target is None:
                raise Unusable("missing_field", f"{fan} or {followed} names no account")
            at = payload.time("crawl_time")
            return Interaction(
                interaction_uid=named_or_hashed("weibo:follow", payload.ref("_id"), payload), type="follow",
                actor=actor, target_author_key=target.author_key, target_kind="account", platform="weibo",
                channel="microblog",
                event_time=at or receipt.received_at, event_time_basis="collected", collected_at=receipt.received_at,
                extra=payload.rest(),
            )  # fmt: skip
    return None


ADAPTER = Adapter(of_object=adapt)
