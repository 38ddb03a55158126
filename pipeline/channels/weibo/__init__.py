"""Weibo: open API v2, m.weibo.cn and weibo.com, rows of spiders, and feeds of vendors, whose fields have other names.

https://open.weibo.com/wiki. Times without a zone are of China. A comment hangs on the id of its status.
"""

from collections.abc import Iterable, Iterator

from pipeline.channels._base import Adapted, Adapter, Receipt, Unusable, named_or_hashed
from pipeline.channels._fields import Fields
from pipeline.channels.weibo.account import author
from pipeline.channels.weibo.status import TEXT, status
from schemas.interaction import Interaction

_PAGES = ("statuses", "comments", "reposts", "cards", "list", "card_group", "hot_data", "data", "favorites")
_INSIDE = ("mblog", "status", "data")
_FOLLOW = (("fan_id", "follower_info"), ("fan_info", "follower_id"))  # who follows, who is followed


def adapt(payload: Fields, receipt: Receipt) -> Iterable[Adapted]:
    """The posts of a status, a comment or a page of them; a follow of a list of fans."""
    if (follow := _follow(payload, receipt)) is not None:
        return [follow]
    if payload.called(TEXT) or "deleted" in payload:
        return [status(payload, payload, receipt)]
    page = next((name for name in _PAGES if type(payload.get(name)) is list), None)
    if page:
        return list(_page(payload, page, receipt))
    inner = next((name for name in _INSIDE if type(payload.get(name)) is dict), None)
    if inner is None:
        raise Unusable("irrelevant", "neither text nor statuses, comments, reposts, mblog or data: no post")
    found = list(adapt(payload.inside(inner), receipt))
    payload.take(inner)
    return _beside(found, payload)


def _page(payload: Fields, name: str, receipt: Receipt) -> Iterator[Adapted]:
    """The posts of a list; cards without a post (advertisements, headings) are passed over if there are others."""
    found: list[Adapted] = []
    refused: Unusable | None = None
    for one in payload.each(name):
        try:
            found += adapt(one, receipt)
        except Unusable as why:
            refused = refused or why
    if not found:
        raise refused or Unusable("empty", f"{name} holds no objects")
    payload.take(name)
    yield from _beside(found, payload)


def _beside(found: list[Adapted], payload: Fields) -> list[Adapted]:
    """What stood beside the posts is told in ``extra.response`` of the first."""
    if rest := payload.rest():
        found[0].extra.setdefault("response", {}).update(rest)
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
