"""Mastodon: statuses, notifications, conversations, edit histories, and events of its streams (SSE, websocket).

https://docs.joinmastodon.org/entities/Status/. Posts and accounts are named by the ids of the instance that was asked,
because replies and deletes name nothing else.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from pipeline.channels._base import Adapted, Adapter, Receipt, Unusable, beside, named_or_hashed, page, required
from pipeline.channels._charsets import text_of
from pipeline.channels._fields import Fields
from pipeline.channels.mastodon.status import account, status
from schemas.codec import Malformed
from schemas.interaction import Interaction, Tombstone
from schemas.vocabulary import InteractionType

_ACTS: dict[str | None, InteractionType] = {
    "favourite": "like", "reblog": "repost", "follow": "follow", "follow_request": "follow", "mention": "mention",
    "quote": "quote", "admin.report": "report", "admin.sign_up": "join", "pleroma:emoji_reaction": "reaction",
}  # fmt: skip
_OWN = frozenset({"favourite", "reblog", "pleroma:emoji_reaction"})  # the status is the one acted upon, not a new one
_EDITED = frozenset({"update", "quoted_update"})
_PAGES = ("statuses", "ancestors", "descendants")


def adapt(payload: Fields, receipt: Receipt) -> Iterable[Adapted]:
    """A status, a notification, a conversation, search results, what is around a status, or a streaming event."""
    if "event" in payload and "content" not in payload:
        return _event(payload, "data" if "data" in payload else "payload", receipt)
    if listed := [name for name in _PAGES if type(payload.get(name)) is list]:
        found = [one for name in listed for one in page(payload.take(name), lambda one: [status(one, receipt)])]
        return beside(found, payload.rest())
    if "last_status" in payload:
        return [_enclosed(payload, "last_status", "conversation", receipt)]
    if "type" in payload and "account" in payload and "content" not in payload:
        return [_notification(payload, receipt)]
    return [status(payload, receipt)]


def of_text(text: str, receipt: Receipt) -> list[Adapted]:
    """The events of an SSE stream; those that are no posts are passed over unless there are no others."""
    document = text_of(text)
    events = [{"event": name, "data": data} for name, data in _sse(document)]
    if not events and not document.startswith(":"):
        raise Unusable("not_an_object", "neither JSON nor a stream of server-sent events")
    found = page(events, lambda one: _event(one, "data", receipt))
    told = [one for one in found if not _is_irrelevant(one)]
    if not told:
        raise Unusable("irrelevant", f"{len(events)} events, none about a post")
    return told


def _is_irrelevant(one: Adapted) -> bool:
    return isinstance(one, Malformed) and one.reason == "irrelevant"


def _sse(text: str) -> Iterator[tuple[str, str]]:
    """Name and data of each event; a line that begins with a colon is a comment."""
    for block in text.replace("\r\n", "\n").split("\n\n"):
        lines = [line.partition(":") for line in block.split("\n") if not line.startswith(":")]
        name = next((value.strip() for field, _, value in lines if field == "event"), "")
        data = "\n".join(value.removeprefix(" ") for field, _, value in lines if field == "data")
        if name or data:
            yield name, data


def _event(event: Fields, field: str, receipt: Receipt) -> list[Adapted]:
    name = required(event.look("event"), event, "event")
    inner = event.get(field)
    if name == "delete":
        native_id = required(event.ref(field), event, field)
        return [Tombstone(
            subject=f"post:mastodon:{native_id}", op="delete_post", effective_at=receipt.received_at, reason="platform",
            platform="mastodon", collected_at=receipt.received_at, extra=event.rest(),
        )]  # fmt: skip
    if name not in ("update", "status.update", "notification", "conversation"):
        raise Unusable("irrelevant", f"event {name[:40]!r} is about no post")
    if type(inner) is str:
        inner = _json(inner, field)
    if type(inner) is not dict:
        raise Unusable("wrong_type", f"{field} of the event {name!r} is no object")
    event.take(field)
    if name in ("update", "status.update"):
        found: Iterable[Adapted] = [
            status(Fields(inner), receipt, op="update" if name == "status.update" else "create")
        ]
    else:
        found = adapt(Fields(inner), receipt)
    return beside(found, event.rest(), "event")


def _json(text: str, field: str) -> Any:  # noqa: ANN401  # JSON
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Unusable("invalid_json", f"{field}: {error}") from error


def _enclosed(holder: Fields, name: str, about: str, receipt: Receipt, *, edited: bool = False) -> Adapted:
    """The status inside of something, which is told in ``extra`` under the name ``about``."""
    if type(holder.get(name)) is not dict:
        raise Unusable("missing_field", f"{name} is missing")
    post = status(Fields(holder.take(name)), receipt, op="update" if edited else "create")
    post.extra[about] = holder.rest()
    return post


def _notification(told: Fields, receipt: Receipt) -> Adapted:
    """What somebody did to the account that listens, or the post in which they did it."""
    kind = told.look("type")
    has_status = type(told.get("status")) is dict
    if has_status and kind not in _OWN:
        return _enclosed(told, "status", "notification", receipt, edited=kind in _EDITED)
    if kind not in _ACTS:
        raise Unusable("irrelevant", f"type {str(kind)[:40]!r} is no act of anybody")
    native_id = told.ref("id")
    at = told.time("created_at")
    target = told.inside("status")
    target_id, target_author = target.ref("id"), target.inside("account").ref("id")
    return Interaction(
        interaction_uid=named_or_hashed("mastodon:notification", native_id, told), type=_ACTS[kind],
        platform="mastodon", channel="microblog", actor=account(told.inside("account"), receipt),
        target_uid=f"mastodon:{target_id}" if target_id else None,
        target_author_key=receipt.author_key("mastodon", target_author) if target_author else None,
        target_kind="post" if target_id else "account", event_time=at or receipt.received_at,
        event_time_basis="source" if at else "collected", collected_at=receipt.received_at, extra=told.rest(),
    )  # fmt: skip


def is_history(items: list[Any]) -> bool:
    """Whether a list is the history of one status, whose revisions have no id."""
    return bool(items) and all(type(one) is dict and "content" in one and "id" not in one for one in items)


def of_history(items: list[Any], receipt: Receipt) -> list[Adapted]:
    """The revisions of one status, known by its author and the time of the first."""
    first = Fields(items[0])
    author = required(first.inside("account").ref("id"), first.inside("account"), "account.id")
    native_id = f"{author}@{required(first.ref('created_at'), first, 'created_at')}"
    made = first.time("created_at")
    return [
        status(Fields(one), receipt, op="update" if number else "create", native_id=native_id, made=made)
        for number, one in enumerate(items)
    ]


ADAPTER = Adapter(of_object=adapt, of_text=of_text, of_list=of_history, is_one=is_history)
