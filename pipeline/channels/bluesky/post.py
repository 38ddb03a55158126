"""A post of Bluesky: the record app.bsky.feed.post, alone or inside a view with author and counts."""

from typing import Any

from pipeline.channels._base import Receipt
from pipeline.channels._fields import BODY, MOST, Fields, counts
from pipeline.channels._texts import body, by_bytes
from pipeline.channels.bluesky.embeds import embedded
from pipeline.channels.bluesky.places import Place, from_uri, uid_of
from schemas.author import Author
from schemas.post import SocialPost
from schemas.post_parts import Link, Mention, Metrics
from schemas.vocabulary import PostKind

_POST = "app.bsky.feed.post"
_METRICS = {
    "likes": "likeCount", "reposts": "repostCount", "replies": "replyCount", "quotes": "quoteCount",
    "bookmarks": "bookmarkCount",
}  # fmt: skip
_SENSITIVE = frozenset({"porn", "sexual", "nudity", "graphic-media", "gore"})


def post(place: Place, record: Fields, whole: Fields, receipt: Receipt, *, edited: bool) -> SocialPost:
    """The canonical post; what is left of the ``whole`` payload is ``extra``."""
    view = whole.inside("post") if "post" in whole else whole
    uid = place.uid(whole)
    raw = record.text("text", BODY) or ""
    text = body(raw)
    event_time, basis = place.moment(record.time("createdAt"), receipt.received_at)
    reply = record.inside("reply")
    parent, root = reply.inside("parent").look("uri"), reply.inside("root").look("uri")
    answered = from_uri(parent, _POST, None).did
    seen = embedded(record.inside("embed"), place.did)
    kind: PostKind = "reply" if parent else "quote" if seen.quoted else "post"
    langs = record.words("langs")
    return SocialPost(
        op="update" if edited else "create", post_uid=uid, native_id=place.native_id(), platform="bluesky",
        url=f"https://bsky.app/profile/{place.did}/post/{place.rkey}" if place.rkey else None,
        channel="microblog", kind=kind, author=_author(place.did, view, receipt),
        text=text, text_raw=raw if raw != text else None, text_truncated="text" in record and bool(raw),
        lang=langs[0] if langs else None, langs=langs,
        conversation_uid=uid_of(root) if root else None,
        in_reply_to_uid=uid_of(parent) if parent else None,
        in_reply_to_author_key=receipt.author_key("bluesky", answered) if answered else None,
        quote_of_uid=uid_of(seen.quoted) if seen.quoted else None,
        media=seen.media, metrics=_metrics(view, receipt), sensitive=_sensitive(record),
        event_time=event_time, event_time_basis=basis, collected_at=receipt.received_at,
        revision=(place.seen_at or receipt.received_at) if edited else 0,
        edited_at=place.seen_at if edited else None,
        **_facets(record, raw, seen.links, receipt), extra=whole.rest(),
    )  # fmt: skip


def _author(did: str, view: Fields, receipt: Receipt) -> Author | None:
    profile = view.inside("author")
    did = did or profile.ref("did") or ""
    if not did:
        return None
    if profile.look("did") == did:
        profile.take("did")
    return receipt.author("bluesky", did, handle=profile.text("handle"), display_name=profile.text("displayName"),
                          account_created_at=profile.time("createdAt"))  # fmt: skip


def _facets(record: Fields, text: str, links: tuple[Link, ...], receipt: Receipt) -> dict[str, Any]:
    """Mentions, links and hashtags; where they stand is told in bytes, and what stands there names them."""
    mentions, found, tags = [], list(links), list(record.words("tags"))
    for facet in record.each("facets"):
        index = facet.inside("index")
        shown = by_bytes(text, index.get("byteStart"), index.get("byteEnd"))
        for feature in facet.each("features"):
            if did := feature.look("did"):
                handle = shown.removeprefix("@")[:1_024] if shown else None
                mentions.append(Mention(author_key=receipt.author_key("bluesky", did), handle=handle))
            elif uri := feature.url("uri"):
                found.append(Link(url=uri, title=shown[:1_024] if shown else None))
            elif tag := feature.text("tag"):
                tags.append(tag)
    return {"mentions": tuple(mentions[:MOST]), "links": tuple(found[:MOST]), "hashtags": tuple(tags[:MOST])}


def _sensitive(record: Fields) -> bool:
    labels = record.inside("labels").each("values") if "labels" in record else []
    return any(label.get("val") in _SENSITIVE for label in labels if type(label.get("val")) is str)


def _metrics(view: Fields, receipt: Receipt) -> Metrics | None:
    if "likeCount" not in view and "replyCount" not in view:
        return None
    return Metrics(**counts(view, _METRICS), as_of=receipt.received_at)
