"""Pictures, sounds and videos of an object of Activity Streams, and the post that it quotes."""

import re
from typing import Any

from pipeline.channels._fields import Fields
from pipeline.channels.activitystreams.values import first, identity, items, kinds, link, objects, short
from schemas.post_parts import Media
from schemas.vocabulary import MediaKind

_KINDS: dict[str, MediaKind] = {
    "image": "image", "photo": "image", "video": "video", "audio": "audio", "document": "file", "file": "file",
}  # fmt: skip
_POSTS = frozenset({"note", "article", "comment"})
_QUOTES = ("quoteUrl", "quoteUri", "quote", "_misskey_quote", "quotedStatusId")
_DURATION = re.compile(r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,6})M)?(?:(\d{1,9})(?:\.\d+)?S)?|(\d{1,9})S)?")
_MOST = 32


def media(told: Fields) -> tuple[Media, ...]:
    """What is attached, each link once."""
    found: dict[str, Media] = {}
    own = next((kind for kind in kinds(told) if kind in _KINDS), None)
    holders: list[tuple[Any, str | None]] = [(told, own)] if own else []
    holders += [(_object(one), "image") for one in items(told, "image")]
    holders += [(_object(one), None) for one in items(told, "stream")]
    for one in objects(told, "attachment", "attachments"):
        if not _POSTS.intersection(kinds(one)):
            holders += [(_object(stream), (kinds(one) or [""])[0]) for stream in items(one, "stream", "image")] or [
                (one, None)
            ]
    for holder, kind in holders:
        target = link(holder, "url", "href", "id")
        if target and target not in found:
            found[target] = _media(holder, kind or next(iter(kinds(holder)), ""), target)
    return tuple(list(found.values())[:_MOST])


def _object(value: Any) -> Fields:  # noqa: ANN401  # JSON
    return Fields(value if type(value) is dict else {"url": value})


def _media(holder: Fields, kind: str, target: str) -> Media:
    one = holder.copy()
    mime = one.text("mediaType") or one.text("mimeType")
    return Media(
        type=_KINDS.get((mime or "").partition("/")[0]) or _KINDS.get(kind, "file"), url=target, mime=mime,
        alt=short(one, "name", "displayName", "content"), width=one.count("width"), height=one.count("height"),
        duration_ms=_duration(one.get("duration")), bytes=one.count("size"),
    )  # fmt: skip


def _duration(value: object) -> int | None:
    """ISO 8601, or seconds as a number; ms."""
    if type(value) is int and 0 <= value < 10**9:
        return value * 1_000
    found = _DURATION.fullmatch(value) if type(value) is str else None
    if not found:
        return None
    days, hours, minutes, seconds, bare = (int(part or 0) for part in found.groups())
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds + bare) * 1_000


def quoted(told: Fields) -> str | None:
    """The id of the post that is quoted: a property of its own, or an attached post."""
    if found := first(told, *_QUOTES):
        return found
    attached = (one for one in objects(told, "attachment", "attachments") if _POSTS.intersection(kinds(one)))
    return next((found for one in attached if (found := identity(one.get("id")))), None)
