"""Compliance events of X, in the words of API v2 and of API v1.1: what must be forgotten or may be shown again.

https://docs.x.com/x-api/compliance/streams/introduction
"""

from collections.abc import Iterator
from typing import NamedTuple

from pipeline.channels._base import Receipt, Unusable, required
from pipeline.channels._fields import Fields
from schemas.interaction import Tombstone
from schemas.vocabulary import TombstoneOp

_UNDO_WINDOW_MS = 30 * 86_400_000  # a deleted account may come back for 30 days


class _Event(NamedTuple):
    about: str  # post or author
    op: TombstoneOp


_EVENTS = {
    "delete": _Event("post", "delete_post"), "drop": _Event("post", "delete_post"), "undrop": _Event("post", "undo"),
    "withheld": _Event("post", "withhold"), "status_withheld": _Event("post", "withhold"),
    "scrub_geo": _Event("author", "scrub_geo"), "user_delete": _Event("author", "delete_author"),
    "user_undelete": _Event("author", "undo"), "user_withheld": _Event("author", "withhold"),
    "user_protect": _Event("author", "protect"), "user_unprotect": _Event("author", "undo"),
    "user_suspend": _Event("author", "suspend"), "user_unsuspend": _Event("author", "undo"),
}  # fmt: skip
_OTHERS = ("tweet_edit", "user_profile_modification", "limit", "disconnect", "warning", "info", "warn", "error")


def events(message: Fields, receipt: Receipt) -> Iterator[Tombstone]:
    """The tombstones of a message, none if it is no compliance event.

    Raises:
        Unusable: an event that withdraws nothing, or names neither post nor account.
    """
    for name, event in _EVENTS.items():
        if type(message.get(name)) is dict:
            yield _tombstone(name, event, Fields(message.take(name)), receipt)
    for name in _OTHERS:
        if type(message.get(name)) is dict:
            raise Unusable("irrelevant", f"{name} withdraws nothing")


def _tombstone(name: str, event: _Event, told: Fields, receipt: Receipt) -> Tombstone:
    at = told.time("event_at") or told.time("timestamp_ms") or receipt.received_at
    return Tombstone(
        subject=_subject(event.about, told, receipt), op=event.op, effective_at=at,
        until=at + _UNDO_WINDOW_MS if name == "user_delete" else None,
        countries=told.words("withheld_in_countries"), reason="platform", platform="x",
        collected_at=receipt.received_at, extra={name: told.rest()},
    )  # fmt: skip


def _subject(about: str, told: Fields, receipt: Receipt) -> str:
    if about == "post":
        holder = next((told.inside(name) for name in ("tweet", "status") if name in told), told)
        return f"post:x:{required(holder.ref('id_str') or holder.ref('id'), holder, 'id')}"
    holder = told.inside("user") if "user" in told else told
    account = next((found for name in ("user_id_str", "user_id", "id_str", "id") if (found := holder.ref(name))), None)
    return f"author:{receipt.author_key('x', required(account, holder, 'user id'))}"


def job_result(line: Fields, receipt: Receipt) -> list[Tombstone]:
    """A line of the result of a batch compliance job.

    Raises:
        Unusable: the action is not to delete, or there is no id.
    """
    if line.look("action") != "delete":
        raise Unusable("irrelevant", f"action {str(line.get('action'))[:40]!r} withdraws nothing")
    native_id = required(line.ref("id"), line, "id")
    at = line.time("redacted_at") or receipt.received_at
    return [Tombstone(
        subject=f"post:x:{native_id}", op="delete_post", effective_at=at, reason="platform", platform="x",
        collected_at=receipt.received_at, extra=line.rest(),
    )]  # fmt: skip
