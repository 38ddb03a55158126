"""Activity Streams 2 (ActivityPub) and 1: published objects are posts, other activities interactions.

https://www.w3.org/TR/activitystreams-core/, https://activitystrea.ms/specs/json/1.0/. Objects are known by their id,
else their link. Undo takes back the interaction with the id of its object.
"""

from collections.abc import Iterable
from typing import Any

from pipeline.channels._base import Adapted, Adapter, Receipt, Unusable, beside, named, named_or_hashed, page
from pipeline.channels._fields import Fields
from pipeline.channels.activitystreams.post import PREFIX, author, post
from pipeline.channels.activitystreams.validity import check
from pipeline.channels.activitystreams.values import first, identity, items, kinds, native, objects
from schemas.interaction import Interaction, Tombstone
from schemas.vocabulary import InteractionType, TimeBasis

_PUBLISHING = frozenset({"create", "post", "update"})
_ACTS: dict[str, InteractionType] = {
    "like": "like", "favorite": "like", "dislike": "dislike", "emojireact": "reaction", "react": "reaction",
    "announce": "repost", "share": "repost", "follow": "follow", "block": "block", "ignore": "mute", "flag": "report",
    "join": "join", "view": "view", "read": "view", "listen": "view", "watch": "view", "play": "view", "save": "save",
    "add": "save", "invite": "message", "offer": "share", "bookmark": "bookmark",
}  # fmt: skip
_ACCOUNTS = frozenset({"person", "organization", "group", "application", "service"})
_BARREN = _ACCOUNTS | {
    "place", "profile", "relationship", "link", "mention", "hashtag", "activity", "propertyvalue", "emoji",
}  # fmt: skip
_ITEMS = ("items", "orderedItems")
_COLLECTIONS = frozenset({"collection", "orderedcollection", "collectionpage", "orderedcollectionpage"})


def adapt(told: Fields, receipt: Receipt) -> Iterable[Adapted]:
    """The records of an activity, an object or a collection."""
    if "verb" not in told and "objectType" not in told:
        check(told)
    types = kinds(told)
    if _COLLECTIONS.intersection(types) or ("items" in told and not types):
        return _collection(told, receipt)
    if "tombstone" in types:
        return [_tombstone(told, told, receipt)]
    if types and _is_activity(types[0], told):
        return _activity(types[0], told, receipt)
    if _BARREN.intersection(types):
        raise Unusable("irrelevant", f"type {types[0][:40]!r} is nothing that somebody published or did")
    if not types and "content" not in told and "name" not in told and "displayName" not in told:
        raise Unusable("missing_field", "type is missing, and so are content and name")
    replies = _replies(told, receipt)
    return [post(told, told, receipt), *replies]


def _is_activity(kind: str, told: Fields) -> bool:
    """Whether somebody did something; a reaction or report may have words of its own, as a post has."""
    if "verb" in told or (kind in _ACTS and "object" in told):
        return True
    return (told.get("actor") is not None or "object" in told) and "content" not in told


def _collection(told: Fields, receipt: Receipt) -> list[Adapted]:
    """The records of what is in a collection or its first page; links to what is not stay."""
    holders = [holder for holder in (told, *objects(told, "first")) if objects(holder, *_ITEMS)]
    if not holders:
        raise Unusable("irrelevant", "items holds no objects, only links or nothing")
    found = [one for holder in holders for one in page(_taken(holder), lambda item: adapt(item, receipt))]
    return beside(found, told.rest(), "collection")


def _replies(told: Fields, receipt: Receipt) -> list[Adapted]:
    """Replies that came with a post, if they are more than links."""
    replies = told.inside("replies")
    if not any("content" in one or "contentMap" in one for one in objects(replies, *_ITEMS)):
        return []
    return page(_taken(replies), lambda reply: adapt(reply, receipt))


def _taken(holder: Fields) -> list[Any]:
    """The objects of a collection, which go; if there are links among them, these go on standing there."""
    found = [one for one in items(holder, *_ITEMS) if type(one) is dict]
    for name in _ITEMS:
        told = holder.get(name)
        if type(told) is dict or (type(told) is list and all(type(one) is dict for one in told)):
            holder.take(name)
    return found


def _activity(verb: str, told: Fields, receipt: Receipt) -> Iterable[Adapted]:
    if verb == "delete":
        return [_tombstone(_inner(told), told, receipt)]
    if verb in _PUBLISHING:
        return _published(verb, told, receipt)
    if verb in ("undo", "unlike", "unfollow", "unfavorite"):
        return [_undone(told, receipt)]
    return [_interaction(verb, told, receipt)]


