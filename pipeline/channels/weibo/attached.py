"""Pictures and videos of a Weibo post: each interface lists them in its own way."""

from collections.abc import Iterator

from pipeline.channels._fields import URL, Fields
from schemas.post_parts import Media

_VIDEOS = ("mp4_720p_mp4", "mp4_hd_mp4", "mp4_hd_url", "mp4_ld_mp4", "stream_url_hd", "stream_url")
_MOST = 32


def media(post: Fields) -> tuple[Media, ...]:
    """What is attached; links in lists of links stay."""
    return tuple(list(_each(post))[:_MOST])


def _each(post: Fields) -> Iterator[Media]:
    for one in post.each("pic_urls"):
        if thumbnail := one.url("thumbnail_pic"):
            yield Media(type="image", url=thumbnail.replace("/thumbnail/", "/large/"), preview_url=thumbnail)
    for link in post.strings("pic_urls"):
        yield Media(type="image", url=link)
    for one in post.each("pics"):
        large = one.inside("large")
        size = large.inside("geo")
        yield Media(
            type="image", url=large.url("url") or one.copy().url("url"), preview_url=one.url("url"),
            width=size.count("width"), height=size.count("height"),
        )  # fmt: skip
    pictures = post.inside("pic_infos")
    for name in pictures.rest():
        large = pictures.inside(name).inside("large")
        if picture := large.url("url"):
            yield Media(type="image", url=picture, width=large.count("width"), height=large.count("height"))
    yield from _videos(post)


def _videos(post: Fields) -> Iterator[Media]:
    for name in ("video", "video_url"):
        link = post.look(name)
        if link and len(link) <= URL:
            yield Media(type="video", url=post.url(name))
    page = post.inside("page_info")
    if page.get("type") != "video" and page.get("object_type") != "video":
        return
    for holder in (page.inside("urls"), page.inside("media_info")):
        link = next((found for name in _VIDEOS if (found := holder.url(name))), None)
        if link:
            yield Media(type="video", url=link, preview_url=page.inside("page_pic").url("url"))
            return
