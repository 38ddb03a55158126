"""RSS 2.0, RSS 1.0, Atom and JSON Feed: each entry is an article.

https://www.rssboard.org/rss-specification, RFC 4287, https://www.jsonfeed.org/version/1.1.
"""

from collections.abc import Iterable
from typing import Any

from pipeline.channels._base import Adapted, Adapter, Receipt, Unusable, beside, named, named_or_hashed, page
from pipeline.channels._fields import BODY, MOST, NAME, Fields
from pipeline.channels._html import plain
from pipeline.channels._texts import body
from pipeline.channels._xml import parsed
from schemas.author import Author
from schemas.interaction import Tombstone
from schemas.post import SocialPost
from schemas.post_parts import Container, Media, Metrics
from schemas.vocabulary import MediaKind

_TEXT = ("content:encoded", "content", "content_html", "content_text", "description", "summary", "itunes:summary",
         "media:description")  # fmt: skip
_MADE = ("published", "pubDate", "dc:date", "date_published", "issued", "dcterms:issued", "created", "dcterms:created",
         "date")  # fmt: skip
_CHANGED = ("updated", "date_modified", "modified", "dcterms:modified")
_ROOTS = ("rss", "rdf:RDF", "feed", "entry", "item")
_KINDS: dict[str, MediaKind] = {"image": "image", "video": "video", "audio": "audio"}


def of_text(document: str, receipt: Receipt) -> Iterable[Adapted]:
    """The articles of a feed, or of one entry."""
    name, root = parsed(document)
    if name not in _ROOTS:
        raise Unusable("other_format", f"the document is <{name[:40]}>, neither RSS nor Atom")
    feed = Fields(root)
    if name in ("entry", "item"):
        return [_article(feed, None, None, receipt)]
    return _listed(feed, receipt) or _nothing()


def adapt(feed: Fields, receipt: Receipt) -> Iterable[Adapted]:
    """The articles of a feed as an object, or the one article that it is."""
    if found := _listed(feed, receipt):
        return found
    return _nothing() if "channel" in feed else [_article(feed, None, None, receipt)]


def _nothing() -> list[Adapted]:
    raise Unusable("empty", "the feed has no entries")


def _listed(feed: Fields, receipt: Receipt) -> list[Adapted]:
    """The articles of a feed, and those that it withdraws; none if it holds no entries."""
    channel = feed.inside("channel") if type(feed.get("channel")) is dict else feed
    found = [_gone(one, receipt) for one in feed.each("at:deleted-entry") if one.look("@ref")]
    for holder in (channel, feed):
        for name in ("item", "entry", "items", "entries"):
            if _is_listing(holder.get(name)):
                return [*_articles(holder.take(name), feed, channel, receipt), *found]
    return beside(found, feed.rest(), "feed")


def _is_listing(value: Any) -> bool:  # noqa: ANN401  # JSON
    """Whether it holds entries; RSS 1.0 has a table of contents too."""
    return type(value) is list or (type(value) is dict and "rdf:Seq" not in value)


def _gone(entry: Fields, receipt: Receipt) -> Adapted:
    """An entry that was deleted (RFC 6721)."""
    return Tombstone(
        subject=f"post:{named('news', entry.look('@ref') or '')}", op="delete_post", reason="platform", platform="news",
        effective_at=entry.time("@when") or receipt.received_at, collected_at=receipt.received_at, extra=entry.rest(),
    )  # fmt: skip


def _articles(entries: Any, feed: Fields, channel: Fields, receipt: Receipt) -> list[Adapted]:  # noqa: ANN401  # JSON
    """The articles of a feed; what it says of itself goes to the first."""
    if not entries:
        raise Unusable("empty", "the feed has no entries")
    name, link = _words(channel, "title"), _link(channel)
    place = Container(kind="group", id=link or name or "", name=name) if link or name else None
    lang = channel.look("language") or channel.look("@xml:lang")
    return beside(page(entries, lambda one: [_article(one, place, lang, receipt)]), feed.rest(), "feed")