def _inner(told: Fields) -> Fields:
    """The object of an activity; a link is an object with an id."""
    value: Any = next(iter(items(told, "object")), None)
    return Fields(value if type(value) is dict else {"id": value} if value else {})


def _published(verb: str, told: Fields, receipt: Receipt) -> list[Adapted]:
    inner = _inner(told)
    types = kinds(inner)
    if "bookmark" in types:
        return [_interaction("bookmark", told, receipt)]
    if _BARREN.intersection(types):
        raise Unusable("irrelevant", f"object.type {types[0][:40]!r} is no post")
    if type(told.get("object")) is not dict and not inner.get("content"):
        inner = Fields({"id": inner.get("id"), "summary": told.get("summary"), "name": told.get("name")})
    replies, actor = _replies(inner, receipt), author(told, receipt, "actor")
    return [post(inner, told, receipt, op="update" if verb == "update" else "create", actor=actor), *replies]


def _moment(told: Fields, receipt: Receipt) -> tuple[int, TimeBasis]:
    at = told.time("published") or told.time("updated") or told.time("deleted")
    return (at, "source") if at is not None else (receipt.received_at, "collected")


def _uid(told: Fields) -> str:
    return named_or_hashed(PREFIX, identity(told.get("id")) or first(told, "url"), told)


def _interaction(verb: str, told: Fields, receipt: Receipt) -> Interaction:
    inner = _inner(told)
    target = identity(inner.get("id")) or first(inner, "url", "targetUrl", "href")
    on_account = verb in ("follow", "block") or bool(_ACCOUNTS.intersection(kinds(inner)))
    event_time, basis = _moment(told, receipt)
    account = native(target) if on_account else None
    return Interaction(
        interaction_uid=_uid(told), type=_ACTS.get(verb, "other"), reaction=verb[:1_024], platform="other",
        channel="microblog", actor=author(told, receipt, "actor", "author"),
        target_uid=named(PREFIX, target) if target and not on_account else None,
        target_author_key=receipt.author_key("other", account) if account else None,
        target_kind="account" if on_account else "post", event_time=event_time, event_time_basis=basis,
        collected_at=receipt.received_at, extra=told.rest(),
    )  # fmt: skip


def _undone(told: Fields, receipt: Receipt) -> Interaction:
    """The interaction that is taken back, by the id that it had."""
    inner = _inner(told)
    verb = next(iter(kinds(inner)), "undo")
    if "object" not in inner:
        inner = Fields({"id": inner.get("id") or identity(told.get("object"))})
    undone = _interaction(verb, inner, receipt)
    event_time, basis = _moment(told, receipt)
    actor = author(told, receipt, "actor", "author") or undone.actor
    return Interaction(
        op="delete", interaction_uid=undone.interaction_uid, type=undone.type, reaction=undone.reaction, actor=actor,
        target_uid=undone.target_uid, target_author_key=undone.target_author_key, target_kind=undone.target_kind,
        platform="other", channel="microblog", event_time=event_time, event_time_basis=basis,
        collected_at=receipt.received_at, extra=told.rest(),
    )  # fmt: skip


def _tombstone(gone: Fields, told: Fields, receipt: Receipt) -> Tombstone:
    """A post, or an account that deletes itself."""
    native_id = identity(gone.get("id")) or first(gone, "url")
    if not native_id:
        raise Unusable("missing_field", "id of the deleted object is missing")
    at, _ = _moment(told, receipt)
    himself = native_id == first(told, "actor") or bool(_ACCOUNTS.intersection(kinds(gone)))
    subject = f"author:{receipt.author_key('other', native_id)}" if himself else f"post:{named(PREFIX, native_id)}"
    return Tombstone(
        subject=subject, op="delete_author" if himself else "delete_post", effective_at=gone.time("deleted") or at,
        reason="platform", collected_at=receipt.received_at, extra=told.rest(),
    )  # fmt: skip


def is_document(values: list[Any]) -> bool:
    """Whether a list pretends to be one document of Activity Streams 2, which is an object."""
    return any(type(one) is dict and ("@context" in one or "type" in one) for one in values)


def of_list(_: list[Any], receipt: Receipt) -> list[Adapted]:
    """Nothing: a document of Activity Streams 2 is no list, while one of Activity Streams 1 is read item by item."""
    del receipt
    raise Unusable("not_an_object", "an array at the top: a document of Activity Streams 2 is an object")


ADAPTER = Adapter(of_object=adapt, of_list=of_list, is_one=is_document)
