"""A status of Mastodon: HTML, an author inside, and a boosted or quoted status inside."""

from typing import Any

from pipeline.channels._base import Receipt, named, required
from pipeline.channels._fields import BODY, MOST, Fields, counts
from pipeline.channels._html import plain
from pipeline.channels._texts import body
from schemas.author import Author
from schemas.post import SocialPost
from schemas.post_parts import Link, Media, Mention, Metrics, Poll, PollOption, RefPost
from schemas.vocabulary import MediaKind, PostOp, Visibility

_METRICS = {
    "likes": "favourites_count",
    "reposts": "reblogs_count",
    "replies": "replies_count",
    "quotes": "quotes_count",
}
_AUTHOR_COUNTS = {"followers": "followers_count", "following": "following_count", "posts": "statuses_count"}
_VISIBILITY: dict[str | None, Visibility] = {
    "unlisted": "unlisted", "private": "followers", "direct": "direct", "limited": "followers",
}  # fmt: skip
_MEDIA: dict[str | None, MediaKind] = {"image": "image", "gifv": "gif", "video": "video", "audio": "audio"}
_REF_TEXT = 2_000


def status(
    told: Fields, receipt: Receipt, *, op: PostOp = "create", native_id: str | None = None, made: int | None = None
) -> SocialPost:
    """The canonical post. A revision out of a history has its ``native_id`` and first time ``made`` (ms) from there."""
    native_id = native_id or required(told.id("id"), told, "id")
    if type(told.get("content")) is not str:
        required(None, told, "content")
    created, edited = told.time("created_at"), told.time("edited_at")
    if made is not None:
        edited = created if op == "update" else None
    at = made or created
    boosted, quoted = told.inside("reblog"), told.inside("quote").inside("quoted_status")
    boosted_id, parent = boosted.ref("id"), told.ref("in_reply_to_id")
    quoted_id = quoted.ref("id") or told.inside("quote").ref("quoted_status_id")
    parent_author = told.ref("in_reply_to_account_id")
    warning = _warning(told)
    author = account(told.inside("account"), receipt)
    return SocialPost(
        op=op, post_uid=named("mastodon", native_id), native_id=native_id, url=told.url("url"), platform="mastodon",
        channel="microblog", author=author,
        kind="repost" if boosted_id else "reply" if parent else "quote" if quoted_id else "post",
        spoiler_text=warning, lang=told.text("language"),
        in_reply_to_uid=_uid(parent), repost_of_uid=_uid(boosted_id), quote_of_uid=_uid(quoted_id),
        in_reply_to_author_key=receipt.author_key("mastodon", parent_author) if parent_author else None,
        ref_posts=tuple([ref for one in (boosted, quoted) for ref in _ref_posts(one, receipt)]),
        hashtags=tuple([tag for one in told.each("tags") if (tag := one.text("name"))][:MOST]),
        mentions=_mentions(told, receipt), media=tuple([_media(one) for one in told.each("media_attachments")][:32]),
        poll=_poll(told.inside("poll")), metrics=_metrics(told, receipt),
        visibility=_VISIBILITY.get(told.look("visibility"), "public"), sensitive=told.true("sensitive"),
        client_app=told.inside("application").text("name"), event_time=at or receipt.received_at,
        event_time_basis="source" if at else "collected", edited_at=edited, revision=edited or 0,
        collected_at=receipt.received_at, **_text(told), extra=told.rest(),
    )  # fmt: skip


def _warning(told: Fields) -> str | None:
    """What stands before the text; it stays where it is HTML."""
    shown = body(plain(told.look("spoiler_text") or "").text)
    if shown == told.look("spoiler_text"):
        told.take("spoiler_text")
    return shown or None


def _uid(native_id: str | None) -> str | None:
    return f"mastodon:{native_id}" if native_id else None


def _text(told: Fields) -> dict[str, Any]:
    raw = told.text("content", BODY) or ""
    shown = plain(raw)
    card = told.inside("card")
    preview = (Link(url=url, title=card.text("title")),) if (url := card.url("url")) else ()
    known = {link.url for link in preview}
    return {
        "text": body(shown.text), "text_raw": raw or None, "text_format": "html",
        "text_truncated": bool(raw) and "content" in told,
        "links": (preview + tuple(link for link in shown.links if link.url not in known))[:MOST],
    }  # fmt: skip


def account(told: Fields, receipt: Receipt) -> Author | None:
    """The author, if the account is named by an id."""
    native_id = told.id("id")
    if native_id is None:
        return None
    return receipt.author(
        "mastodon", native_id, handle=told.text("acct"), display_name=told.text("display_name"), url=told.url("url"),
        type="bot" if told.get("bot") is True else "unknown", **counts(told, _AUTHOR_COUNTS), as_of=receipt.received_at,
        account_created_at=told.time("created_at"), suspended=told.true("suspended"),
    )  # fmt: skip


def _ref_posts(one: Fields, receipt: Receipt) -> list[RefPost]:
    """A status inside; all of it stays in ``extra``."""
    native_id, author = one.ref("id"), one.inside("account").ref("id")
    if not native_id:
        return []
    text = body(plain(one.look("content") or "").text)[:_REF_TEXT]
    key = receipt.author_key("mastodon", author) if author else None
    return [RefPost(uid=f"mastodon:{native_id}", author_key=key, text=text, event_time=one.time("created_at"))]


def _mentions(told: Fields, receipt: Receipt) -> tuple[Mention, ...]:
    found = []
    for one in told.each("mentions"):
        native_id, handle = one.ref("id"), one.text("acct")
        if native_id or handle:
            key = receipt.author_key("mastodon", native_id) if native_id else None
            found.append(Mention(author_key=key, handle=handle, name=one.text("username")))
    return tuple(found[:MOST])


def _media(one: Fields) -> Media:
    original = one.inside("meta").inside("original")
    seconds = original.get("duration")
    return Media(
        type=_MEDIA.get(one.look("type"), "file"), url=one.url("url"), preview_url=one.url("preview_url"),
        alt=one.text("description", 4_096), width=original.count("width"), height=original.count("height"),
        duration_ms=round(seconds * 1_000) if type(seconds) in (int, float) and 0 <= seconds < 1e9 else None,  # noqa: PLR2004  # 30 years
    )  # fmt: skip


def _poll(told: Fields) -> Poll | None:
    options = [PollOption(text=title, votes=one.count("votes_count"))
               for one in told.each("options") if (title := one.text("title"))]  # fmt: skip
    return Poll(options=tuple(options[:64]), ends_at=told.time("expires_at")) if options else None


def _metrics(told: Fields, receipt: Receipt) -> Metrics | None:
    known = counts(told, _METRICS)
    return Metrics(**known, as_of=receipt.received_at) if any(value is not None for value in known.values()) else None
