"""YouTube Data API v3: comments, comment threads, videos, videos that a search found, and pages of them.

https://developers.google.com/youtube/v3/docs. A reply has the id ``parent.child``.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from pipeline.channels._base import Adapted, Adapter, Receipt, Unusable, beside, page, required
from pipeline.channels._fields import BODY, MOST, Fields, counts
from pipeline.channels._html import plain
from pipeline.channels._texts import body
from schemas.author import Author
from schemas.post import SocialPost
from schemas.post_parts import Container, Metrics

_VIDEO_COUNTS = {"likes": "likeCount", "dislikes": "dislikeCount", "views": "viewCount", "replies": "commentCount"}
_WATCH = "https://www.youtube.com/watch?v="


def adapt(resource: Fields, receipt: Receipt) -> Iterable[Adapted]:
    """The posts of a resource or of a page of resources."""
    if "items" in resource:
        posts = page(resource.take("items"), lambda one: adapt(one, receipt))
        return beside(posts, resource.rest())
    kind = resource.look("kind") or ""
    snippet = resource.inside("snippet")
    if kind.endswith("#commentThread") or "topLevelComment" in snippet:
        return _thread(resource, snippet, receipt)
    if kind.endswith("#comment") or "textDisplay" in snippet or "textOriginal" in snippet:
        return [_comment(resource, resource, Fields({}), receipt)]
    if kind.endswith("#video") or (kind.endswith("#searchResult") and _video_id(resource)):
        return [_video(resource, snippet, receipt)]
    if not kind:
        raise Unusable("missing_field", "kind is missing")
    raise Unusable("irrelevant", f"kind {kind[:40]!r} is neither comment, thread nor video")


def _thread(thread: Fields, snippet: Fields, receipt: Receipt) -> Iterator[Adapted]:
    if type(snippet.get("topLevelComment")) is not dict:
        raise Unusable("missing_field", "snippet.topLevelComment is missing")
    replies = _taken(thread.inside("replies"))
    yield _comment(snippet.inside("topLevelComment"), thread, snippet, receipt)
    for reply in replies:
        yield _comment(reply, reply, snippet, receipt)


def _taken(replies: Fields) -> list[Fields]:
    """The comments below a comment, unless what stands there is no list of them."""
    found = replies.get("comments")
    if type(found) is not list or any(type(one) is not dict for one in found):
        return []
    return [Fields(one) for one in replies.take("comments")]


def _comment(comment: Fields, whole: Fields, thread: Fields, receipt: Receipt) -> SocialPost:
    """A comment; ``whole`` is what its ``extra`` is the rest of, ``thread`` the snippet of its thread."""
    snippet = comment.inside("snippet")
    native_id = required(comment.id("id"), comment, "id")
    parent = snippet.ref("parentId") or (native_id.partition(".")[0] if "." in native_id else None)
    video = snippet.ref("videoId") or thread.ref("videoId")
    made, changed = snippet.time("publishedAt"), snippet.time("updatedAt")
    edited = changed if made and changed and changed > made else None
    return SocialPost(
        post_uid=f"youtube:{native_id}", native_id=native_id, platform="youtube", channel="video",
        url=f"{_WATCH}{video}&lc={native_id}" if video else None, kind="reply" if parent else "comment",
        author=_author(snippet, receipt), conversation_uid=f"youtube:{parent or native_id}",
        in_reply_to_uid=f"youtube:{parent}" if parent else f"youtube:{video}" if video else None,
        container=Container(kind="video", id=video, url=f"{_WATCH}{video}") if video else None,
        metrics=Metrics(likes=snippet.count("likeCount"), replies=thread.count("totalReplyCount"),
                        as_of=receipt.received_at),
        visibility="private" if thread.get("isPublic") is False else "public",
        event_time=made or receipt.received_at, event_time_basis="source" if made else "collected",
        edited_at=edited, revision=edited or 0, collected_at=receipt.received_at, **_text(snippet), extra=whole.rest(),
    )  # fmt: skip


def _text(snippet: Fields) -> dict[str, Any]:
    """``textOriginal`` is plain and only sent to those who may see it, ``textDisplay`` is HTML."""
    if snippet.look("textOriginal"):
        raw = snippet.text("textOriginal", BODY) or ""
        text = body(raw)
        return {"text": text, "text_raw": raw if raw != text else None, "text_truncated": "textOriginal" in snippet}
    if type(snippet.get("textDisplay")) is not str:
        required(None, snippet, "textDisplay")
    raw = snippet.text("textDisplay", BODY) or ""
    shown = plain(raw)
    return {
        "text": body(shown.text), "text_raw": raw or None, "text_format": "html", "links": shown.links,
        "text_truncated": bool(raw) and "textDisplay" in snippet,
    }  # fmt: skip


def _author(snippet: Fields, receipt: Receipt) -> Author | None:
    channel = snippet.inside("authorChannelId")
    told = channel.ref("value") or snippet.ref("authorChannelId")
    native_id = told or (snippet.look("authorChannelUrl") or "").rpartition("/")[2]
    if not 0 < len(native_id) <= 200:  # noqa: PLR2004  # Name
        return None
    channel.id("value")
    name, url = snippet.text("authorDisplayName"), snippet.url("authorChannelUrl")
    return receipt.author("youtube", native_id, display_name=name, url=url)


def _video_id(resource: Fields) -> str | None:
    """Its id, which search results wrap; theirs may be that of a channel or a playlist."""
    return resource.ref("id") or resource.inside("id").ref("videoId")


def _video(resource: Fields, snippet: Fields, receipt: Receipt) -> SocialPost:
    native_id = required(_video_id(resource), resource, "id")
    resource.id("id")
    made, channel = snippet.time("publishedAt"), snippet.id("channelId")
    name = snippet.text("channelTitle") if channel else None
    raw = snippet.text("description", BODY) or ""
    return SocialPost(
        post_uid=f"youtube:{native_id}", native_id=native_id, platform="youtube", channel="video",
        url=f"{_WATCH}{native_id}", title=snippet.text("title"), text=body(raw),
        text_truncated="description" in snippet and bool(raw), text_raw=raw if raw != body(raw) else None,
        author=receipt.author("youtube", channel, display_name=name) if channel else None,
        hashtags=snippet.words("tags")[:MOST], lang=snippet.text("defaultAudioLanguage"),
        metrics=Metrics(**counts(resource.inside("statistics"), _VIDEO_COUNTS), as_of=receipt.received_at),
        event_time=made or receipt.received_at, event_time_basis="source" if made else "collected",
        collected_at=receipt.received_at, extra=resource.rest(),
    )  # fmt: skip


ADAPTER = Adapter(of_object=adapt)
