"""Weibo: open API v2, m.weibo.cn and weibo.com, rows of spiders, and feeds of vendors, whose fields have other names.

https://open.weibo.com/wiki. Times without a zone are of China. A comment hangs on the id of its status.
"""

from collections.abc import Iterable

from pipeline.channels._base import Adapted, Adapter, Receipt, Unusable, beside, named_or_hashed, page
from pipeline.channels._fields import Fields, simple
from pipeline.channels.weibo.account import author
from pipeline.channels.weibo.status import TEXT, status
from schemas.interaction import Interaction

_PAGES = ("statuses", "comments", "reposts", "cards", "list", "cardgroup", "hotdata", "data", "favorites")
_INSIDE = ("mblog", "status", "weibo", "post", "data")
_FAILED = ("error", "error_code", "msg", "errmsg")
_NO_POST = "neither text nor statuses, comments, reposts, mblog or data: no post"
_FOLLOW = (("fan_id", "follower_info"), ("fan_info", "follower_id"))  # who follows, who is followed


def adapt(payload: Fields, receipt: Receipt) -> Iterable[Adapted]:
    """The posts of a status, a comment or a page of them; a follow of a list of fans."""
    if (follow := _follow(payload, receipt)) is not None:
        return [follow]
    if (payload.called(TEXT) and not _is_answer(payload)) or "deleted" in payload:
        return [*_replies(payload, receipt), status(payload, payload, receipt)]
    if listed := _field_of(payload, _PAGES, list):
        found = page(payload.take(listed), lambda one: adapt(one, receipt))
        return beside(found, payload.rest())
    inner = _field_of(payload, _INSIDE, dict)
    if not inner:
        failed = next((name for name in _FAILED if payload.get(name) is not None), None)
        said = f"{failed} {str(payload.get(failed))[:80]!r}: no post" if failed else _NO_POST
        raise Unusable("irrelevant", said)
    found = list(adapt(payload.inside(inner), receipt))
    payload.take(inner)
    return beside(found, payload.rest())


def _is_answer(payload: Fields) -> bool:
    """Whether ``message`` is what an interface says of itself, beside the posts that it answers with."""
    return simple(payload.called(TEXT)) == "message" and type(payload.get("data")) in (dict, list)


def _replies(comment: Fields, receipt: Receipt) -> list[Adapted]:
    """The answers that m.weibo.cn lists inside of a comment; elsewhere ``comments`` is a number."""
    if type(comment.get("comments")) is not list:
        return []
    return page(comment.take("comments"), lambda one: adapt(one, receipt))


def _field_of(payload: Fields, names: tuple[str, ...], kind: type) -> str:
    """The first of the names, however it is spelt, that holds such a value; "" if none does."""
    spelt = (payload.called((name,)) for name in names)
    return next((name for name in spelt if type(payload.get(name)) is kind), "")


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
