"""A status or comment of Weibo, whatever its fields are called; HTML with pictures for emoticons, or plain text."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from pipeline.channels._base import Adapted, Receipt, named_or_hashed, required
from pipeline.channels._fields import BODY, MOST, Fields
from pipeline.channels._html import plain
from pipeline.channels._texts import body
from pipeline.channels._times import CHINA, relative_to
from pipeline.channels._x import position
from pipeline.channels.weibo.account import author, beside_text
from pipeline.channels.weibo.attached import media
from schemas.author import Author
from schemas.interaction import Tombstone
from schemas.post import SocialPost
from schemas.post_parts import Annotation, Geo, Link, Mention, Metrics, RefPost
from schemas.vocabulary import Visibility

TEXT = (
    "textraw", "rawtext", "text", "content", "contenttext", "fulltext", "fullcontent", "weibocontent", "weibotext",
    "posttext", "postcontent", "message", "body", "summary", "abstract", "正文", "内容", "微博正文",
)  # fmt: skip
_ID = (
    "idstr", "id", "weiboid", "statusid", "mid", "weibomid", "postid", "commentid", "articleid", "docid", "guid",
    "mblogid", "bid", "微博id",
)  # fmt: skip
_TIME = (
    "fullcreatedat", "createdat", "publishedat", "publishtime", "publishdate", "posttime", "postdate", "pubtime",
    "createtime", "createdtime", "created", "published", "publishedtime", "pubdate", "releasetime", "timestamp", "date",
    "time", "datetime", "发布时间",
)  # fmt: skip
_USER = ("user", "commentuser", "userinfo", "author")
_PARENT = ("status", "weibo")
_ORIGINAL = ("retweetedstatus", "retweet", "retweeted", "repostedstatus")
_REPOSTED = ("pidstr", "pid", "retweet_id")
_COUNTS = {
    "likes": ("attitudescount", "likescount", "likecount", "likecounts", "likes", "praisecount", "praises", "点赞数"),
    "reposts": ("repostscount", "repostcount", "forwardcount", "retweetcount", "sharecount", "reposts", "forwards",
                "转发数"),
    "replies": ("commentscount", "commentcount", "totalnumber", "comments", "评论数"),
    "views": ("readscount", "readcount", "viewcount", "views", "playcount", "阅读数"),
}  # fmt: skip
_REGION = ("regionname", "iplocation", "ipregion", "ip属地")
_URL = ("url", "articleurl", "link", "permalink", "weibourl", "链接")
_KEYWORDS = ("targetkeywords", "keywords", "matchedkeywords", "关键词")
_BEFORE_REGION = re.compile(r"(?:发布于|来自|IP\s*属地[：:]?)\s*")
_MORE = re.compile(r"""<(?:a|span)\b[^<>]*>\s*(?:全文|展开)\s*</(?:a|span)>\s*$""")  # asks for what is cut
_SEARCH = ("https://m.weibo.cn/search?", "https://s.weibo.com/", "https://m.weibo.cn/p/")  # behind topics
_TOPIC = re.compile(r"#([^#\n]{1,100})#")
_MENTION = re.compile(r"@([\w·-]{1,30})")
_VISIBLE: dict[object, Visibility] = {1: "private", 2: "followers", 3: "direct", 6: "followers", 10: "followers"}
_REF_TEXT = 2_000


class _Edited(NamedTuple):
    is_edited: bool
    at: int | None  # ms UTC
    times: int


def status(post: Fields, whole: Fields, receipt: Receipt) -> Adapted:
    """The canonical post, or the tombstone of a deleted one; what is left of ``whole`` is ``extra``."""
    id_field = post.called(_ID)
    native_id = post.ref(id_field)
    if post.get("deleted") in (1, "1", True):
        subject = f"post:weibo:{required(native_id, post, 'id')}"
        return Tombstone(
            subject=subject, op="delete_post", effective_at=receipt.received_at, reason="platform", platform="weibo",
            collected_at=receipt.received_at, extra=whole.rest(),
        )  # fmt: skip
    uid = named_or_hashed("weibo", native_id, whole)
    post.id(id_field)
    url = _url(post)
    text = _text(post)
    account = _account(post, url, receipt)
    parent, original = post.inside(post.called(_PARENT)), post.inside(post.called(_ORIGINAL))
    root = post.ref("rootidstr") or post.ref("rootid")
    answered = post.inside("reply_comment").ref("id") or (root if root != native_id else None)
    parent_id = answered or _native_id(parent)
    original_id = _native_id(original) or _reposted(post)
    comment = bool(parent_id) or any(
        name in post for name in ("comment_user", "rootid", "reply_comment", "floor_number")
    )
    bid = post.ref("mblogid") or post.ref("bid")
    at, edited = _moment(post, receipt), _edited(post)
    source = plain(post.look("source") or "").text[:1_024]
    return SocialPost(
        op="update" if edited.is_edited else "create", post_uid=uid, native_id=native_id, platform="weibo",
        channel="microblog", author=account,
        url=url or (f"https://weibo.com/{account.native_id}/{bid}" if account and bid else None),
        kind="comment" if comment else "repost" if original_id else "post",
        conversation_uid=_uid(_native_id(parent)), in_reply_to_uid=_uid(parent_id), repost_of_uid=_uid(original_id),
        ref_posts=tuple([ref for one in (original, parent) for ref in _ref_posts(one, receipt)]),
        media=media(post), geo=_geo(post, source if comment else ""), metrics=_metrics(post, receipt),
        annotations=_annotations(post),
        visibility=_VISIBLE.get(_scalar(post.inside("visible").get("type")), "public"),
        client_app=None if comment else source or None, event_time=at or receipt.received_at,
        event_time_basis="source" if at else "collected", edited_at=edited.at, revision=edited.at or edited.times,
        collected_at=receipt.received_at, **text, extra=whole.rest(),
    )  # fmt: skip


def _account(post: Fields, url: str | None, receipt: Receipt) -> Author | None:
    """The author as an object, by fields beside the text, or by nothing but an id or a name."""
    named = [post.called((name,)) for name in _USER]
    described = next((found for name in named if type(post.get(name)) is dict
                      and (found := author(post, name, receipt))), None)  # fmt: skip
    return (
        described
        or beside_text(post, url, receipt)
        or next((found for name in named if (found := author(post, name, receipt))), None)
    )


def _scalar(value: Any) -> object:  # noqa: ANN401  # JSON
    return value if type(value) is int else None


def _uid(native_id: str | None) -> str | None:
    return f"weibo:{native_id}" if native_id and native_id != "0" else None


def _native_id(post: Fields) -> str | None:
    return post.ref(post.called(_ID))


def _reposted(post: Fields) -> str | None:
    """The original where only its number came along; none is 0, or no number but the name of a picture."""
    return next((found for name in _REPOSTED if (found := post.ref(name) or "").isdecimal() and found != "0"), None)


def _url(post: Fields) -> str | None:
    field = post.called(_URL)
    return post.url(field) if (post.look(field) or "").startswith("http") else None


def _text(post: Fields) -> dict[str, Any]:
    """The longest text there is. A status with ``isLongText`` is cut unless the rest came with it."""
    longer = post.inside("longText")
    holder, field = (longer, "longTextContent") if longer.look("longTextContent") else (post, post.called(TEXT))
    if type(holder.get(field)) is not str:
        required(None, holder, field or "text")
    raw = holder.text(field, BODY) or ""
    shown = plain(_MORE.sub("", raw))
    text = body(shown.text)
    links = [one for one in shown.links if not one.url.startswith(_SEARCH)] + list(_links(post))
    cut = holder is post and (post.get("isLongText") is True or post.get("truncated") is True)
    topics = [one.text("topic_title") for one in post.each("topic_struct")] or _TOPIC.findall(text)
    return {
        "text": text, "text_raw": raw if raw != text else None, "text_format": "html" if raw != text else "plain",
        "text_truncated": cut or (bool(raw) and field in holder), "links": tuple(links[:MOST]),
        "hashtags": tuple(dict.fromkeys(tag for tag in topics if tag))[:MOST],
        "mentions": tuple([Mention(handle=name) for name in dict.fromkeys(_MENTION.findall(text))][:MOST]),
    }  # fmt: skip


def _links(post: Fields) -> Iterator[Link]:
    """Where short links of the text lead, if weibo.com says so."""
    for one in post.each("url_struct"):
        short, long = one.url("short_url"), one.url("long_url")
        if short or long:
            yield Link(url=short or long or "", expanded_url=long, title=one.text("url_title"))


def _moment(post: Fields, receipt: Receipt) -> int | None:
    """Spiders and m.weibo.cn also write "5分钟前" and "10-19", as of when they looked."""
    field = post.called(_TIME)
    looked = post.time("crawl_time") or receipt.received_at
    return post.time(field, CHINA) or relative_to(looked, post.look(field) or "")


def _metrics(post: Fields, receipt: Receipt) -> Metrics | None:
    known = {name: post.count(post.called(names)) for name, names in _COUNTS.items()}
    played = post.inside("page_info")
    if known["views"] is None:
        known["views"] = played.count("play_count") or played.inside("media_info").count("play_count")
    found = any(value is not None for value in known.values())
    return Metrics(**known, as_of=post.time("crawl_time") or receipt.received_at) if found else None


def _edited(post: Fields) -> _Edited:
    config = post.inside("edit_config")
    at = config.time("edit_at", CHINA) or post.time("edit_at", CHINA)
    return _Edited(at is not None or config.get("edited") is True, at, post.count("edit_count") or 0)


def _geo(post: Fields, source: str) -> Geo | None:
    """Coordinates are [lat, lon]; the region is that of the author's IP address, which comments tell as ``source``."""
    place = position(post.inside("geo").get("coordinates"), first="lat")
    said = post.look(post.called(_REGION)) or (source if _BEFORE_REGION.match(source) else "")
    region = _BEFORE_REGION.sub("", said, count=1)[:1_024] if said else None
    if place:
        return Geo(lat=place[0], lon=place[1], region=region, basis="gps")
    return Geo(region=region, basis="ip") if region else None


def _annotations(post: Fields) -> tuple[Annotation, ...]:
    """Keywords by which a vendor found the post."""
    words = post.words(post.called(_KEYWORDS))
    return tuple([Annotation(scheme="keyword", id=word, name=word) for word in words])


def _ref_posts(one: Fields, receipt: Receipt) -> list[RefPost]:
    """A status inside; all of it stays in ``extra``."""
    native_id = _native_id(one)
    if not native_id:
        return []
    text = body(plain(one.look(one.called(TEXT)) or "").text)[:_REF_TEXT]
    account = author(one.copy(), one.called(_USER), receipt)
    key = account.author_key if account else None
    return [RefPost(uid=f"weibo:{native_id}", author_key=key, text=text, event_time=one.time(one.called(_TIME), CHINA))]
