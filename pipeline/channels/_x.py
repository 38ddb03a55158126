"""What the formats of X share: identifiers, times that identifiers tell, texts with three escapes, links, mentions."""

from collections.abc import Iterable
from typing import Any

from pipeline.channels._base import Receipt
from pipeline.channels._fields import BODY, MOST, Fields
from pipeline.channels._texts import body
from schemas.post_parts import Link, Media, Mention, Poll, PollOption
from schemas.record import EARLIEST_MS, LATEST_MS
from schemas.vocabulary import MediaKind, TimeBasis

MEDIA: dict[str | None, MediaKind] = {"photo": "image", "video": "video", "animated_gif": "gif"}
_FIRST_SNOWFLAKE = 29_700_859_247  # 2010-11-04; earlier ids were plain numbers
_SNOWFLAKE_EPOCH = 1_288_834_974_657


def uid(native_id: str | None) -> str | None:
    """The uid of a post on X."""
    return f"x:{native_id}" if native_id else None


def key(native_id: str | None, receipt: Receipt) -> str | None:
    """The pseudonym of an account on X."""
    return receipt.author_key("x", native_id) if native_id else None


def permalink(native_id: str, handle: str | None) -> str:
    """Where the post can be read; X finds it without the handle too."""
    return f"https://x.com/{handle or 'i'}/status/{native_id}"


def moment(native_id: str, told: int | None, received_at: int) -> tuple[int, TimeBasis]:
    """When a post was made: as told, else as its id says, else when it was received (ms UTC)."""
    if told is not None:
        return told, "source"
    if native_id.isdecimal() and native_id.isascii() and _FIRST_SNOWFLAKE < int(native_id) < 1 << 63:
        made = (int(native_id) >> 22) + _SNOWFLAKE_EPOCH
        if EARLIEST_MS <= made <= LATEST_MS:
            return made, "estimated"
    return received_at, "collected"


def edits(native_id: str, history: object) -> dict[str, Any]:
    """What an edit says: X gives it a new id, and its ``history`` lists the ids of all versions, the oldest first."""
    versions = [str(one) for one in history if type(one) in (str, int)] if type(history) is list else []
    if native_id not in versions:
        return {}
    before = versions[: versions.index(native_id)]
    prior = [f"x:{one}" for one in before if one.isdecimal() and len(one) <= 20]  # noqa: PLR2004  # 64 bits
    return {"op": "update", "revision": len(prior), "prior_uids": tuple(prior[-MOST:])} if prior else {}


def text_fields(fields: Fields, name: str) -> dict[str, Any]:
    """``text``, ``text_raw`` and ``text_truncated`` from a field in which X escapes ``&``, ``<`` and ``>``."""
    raw = fields.text(name, BODY) or ""
    plain = raw
    if "&" in raw:
        plain = raw.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    text = body(plain)
    found: dict[str, Any] = {"text": text, "text_truncated": bool(raw) and name in fields}
    if text != raw:
        found |= {"text_raw": raw, "text_format": "html"}
    return found


def links(urls: Iterable[Fields]) -> tuple[Link, ...]:
    """Links of ``entities.urls``; X wraps each in t.co."""
    found = []
    for one in urls:
        url, expanded = one.url("url"), one.url("expanded_url")
        if url or expanded:
            found.append(Link(url=url or expanded or "", expanded_url=expanded, title=one.text("title")))
    return tuple(found[:MOST])


def mentions(accounts: Iterable[Fields], id_field: str, handle_field: str, receipt: Receipt) -> tuple[Mention, ...]:
    """Mentions of ``entities``; what they call id and handle differs by format."""
    found = []
    for one in accounts:
        account, handle, name = one.ref(id_field) or one.ref("id"), one.text(handle_field), one.text("name")
        if account or handle or name:
            found.append(Mention(author_key=key(account, receipt), handle=handle, name=name))
    return tuple(found[:MOST])


def tags(entities: Fields, name: str, text: str) -> tuple[str, ...]:
    """Hashtags or cashtags of ``entities``, without their sign."""
    return tuple([tag for one in entities.each(name) if (tag := one.text(text))][:MOST])


def position(point: object, first: str) -> tuple[float, float] | None:
    """Latitude and longitude of a pair, whose ``first`` is "lat" or "lon"; None if they are none on Earth."""
    if type(point) is not list or len(point) != 2 or any(type(one) not in (int, float) for one in point):  # noqa: PLR2004  # a pair
        return None
    lat, lon = point if first == "lat" else reversed(point)
    return (float(lat), float(lon)) if -90 <= lat <= 90 and -180 <= lon <= 180 else None  # noqa: PLR2004  # degrees


def old_entities(entities: Fields, extended: Fields, receipt: Receipt) -> dict[str, Any]:
    """Entities as API v1.1 and Gnip name them; ``extended`` has all media where the other has the first."""
    media = extended.each("media") or entities.each("media")
    polls = entities.each("polls")
    return {
        "hashtags": tags(entities, "hashtags", "text"), "cashtags": tags(entities, "symbols", "text"),
        "mentions": mentions(entities.each("user_mentions"), "id_str", "screen_name", receipt),
        "links": links(entities.each("urls")), "media": tuple([_media(one) for one in media][:32]),
        "poll": _poll(polls[0]) if polls else None,
    }  # fmt: skip


def _media(one: Fields) -> Media:
    largest = one.inside("sizes").inside("large")
    video = one.inside("video_info")
    best = max(video.each("variants"), key=bitrate, default=Fields({}))
    picture = one.url("media_url_https") or one.url("media_url")
    played = best.url("url")
    return Media(
        type=MEDIA.get(one.look("type"), "file"), url=played or picture, preview_url=picture if played else None,
        alt=one.text("ext_alt_text", 4_096), width=largest.count("w"), height=largest.count("h"),
        duration_ms=video.count("duration_millis"), mime=best.text("content_type"),
    )  # fmt: skip


def bitrate(variant: Fields, name: str = "bitrate") -> int:
    """How good a variant of a video is; -1 for a playlist, which tells no rate."""
    rate = variant.get(name)
    return rate if type(rate) is int else -1


def _poll(one: Fields) -> Poll | None:
    options = [PollOption(text=text) for option in one.each("options") if (text := option.text("text"))]
    return Poll(options=tuple(options[:64]), ends_at=one.time("end_datetime")) if options else None
