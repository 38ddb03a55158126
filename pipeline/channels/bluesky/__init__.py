"""Bluesky: Jetstream events, and records or views as the API returns them.

https://github.com/bluesky-social/jetstream. A like, repost, follow or block is an interaction; the delete of one names
no target, so its uid alone takes it back.
"""

from collections.abc import Iterable
from typing import NamedTuple

from pipeline.channels._base import Adapted, Adapter, Receipt, Unusable, beside, page, required
from pipeline.channels._fields import Fields
from pipeline.channels.bluesky.places import Place, from_uri, uid_of
from pipeline.channels.bluesky.post import post
from schemas.interaction import Interaction, Tombstone
from schemas.vocabulary import InteractionType, TombstoneOp


class _Act(NamedTuple):
    type: InteractionType
    on_account: bool


_POST = "app.bsky.feed.post"
_ACTS = {
    "app.bsky.feed.like": _Act("like", False), "app.bsky.feed.repost": _Act("repost", False),
    "app.bsky.graph.follow": _Act("follow", True), "app.bsky.graph.block": _Act("block", True),
}  # fmt: skip
_LISTS = ("posts", "feed", "records", "notifications")
_WITHDRAWN: dict[str | None, TombstoneOp] = {
    "deleted": "delete_author", "takendown": "suspend", "suspended": "suspend", "deactivated": "suspend",
}  # fmt: skip


def adapt(payload: Fields, receipt: Receipt) -> Iterable[Adapted]:
    """A Jetstream event, a record with its uri, a post view, a page or thread of views, or a bare record."""
    if type(payload.get("thread")) is dict:
        return beside(_thread(payload.inside("thread"), receipt), payload.rest())
    kind = payload.look("kind")
    if kind == "commit":
        return [_commit(payload, receipt)]
    if kind == "account":
        return [_account(payload, receipt)]
    if kind is not None:
        raise Unusable("irrelevant", f"kind {kind[:40]!r} is neither a commit nor an account")
    if "commit" in payload or "did" in payload:
        raise Unusable("missing_field", "kind is missing: commit, identity or account")
    listed = next((name for name in _LISTS if type(payload.get(name)) is list), None)
    if listed:
        found = page(payload.take(listed), lambda one: [_stored(one, receipt)])
        return beside(found, payload.rest())
    return [_stored(payload, receipt)]


def _commit(event: Fields, receipt: Receipt) -> Adapted:
    commit = event.inside("commit")
    collection = required(commit.ref("collection"), commit, "collection")
    if collection != _POST and collection not in _ACTS:
        raise Unusable("irrelevant", f"collection {collection[:80]!r} holds no posts")
    did, rkey = required(event.ref("did"), event, "did"), required(commit.ref("rkey"), commit, "rkey")
    place = Place(did, collection, rkey, event.time("time_us"))
    if commit.get("operation") == "delete":
        return _delete(place, event, receipt)
    if type(commit.get("record")) is not dict:
        raise Unusable("missing_field", "record is missing")
    edited = commit.get("operation") == "update"
    event.take("did")
    return _record(place, commit.inside("record"), event, receipt, edited=edited)


def _thread(view: Fields, receipt: Receipt) -> list[Adapted]:
    """The posts of a thread as they are read: what is answered, the post, its answers; hidden and missing ones stay."""
    found: list[Adapted] = []
    if "parent" in view:
        found += _thread(view.inside("parent"), receipt)
    if type(view.get("post")) is dict:
        found += page(view.take("post"), lambda one: [_stored(one, receipt)])
    for reply in view.each("replies"):
        found += _thread(reply, receipt)
    return found


def _stored(view: Fields, receipt: Receipt) -> Adapted:
    """A post of a feed, a post view, ``{uri, value}`` of a repository, or a record by itself."""
    holder = view.inside("post") if "post" in view else view
    name = next((name for name in ("value", "record") if type(holder.get(name)) is dict), None)
    record = holder.inside(name) if name else holder
    kind = required(record.look("$type"), record, "$type")
    place = from_uri(holder.look("uri"), kind, holder.time("indexedAt"))
    return _record(place, record, view, receipt, edited=False)


def _record(place: Place, record: Fields, whole: Fields, receipt: Receipt, *, edited: bool) -> Adapted:
    """A record of a repository; what is left of the ``whole`` payload is ``extra``."""
    collection = place.collection if place.rkey else record.look("$type") or ""
    if collection == _POST:
        return post(place, record, whole, receipt, edited=edited)
    if collection in _ACTS and place.collection == collection:
        return _interaction(place, record, whole, receipt)
    raise Unusable("irrelevant", f"$type {collection[:80]!r} is no post")


def _interaction(place: Place, record: Fields, whole: Fields, receipt: Receipt) -> Interaction:
    act = _ACTS[place.collection]
    subject = record.look("subject") if act.on_account else record.inside("subject").look("uri")
    target = required(subject, record, "subject")
    on = Place(target, "", "", None) if act.on_account else from_uri(target, _POST, None)
    event_time, basis = place.moment(record.time("createdAt"), receipt.received_at)
    return Interaction(
        interaction_uid=place.uid(whole), type=act.type, platform="bluesky", channel="microblog",
        actor=receipt.author("bluesky", place.did) if place.did else None,
        target_uid=None if act.on_account else uid_of(target),
        target_author_key=receipt.author_key("bluesky", on.did) if on.did else None,
        target_kind="account" if act.on_account else "post", event_time=event_time, event_time_basis=basis,
        collected_at=receipt.received_at, revision=place.seen_at or 0, extra=whole.rest(),
    )  # fmt: skip


def _delete(place: Place, event: Fields, receipt: Receipt) -> Adapted:
    at = place.seen_at or receipt.received_at
    if place.collection == _POST:
        return Tombstone(
            subject=f"post:{place.uid(event)}", op="delete_post", effective_at=at, reason="platform",
            platform="bluesky", collected_at=receipt.received_at, extra=event.rest(),
        )  # fmt: skip
    act = _ACTS[place.collection]
    event.take("did")
    return Interaction(
        op="delete", interaction_uid=place.uid(event), type=act.type, platform="bluesky", channel="microblog",
        actor=receipt.author("bluesky", place.did), target_kind="account" if act.on_account else "post",
        event_time=at, event_time_basis="platform_receive" if place.seen_at else "collected",
        collected_at=receipt.received_at, revision=place.seen_at or 0, extra=event.rest(),
    )  # fmt: skip


def _account(event: Fields, receipt: Receipt) -> Tombstone:
    """An account that was withdrawn, by itself or by the platform, or that is back."""
    account = event.inside("account")
    did = required(event.ref("did") or account.ref("did"), event, "did")
    status = account.look("status")
    op: TombstoneOp | None = "undo" if account.get("active") is True else _WITHDRAWN.get(status)
    if op is None:
        raise Unusable("irrelevant", f"account.status {str(status)[:40]!r} withdraws nothing")
    return Tombstone(
        subject=f"author:{receipt.author_key('bluesky', did)}", op=op, reason="platform", platform="bluesky",
        effective_at=account.time("time") or event.time("time_us") or receipt.received_at,
        collected_at=receipt.received_at, extra=event.rest(),
    )  # fmt: skip


ADAPTER = Adapter(of_object=adapt)
