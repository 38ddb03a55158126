"""An object of Activity Streams that somebody published: note, article, comment, picture, question and the like."""

import re
from typing import Any

from pipeline.channels._base import Receipt, Unusable, named, named_or_hashed
from pipeline.channels._fields import BODY, MOST, Fields
from pipeline.channels._html import plain
from pipeline.channels._texts import body, by_utf16
from pipeline.channels.activitystreams.attached import media, quoted
from pipeline.channels.activitystreams.values import first, identity, items, kinds, link, native, objects, short, words
from schemas.author import Author
from schemas.post import SocialPost
from schemas.post_parts import Geo, Mention, Metrics, Poll, PollOption
from schemas.vocabulary import AuthorKind, PostKind, PostOp, TextFormat, Visibility

PREFIX = "other"
_KINDS: dict[str, PostKind] = {"article": "article", "page": "article", "comment": "comment", "review": "review"}
_PUBLIC = ("#Public", "@public", "@unlisted", "as:Public")
_BOTS = frozenset({"application", "service"})
_POSITION = re.compile(r"([+-]\d{2}(?:\.\d+)?)([+-]\d{3}(?:\.\d+)?|[+-]\d{1,3}(?:\.\d+)?)")
_COUNTED = {"replies": "replies", "likes": "likes", "shares": "reposts"}
_FORMATS: dict[str | None, TextFormat] = {"text/plain": "plain", "text/markdown": "markdown"}
_ENOUGH = ("tag", "tags", "location", "inReplyTo", "oneOf", "anyOf", "options", "startTime")
_LONG_NAME = 200


def post(
    told: Fields, whole: Fields, receipt: Receipt, *, op: PostOp = "create", actor: Author | None = None
) -> SocialPost:
    """The canonical post, by ``actor`` if it names no author; what is left of the ``whole`` activity is ``extra``."""
    native_id = identity(told.get("id")) or link(told, "url", "urls")
    uid = named_or_hashed(PREFIX, native_id, whole)
    attached, text = media(told), _text(told)
    title = short(told, "name", "displayName", "title")
    if not (text["text"] or title or attached or native_id or any(name in told for name in _ENOUGH)):
        raise Unusable("missing_field", "content is missing, and so are name, summary, attachments and id")
    made = told.time("published") or whole.time("published")
    changed = told.time("updated") or whole.time("updated")
    at = made or changed
    edited = changed if changed and made and changed > made else None
    parent = first(told, "inReplyTo")
    original = quoted(told)
    return SocialPost(
        op=op, post_uid=uid, native_id=native(native_id), url=link(told, "url", "urls") or link(told, "id"),
        platform="other", channel="microblog", kind=_kind(told, parent, original), title=title, media=attached,
        author=author(told, receipt, "attributedTo", "author", "actor") or actor, poll=_poll(told), geo=_geo(told),
        conversation_uid=named(PREFIX, thread) if (thread := first(told, "conversation", "context")) else None,
        in_reply_to_uid=named(PREFIX, parent) if parent else None,
        quote_of_uid=named(PREFIX, original) if original else None,
        **_tags(told, receipt), metrics=_metrics(told, receipt), visibility=_visibility(told, whole),
        sensitive=told.get("sensitive") is True, client_app=short(Fields(generator), "name", "displayName")
        if type(generator := told.get("generator")) is dict else None,
        event_time=at or receipt.received_at, event_time_basis="source" if at else "collected", edited_at=edited,
        revision=edited or 0, collected_at=receipt.received_at, **text, extra=whole.rest(),
    )  # fmt: skip


def author(told: Fields, receipt: Receipt, *names: str) -> Author | None:
    """The first account of the properties, known by its id, else its link, else its name."""
    holder = next(iter(items(told, *names)), None)
    if holder is None:
        return None
    account = Fields(holder if type(holder) is dict else {})
    shown = short(account, "name", "displayName", "summary")
    native_id = native(identity(holder)) or (shown or "")[:_LONG_NAME]
    if not native_id:
        return None
    kind: AuthorKind = "bot" if _BOTS.intersection(kinds(account)) else "unknown"
    return receipt.author(
        "other", native_id, handle=account.look("preferredUsername") or account.look("username"), display_name=shown,
        url=link(account, "url", "urls") or link(Fields({"id": native_id}), "id"), type=kind,
    )  # fmt: skip


