"""Which field of a row of no fixed format holds what: as configured, or guessed by its name."""

import re
from collections.abc import Iterable

import msgspec

from pipeline.channels._times import zone_named
from pipeline.post_files import COLUMN_NAMES
from schemas.vocabulary import Channel, Platform, PostKind

_GUESSES = {  # what sources call a field, best first; those of `tocsin feed` come before these
    "text": ("review_text", "full_content", "summary", "微博内容", "微博正文", "博文", "评论内容", "全文"),
    "time": (
        "publish_time", "pub_time", "publish_date", "pub_date", "published", "created", "create_time", "create_date",
        "post_time", "review_date", "发表时间", "创建时间", "日期",
    ),
    "author": (
        "author.id", "user.id", "from.id", "nickname", "nick_name", "reviewer", "用户id", "作者id", "微博作者", "昵称",
        "用户昵称",
    ),
    "id": ("mid", "guid", "uuid", "weibo_id", "article_id", "comment_id", "review_id", "微博id", "文章id", "评论id"),
    "title": ("title", "subject", "headline", "标题"),
    "url": ("url", "link", "permalink", "article_url", "weibo_url", "链接", "网址", "原文链接"),
    "name": (
        "author.name", "user.name", "from.name", "nickname", "nick_name", "author_name", "screen_name", "user_name",
        "username", "昵称", "用户昵称",
    ),
    "lang": ("lang", "language", "语言"),
    "region": ("ip_location", "region_name", "ip属地"),
    "parent": ("in_reply_to_id", "in_reply_to_status_id", "parent_id", "reply_to"),
    "keywords": ("target_keywords", "keywords", "keyword", "关键词"),
    "rating": ("rating", "stars", "star_rating", "评分", "星级"),
    "followers": ("followers", "followers_count", "follower_count", "fans", "fans_count", "粉丝数"),
    "likes": (
        "likes", "like_count", "likes_count", "attitudes_count", "praise_count", "favorite_count", "点赞数", "点赞",
    ),
    "reposts": (
        "reposts", "reposts_count", "repost_count", "retweet_count", "share_count", "forward_count", "转发数", "转发",
    ),
    "replies": ("replies", "comments_count", "comment_count", "reply_count", "评论数"),
    "views": ("views", "view_count", "views_count", "read_count", "play_count", "阅读数", "播放数"),
}  # fmt: skip
ROLES = tuple(dict.fromkeys((*COLUMN_NAMES, *_GUESSES)))
_JOINTS = re.compile(r"[\s_-]+")


class FieldMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which field of a row holds what, and what all rows have in common.

    None: look for a field by its name. ``a.b`` is the field ``b`` of the object ``a``. ``zone`` is that of the times
    which name none: UTC, +08:00 or a name like Asia/Shanghai. The stars of a ``rating`` go from its min to its max.
    """

    text: str | None = None
    time: str | None = None
    brand: str | None = None
    author: str | None = None
    id: str | None = None
    title: str | None = None
    url: str | None = None
    name: str | None = None
    lang: str | None = None
    region: str | None = None
    parent: str | None = None
    keywords: str | None = None
    rating: str | None = None
    followers: str | None = None
    likes: str | None = None
    reposts: str | None = None
    replies: str | None = None
    views: str | None = None
    platform: Platform = "other"
    channel: Channel = "microblog"
    kind: PostKind = "post"
    zone: str = "UTC"
    rating_min: float = 1
    rating_max: float = 5

    def __post_init__(self) -> None:
        zone_named(self.zone)

    def within(self, names: Iterable[str]) -> "FieldMap":
        """The same with the fields that are not configured found among the names of a row."""
        present = {_JOINTS.sub("", name.lower()): name for name in reversed(list(names))}
        found = {}
        for role in ROLES:
            guesses = (_JOINTS.sub("", guess) for guess in (*COLUMN_NAMES.get(role, ()), *_GUESSES.get(role, ())))
            found[role] = getattr(self, role) or next((present[one] for one in guesses if one in present), None)
        return msgspec.structs.replace(self, **found)