def _article(entry: Fields, place: Container | None, lang: str | None, receipt: Receipt) -> SocialPost:
    link = _link(entry)
    native_id = _identity(entry) or link
    uid = named_or_hashed("news", native_id, entry)
    native_id = native_id if native_id and len(native_id) <= NAME else None
    title, text = _words(entry, "title"), _text(entry)
    if not title and not text["text"]:
        raise Unusable("missing_field", "title is missing, and so is a description or content")
    made, changed = _time(entry, _MADE), _time(entry, _CHANGED)
    at = made or changed
    edited = changed if made and changed and changed > made else None
    return SocialPost(
        post_uid=uid, native_id=native_id, url=link, platform="news", channel="news", kind="article",
        author=_author(entry, receipt), title=plain(title or "").text[:1_024] or None, container=place,
        hashtags=_categories(entry), media=_media(entry), lang=entry.text("language") or lang,
        metrics=Metrics(replies=replies) if (replies := entry.count("slash:comments")) is not None else None,
        event_time=at or receipt.received_at, event_time_basis="source" if at else "collected", edited_at=edited,
        revision=edited or 0, collected_at=receipt.received_at, **text, extra=entry.rest(),
    )  # fmt: skip


def _identity(entry: Fields) -> str | None:
    """What names an entry for good, of whatever length."""
    named = (_whole(entry, "guid"), _whole(entry, "id"), entry.ref("id"), entry.look("@rdf:about"))
    return next((found for found in named if found), None)


def _words(holder: Fields, name: str) -> str | None:
    """The text of an element that is short."""
    return (_whole(holder, name) or "")[:NAME] or None


def _whole(holder: Fields, name: str) -> str | None:
    """The text of an element, with or without attributes; it stays."""
    found = holder.look(name) or holder.inside(name).look("#text") or holder.inside(name).look("value")
    return found.strip() or None if found else None


def _time(entry: Fields, names: tuple[str, ...]) -> int | None:
    return next((at for name in names if (at := entry.time(name)) is not None), None)


def _text(entry: Fields) -> dict[str, Any]:
    """The longest kind of text that the entry has; HTML. One without any says what its title says."""
    for outer in (entry, entry.inside("media:group")):
        for name in _TEXT:
            holder, field = (outer.inside(name), "#text") if type(outer.get(name)) is dict else (outer, name)
            if raw := holder.text(field, BODY):
                shown = plain(raw)
                return {"text": body(shown.text), "text_raw": raw, "text_format": "html", "links": shown.links,
                        "text_truncated": field in holder}  # fmt: skip
    return {"text": body(plain(_words(entry, "title") or "").text)}


def _link(holder: Fields) -> str | None:
    """The link of RSS is a text, that of Atom an attribute of the element whose relation is ``alternate``."""
    for name in ("link", "url", "external_url"):
        if (found := holder.look(name)) and len(found) <= 8_192:  # noqa: PLR2004  # Url
            return found.strip() or None
    links = [one for one in holder.each("link") if one.get("@rel") in (None, "alternate")]
    return next((found for one in links if (found := one.look("@href") or one.look("#text"))), None)


def _author(entry: Fields, receipt: Receipt) -> Author | None:
    holder = next(iter(entry.each("author") or entry.each("authors")), Fields({}))
    name = _words(entry, "dc:creator") or holder.look("name") or entry.look("author") or entry.look("itunes:author")
    native_id = holder.look("email") or holder.look("uri") or holder.look("url") or name
    if not native_id or len(native_id) > 200:  # noqa: PLR2004  # Name
        return None
    return receipt.author("news", native_id, display_name=(name or native_id)[:1_024])


def _categories(entry: Fields) -> tuple[str, ...]:
    terms = [term for name in ("category", "tags") for one in entry.each(name)
             if (term := one.look("@term") or one.look("#text") or one.look("term"))]  # fmt: skip
    found = [*entry.strings("category"), *entry.strings("tags"), *(term[:1_024] for term in terms)]
    return tuple(dict.fromkeys(found))[:MOST]


def _media(entry: Fields) -> tuple[Media, ...]:
    found = []
    linked = [one for one in entry.each("link") if one.get("@rel") == "enclosure"]
    for one in [*entry.each("enclosure"), *entry.each("media:content"), *linked, *entry.each("attachments")]:
        link, mime = one.url("@url") or one.url("@href") or one.url("url"), one.text("@type") or one.text("mime_type")
        if link:
            kind = _KINDS.get((mime or one.look("@medium") or "").partition("/")[0], "file")
            found.append(Media(type=kind, url=link, mime=mime, bytes=one.count("@length"),
                               width=one.count("@width"), height=one.count("@height")))  # fmt: skip
    return tuple(found[:32])


ADAPTER = Adapter(of_object=adapt, of_text=of_text)
