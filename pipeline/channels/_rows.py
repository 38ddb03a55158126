"""Rows of tables and lines of JSON from anywhere, read by a field map."""

from typing import Any

from pipeline.channels._base import Adapted, Receipt, Unusable, named, named_or_hashed, required
from pipeline.channels._field_map import USUAL, FieldMap
from pipeline.channels._fields import BODY, NAME, NATIVE_ID, Fields
from pipeline.channels._html import plain, probably_html
from pipeline.channels._texts import body
from pipeline.channels._times import relative_to
from schemas.author import Author
from schemas.post import SocialPost
from schemas.post_parts import Annotation, Geo, Metrics, Rating

_ACCOUNT_ID = ("id", "userid", "uid", "username", "screenname", "name")  # where the author is an object
_ACCOUNT_NAME = ("name", "displayname", "nickname", "screenname", "username")
_COUNTS = ("likes", "reposts", "replies", "views")


class _Row:
    """The fields of a row by their role."""

    def __init__(self, fields: Fields, columns: FieldMap) -> None:
        self._fields, self._columns = fields, columns

    def at(self, role: str) -> tuple[Fields, str]:
        """Where the role is: an object and a name, which is "" if the row has none such."""
        path = self._columns.fields.get(role)
        if path is None:
            return self._fields, self._fields.called(USUAL[role])
        holder, name = self._fields, path
        while name not in holder and "." in name:
            outer, _, name = name.partition(".")
            holder = holder.inside(outer)
        return holder, name

    def text(self, role: str) -> str | None:
        """A short text, without the blanks that tables have around."""
        holder, name = self.at(role)
        found = holder.ref(name) or holder.look(name)
        return found.strip()[:1_024] or None if found else None

    def count(self, role: str) -> int | None:
        """A count, also one in words."""
        holder, name = self.at(role)
        return holder.count(name)


def row(fields: Fields, receipt: Receipt) -> list[Adapted]:
    """The post of one row.

    Raises:
        Unusable: a field that the map names is absent, or there is no text.
    """
    columns = receipt.rows
    cells = _Row(fields, columns)
    for role, path in columns.fields.items():
        holder, name = cells.at(role)
        if name not in holder:
            raise Unusable("missing_field", f"{path} is missing, which the field map names for {role}")
    native_id = cells.text("id")
    uid = named_or_hashed(columns.platform, native_id, fields)
    text = _text(cells)
    at = _time(cells, receipt)
    parent, url = cells.text("parent"), cells.text("url")
    region, brand = cells.text("region"), cells.text("brand")
    return [SocialPost(
        post_uid=uid, native_id=native_id, url=url if url and url.startswith("http") else None,
        platform=columns.platform, channel=columns.channel, kind=columns.kind, author=_author(cells, receipt),
        title=cells.text("title"), lang=cells.text("lang"), brands=(brand,) if brand else (),
        in_reply_to_uid=named(columns.platform, parent) if parent else None, metrics=_metrics(cells, receipt),
        annotations=_keywords(cells), rating=_rating(cells, columns.most_stars),
        geo=Geo(region=region, basis="profile") if region else None,
        event_time=at or receipt.received_at, event_time_basis="source" if at else "collected",
        collected_at=receipt.received_at, **text, extra=fields.rest(),
    )]  # fmt: skip


def _time(cells: _Row, receipt: Receipt) -> int | None:
    """When the row says, None if it does not say; relative times of China count from when it was received.

    Raises:
        Unusable: what it says is no time.
    """
    holder, name = cells.at("time")
    said = holder.get(name)
    if said in (None, ""):
        return None
    at = holder.time(name, receipt.rows.zone)
    if at is None and type(said) is str:
        at = relative_to(receipt.received_at, said)
    if at is None:
        raise Unusable("wrong_type", f"{name} is no time: {str(said)[:80]!r}")
    return at


def _text(cells: _Row) -> dict[str, Any]:
    holder, name = cells.at("text")
    required(holder.look(name), holder, name or "text")
    raw = holder.text(name, BODY) or ""
    shown = plain(raw) if probably_html(raw) else None
    text = body(shown.text if shown else raw.strip())
    if not text:
        raise Unusable("missing_field", f"{name} is empty")
    return {
        "text": text, "text_raw": raw if raw != text else None, "text_format": "html" if shown else "plain",
        "text_truncated": name in holder, "links": shown.links if shown else (),
    }  # fmt: skip


def _author(cells: _Row, receipt: Receipt) -> Author | None:
    holder, field = cells.at("author")
    account = holder.inside(field)
    native_id = account.ref(account.called(_ACCOUNT_ID)) or cells.text("author")
    if native_id is None or len(native_id) > NATIVE_ID:
        return None
    followers, name = cells.count("followers"), account.look(account.called(_ACCOUNT_NAME)) or cells.text("author_name")
    return receipt.author(
        receipt.rows.platform, native_id, display_name=(name or "")[:NAME] or None, followers=followers,
        as_of=receipt.received_at if followers is not None else None,
    )  # fmt: skip


def _metrics(cells: _Row, receipt: Receipt) -> Metrics | None:
    known = {role: cells.count(role) for role in _COUNTS}
    return Metrics(**known, as_of=receipt.received_at) if any(one is not None for one in known.values()) else None


def _keywords(cells: _Row) -> tuple[Annotation, ...]:
    """What a vendor searched for, or says that the post is about."""
    holder, name = cells.at("keywords")
    return tuple([Annotation(scheme="keyword", id=word) for word in holder.words(name)])


def _rating(cells: _Row, most: float) -> Rating | None:
    holder, name = cells.at("rating")
    value = holder.number(name)
    return Rating(value=value, min=0, max=most) if value is not None and 0 <= value <= most else None