def _kind(told: Fields, parent: str | None, original: str | None) -> PostKind:
    known: PostKind = next((_KINDS[kind] for kind in kinds(told) if kind in _KINDS), "post")
    if known == "post":
        known = "reply" if parent else "quote" if original else "post"
    return known


def _text(told: Fields) -> dict[str, Any]:
    """HTML unless ``mediaType`` says otherwise; objects without content may have a summary, or just a name."""
    raw, lang = words(told, "content", "summary", "name", "displayName", "title")
    form = _FORMATS.get(told.look("mediaType"), "html")
    shown = plain(raw) if form == "html" else None
    text = body(shown.text if shown else raw)
    warned = short(told, "summary") if raw and words(told, "content")[0] else None
    return {
        "text": text, "text_raw": raw[:BODY] or None if raw != text else None, "text_format": form if raw else None,
        "text_truncated": len(text) == BODY, "lang": native(lang), "links": shown.links if shown else (),
        "spoiler_text": warned,
    }  # fmt: skip


def _tags(told: Fields, receipt: Receipt) -> dict[str, Any]:
    """Hashtags and mentions; Activity Streams 1 tells in UTF-16 units where they stand in the text."""
    hashtags, mentions = [], []
    content = words(told, "content")[0]
    for tag in objects(told, "tag", "tags"):
        kind = (kinds(tag) or [""])[0]
        name = short(tag, "name", "displayName") or by_utf16(content, tag.get("startIndex"), tag.get("length"))
        if kind in ("mention", "person", "organization"):
            account = native(first(tag, "href", "url", "id"))
            key = receipt.author_key("other", account) if account else None
            mentions.append(Mention(author_key=key, name=name, handle=name.removeprefix("@") if name else None))
        elif name and (kind in ("hashtag", "tag") or name.startswith("#")):
            hashtags.append(name.removeprefix("#"))
    return {"hashtags": tuple(hashtags[:MOST]), "mentions": tuple(mentions[:MOST])}


def _visibility(told: Fields, whole: Fields) -> Visibility:
    """Public unless all audiences are named and none is the public."""
    audience = [one for holder in (told, whole) for name in ("to", "cc", "audience")
                for value in items(holder, name)
                if (one := (value.get("alias") if type(value) is dict else None) or identity(value))]  # fmt: skip
    if not audience or any(type(one) is str and one.endswith(_PUBLIC) for one in audience):
        return "public"
    return "followers" if any("followers" in str(one) for one in audience) else "direct"


def _poll(told: Fields) -> Poll | None:
    told_options = objects(told, "oneOf", "anyOf", "options")
    options = [PollOption(text=text, votes=_total(one, "replies"))
               for one in told_options if (text := short(one, "name", "displayName"))]  # fmt: skip
    return Poll(options=tuple(options[:64]), ends_at=told.time("endTime") or told.time("closed")) if options else None


def _geo(told: Fields) -> Geo | None:
    place = next(iter(objects(told, "location")), Fields({}))
    lat, lon = place.copy().number("latitude"), place.copy().number("longitude")
    if lat is None and (found := _POSITION.match(place.look("position") or "")):
        lat, lon = float(found[1]), float(found[2])
    known = lat is not None and lon is not None and -90 <= lat <= 90 and -180 <= lon <= 180  # noqa: PLR2004  # degrees
    name = short(place, "name", "displayName")
    if not known and not name:
        return None
    return Geo(lat=lat if known else None, lon=lon if known else None, place_name=name,
               place_id=native(identity(place.get("id"))), basis="place")  # fmt: skip


def _total(told: Fields, name: str) -> int | None:
    return told.inside(name).copy().count("totalItems")


def _metrics(told: Fields, receipt: Receipt) -> Metrics | None:
    known = {ours: _total(told, theirs) for theirs, ours in _COUNTED.items()}
    return Metrics(**known, as_of=receipt.received_at) if any(one is not None for one in known.values()) else None
