"""What hangs on a post of Bluesky: pictures, a video, a link card, a quoted record, or a quote with one of those."""

from typing import NamedTuple

from pipeline.channels._fields import Fields
from schemas.post_parts import Link, Media
from schemas.vocabulary import MediaKind

_CDN = "https://cdn.bsky.app/img/feed_fullsize/plain"


class Embedded(NamedTuple):
    """What is embedded; ``quoted`` is the uri of a post."""

    media: tuple[Media, ...] = ()
    links: tuple[Link, ...] = ()
    quoted: str | None = None


def embedded(embed: Fields, did: str) -> Embedded:
    """The parts of an embed; ``did`` owns its blobs."""
    media = embed.inside("media") if "media" in embed else embed
    images = tuple([_media(one, one.inside("image"), "image", did) for one in media.each("images")][:32])
    video = (_media(media, media.inside("video"), "video", did),) if "video" in media else ()
    card = media.inside("external")
    links = (Link(url=shown, title=card.text("title")),) if (shown := card.url("uri")) else ()
    record = embed.inside("record")
    uri = record.look("uri") or record.inside("record").look("uri") or ""
    return Embedded(images + video, links, uri if "/app.bsky.feed.post/" in uri else None)  # lists and feeds are none


def _media(one: Fields, blob: Fields, kind: MediaKind, did: str) -> Media:
    ratio, cid = one.inside("aspectRatio"), blob.inside("ref").look("$link")
    return Media(
        type=kind, url=f"{_CDN}/{did}/{cid}@jpeg" if cid and did and len(cid) < 200 and kind == "image" else None,  # noqa: PLR2004  # a CID has 59
        alt=one.text("alt", 4_096), width=ratio.count("width"), height=ratio.count("height"),
        mime=blob.text("mimeType"), bytes=blob.count("size"),
    )  # fmt: skip
