"""Rows of no fixed format, from CSV, JSON or a vendor, whose fields a map names."""

from typing import Any

from pipeline.channels._base import Receipt, Unusable, hashed
from pipeline.channels._field_map import ROLES, FieldMap
from pipeline.channels._fields import BODY, Fields
from pipeline.channels._html import plain
from pipeline.channels._texts import body
from pipeline.channels._times import milliseconds, relative_to, zone_named
from schemas.author import Author
from schemas.post import SocialPost
from schemas.post_parts import Annotation, Geo, Metrics, Rating


def row_post(row: Fields, columns: FieldMap, receipt: Receipt) -> SocialPost:
    """The post of a row whose ``columns`` are all known.

    Raises:
        Unusable: it has no text, or a time that cannot be read.
    """
    named = _named(row, columns)
    uid = hashed(columns.platform, named.ref("id"), Fields({"row": row.rest(), "named": named.rest()}))
    parent, region = named.ref("parent"), named.text("region")
    event_time = _time(named, columns, receipt)
    parts = _text(named, columns)
    post = SocialPost(
        post_uid=uid, native_id=named.id("id"), platform=columns.platform, channel=columns.channel,
        kind="reply" if parent and columns.kind == "post" else columns.kind, url=named.url("url"),
        author=_author(named, columns, receipt), title=named.text("title"), lang=named.text("lang"),
        in_reply_to_uid=hashed(columns.platform, parent, row) if parent else None,
        brands=named.words("brand"), annotations=_keywords(named),
        geo=Geo(region=region, basis="ip") if region else None,
        metrics=_metrics(named, receipt), rating=_rating(named, columns),
        event_time=receipt.received_at if event_time is None else event_time,
        event_time_basis="collected" if event_time is None else "source", collected_at=receipt.received_at, **parts,
    )  # fmt: skip
    post.extra.update(row.rest(), **{getattr(columns, role): left for role, left in named.rest().items()})
    return post


def _named(row: Fields, columns: FieldMap) -> Fields:
    """The fields of a row by their role; they go from the row."""
    holders = {role: _holder(row, path) for role in ROLES if (path := getattr(columns, role))}
    found = {role: holder.get(name) for role, (holder, name) in holders.items() if name in holder}
    for holder, name in holders.values():
        holder.take(name)
    return Fields(found)


def _holder(row: Fields, path: str) -> tuple[Fields, str]:
    """The object that has the field of a path, and its name there."""
    while path not in row and "." in path:
        first, _, path = path.partition(".")
        row = row.inside(first)
    return row, path


def _text(named: Fields, columns: FieldMap) -> dict[str, Any]:
    raw = named.text("text", BODY)
    shown = raw or named.look("title")
    if not shown:
        absent = named.get("text") in (None, "")
        name = columns.text or "a field for the text"
        raise Unusable("missing_field" if absent else "wrong_type", f"{name} is {'missing' if absent else 'no text'}")
    found = plain(shown) if "<" in shown or "&" in shown else None
    text = body(found.text if found else shown.strip())
    known: dict[str, Any] = {"text": text, "text_truncated": bool(raw) and "text" in named}
    if raw and text != raw:
        known |= {"text_raw": raw, "text_format": "html" if found else "plain"}
    return known | {"links": found.links} if found else known


def _time(named: Fields, columns: FieldMap, receipt: Receipt) -> int | None:
    value = named.get("time")
    if value in (None, ""):
        return None
    moment = milliseconds(value, zone_named(columns.zone))
    if moment is None and type(value) is str:
        moment = relative_to(receipt.received_at, value)
    if moment is None:
        raise Unusable("wrong_type", f"{columns.time} is no time: {str(value)[:80]!r}")
    return moment


def _author(named: Fields, columns: FieldMap, receipt: Receipt) -> Author | None:
    native_id = named.id("author")
    if native_id is None:
        return None
    followers = named.count("followers")
    return receipt.author(
        columns.platform, native_id, display_name=named.text("name"), followers=followers,
        as_of=None if followers is None else receipt.received_at,
    )  # fmt: skip


def _keywords(named: Fields) -> tuple[Annotation, ...]:
    """What the vendor searched for, or says that the post is about."""
    return tuple(Annotation(scheme="keyword", id=word) for word in named.words("keywords"))


def _metrics(named: Fields, receipt: Receipt) -> Metrics | None:
    known = {name: named.count(name) for name in ("likes", "reposts", "replies", "views")}
    return Metrics(**known, as_of=receipt.received_at) if any(one is not None for one in known.values()) else None


def _rating(named: Fields, columns: FieldMap) -> Rating | None:
    value = named.number("rating")
    if value is None or not columns.rating_min <= value <= columns.rating_max:
        return None
    return Rating(value=value, min=columns.rating_min, max=columns.rating_max)
