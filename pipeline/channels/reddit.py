"""Reddit: submissions (t3), comments (t1) with their replies, and listings of both.

https://www.reddit.com/dev/api. Texts are Markdown in which three characters are escaped. ``created`` is shifted by a
time zone and ``likes`` is the reader's own vote, so neither is used.
"""

from collections.abc import Iterator
from typing import Any

from pipeline.channels._base import Adapted, Adapter, Receipt, Unusable, beside, page, required
from pipeline.channels._fields import Fields
from pipeline.channels._x import text_fields
from schemas.author import Author
from schemas.interaction import Tombstone
from schemas.post import SocialPost
from schemas.post_parts import Container, Link, Media, Metrics

_GONE = frozenset({"[deleted]", "[removed]", "[deleted by user]"})
_TAKEN_DOWN = "[ Removed by "  # "Reddit ]", "reddit in response to ..."
_NOBODY = frozenset({"[deleted]", "[removed]"})
_SITE = "https://www.reddit.com"
_OTHERS = frozenset({"t2", "t4", "t5", "t6", "more"})  # account, message, subreddit, award, unloaded comments


def adapt(thing: Fields, receipt: Receipt) -> Iterator[Adapted]:
    """The posts of a thing or a listing; a deleted one is a tombstone. Replies follow the comment they answer."""
    kind = thing.look("kind")
    if kind == "Listing":
        found = list(_listing(thing, receipt))
        yield from beside(found, thing.rest(), "listing")
        return
    data = thing.inside("data") if "data" in thing else thing
    if kind is None:
        kind = _kind(data)
    if kind in _OTHERS:
        raise Unusable("irrelevant", f"kind {kind} holds no post")
    if kind not in ("t1", "t3"):
        raise Unusable("unknown_word", f"kind {kind[:40]!r} is neither t1, t3 nor Listing")
    replies = list(_replies(data, receipt)) if type(data.get("replies")) is dict else []
    yield _thing(kind, data, thing, receipt)
    yield from replies


def _kind(data: Fields) -> str:
    """What its full name says, or else what it looks like."""
    prefix, separator, _ = (data.look("name") or "").partition("_")
    if separator and (prefix in _OTHERS or prefix in ("t1", "t3")):
        return prefix
    return "t3" if "title" in data else "t1"


def _listing(listing: Fields, receipt: Receipt) -> Iterator[Adapted]:
    children = [one for one in listing.inside("data").each("children") if one.get("kind") in ("t1", "t3")]
    if not children:
        raise Unusable("irrelevant", "data.children holds neither submissions nor comments")
    yield from page([child.take_all() for child in children], lambda one: adapt(one, receipt))


def _replies(data: Fields, receipt: Receipt) -> Iterator[Adapted]:
    """Comments below a comment; stubs of comments that were not loaded stay."""
    children = data.inside("replies").inside("data").each("children")
    loaded = [child.take_all() for child in children if child.get("kind") == "t1"]
    yield from page(loaded, lambda one: adapt(one, receipt))


def _thing(kind: str, data: Fields, whole: Fields, receipt: Receipt) -> Adapted:
    native_id = _fullname(kind, data)
    text_name = "selftext" if kind == "t3" else "body"
    if _is_gone(data.look(text_name)) or (kind == "t3" and _is_gone(data.look("title"))):
        return Tombstone(
            subject=f"post:reddit:{native_id}", op="delete_post", effective_at=receipt.received_at, reason="platform",
            platform="reddit", collected_at=receipt.received_at, extra=whole.rest(),
        )  # fmt: skip
    if kind == "t1":
        required(data.look("body"), data, "body")
    else:
        required(data.look("title"), data, "title")
    return _post(kind, native_id, text_name, data, whole, receipt)


def _is_gone(text: str | None) -> bool:
    return text is not None and (text in _GONE or text.startswith(_TAKEN_DOWN))


def _fullname(kind: str, data: Fields) -> str:
    """t1_ or t3_ and the base36 id."""
    return data.ref("name") or f"{kind}_{required(data.ref('id'), data, 'id')}"


def _post(kind: str, native_id: str, text_name: str, data: Fields, whole: Fields, receipt: Receipt) -> SocialPost:
    if data.get("name") == native_id:
        data.take("name")
    made, edited = data.time("created_utc"), _edited(data)
    parent, submission = data.ref("parent_id"), data.ref("link_id")
    permalink = data.look("permalink")
    text = text_fields(data, text_name) | {"text_format": "markdown"}
    return SocialPost(
        post_uid=f"reddit:{native_id}", native_id=native_id, platform="reddit", channel="forum",
        url=f"{_SITE}{permalink}"[:8_192] if permalink and permalink.startswith("/") else None,
        kind="comment" if kind == "t1" else "post", author=_author(data, receipt), title=_title(data),
        conversation_uid=f"reddit:{submission or native_id}", in_reply_to_uid=f"reddit:{parent}" if parent else None,
        repost_of_uid=f"reddit:{original}" if (original := data.ref("crosspost_parent")) else None,
        container=_container(data), metrics=_metrics(data, receipt), sensitive=data.true("over_18"),
        links=(Link(url=url),) if data.get("is_self") is False and (url := data.url("url")) else (),
        media=_media(data), event_time=made or receipt.received_at, event_time_basis="source" if made else "collected",
        edited_at=edited, revision=edited or 0, collected_at=receipt.received_at, **text, extra=whole.rest(),
    )  # fmt: skip


def _edited(data: Fields) -> int | None:
    """``edited`` is false or a time; long ago it was true."""
    return data.time("edited") if type(data.get("edited")) in (int, float) else None


def _title(data: Fields) -> str | None:
    fields: dict[str, Any] = text_fields(Fields({"title": data.get("title")}), "title")
    title = fields["text"][:1_024]
    if title == data.get("title"):
        data.take("title")
    return title or None


def _author(data: Fields, receipt: Receipt) -> Author | None:
    """Names never change on Reddit, and old comments have no author_fullname."""
    name = data.ref("author")
    if not name or name in _NOBODY:
        return None
    data.take("author")
    return receipt.author("reddit", name, handle=name, url=f"{_SITE}/user/{name}")


def _container(data: Fields) -> Container | None:
    native_id, name = data.id("subreddit_id"), data.text("subreddit")
    if not native_id and not name:
        return None
    return Container(kind="subreddit", id=native_id or name or "", name=name)


def _media(data: Fields) -> tuple[Media, ...]:
    video = data.inside("media").inside("reddit_video")
    if played := video.url("fallback_url"):
        return (Media(type="video", url=played, width=video.count("width"), height=video.count("height")),)
    pictures = [one.inside("source") for one in data.inside("preview").each("images")]
    return tuple([Media(type="image", url=url, width=one.count("width"), height=one.count("height"))
                  for one in pictures if (url := one.url("url"))][:32])  # fmt: skip


def _metrics(data: Fields, receipt: Receipt) -> Metrics:
    """A score that Reddit hides is unknown."""
    hidden = data.get("score_hidden") is True or data.get("hide_score") is True
    score, ratio = data.get("score"), data.get("upvote_ratio")
    return Metrics(
        score=score if type(score) is int and abs(score) < 1 << 63 and not hidden else None,
        likes=None if hidden else data.count("ups"), replies=data.count("num_comments"), as_of=receipt.received_at,
        upvote_ratio=float(ratio) if type(ratio) in (int, float) and 0 <= ratio <= 1 else None,
    )  # fmt: skip


ADAPTER = Adapter(of_object=adapt)
