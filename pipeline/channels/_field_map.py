"""Which field of a row holds what: as configuration says, or else by the names that people usually give."""

from collections.abc import Mapping
from datetime import UTC, tzinfo
from types import MappingProxyType
from typing import NamedTuple

from pipeline.channels._fields import simple
from pipeline.post_files import COLUMN_NAMES
from schemas.vocabulary import Channel, Platform, PostKind

_GUESSES = {  # beside those of `tocsin feed`, which come first; best first
    "text": ("review_text", "full_content", "summary", "微博内容", "微博正文", "博文", "评论内容", "全文"),
    "title": ("title", "subject", "headline", "标题"),
    "id": (
        "comment_id", "review_id", "message_id", "article_id", "mid", "guid", "uuid", "编号", "微博id", "文章id",
        "评论id",
    ),
    "time": (
        "posted_at", "post_time", "publish_time", "publish_date", "pub_time", "pub_date", "created", "create_time",
        "create_date", "published", "review_date", "发表时间", "创建时间", "日期",
    ),
    "author": ("handle", "reviewer", "用户id", "作者id", "昵称"),
    "author_name": (
        "author_name", "display_name", "nickname", "name", "昵称", "用户昵称",
    ),
    "followers": ("followers", "followers_count", "follower_count", "fans", "fans_count", "粉丝数"),
    "url": ("url", "link", "permalink", "article_url", "weibo_url", "链接", "网址", "原文链接"),
    "lang": ("lang", "language", "语言"),
    "parent": ("in_reply_to", "in_reply_to_id", "parent_id", "reply_to"),
    "keywords": ("target_keywords", "matched_keywords", "keywords", "keyword", "关键词"),
    "likes": ("likes", "like_count", "likes_count", "favorites", "favorite_count", "praise_count", "点赞数", "点赞"),
    "reposts": (
        "reposts", "retweets", "repost_count", "reposts_count", "retweet_count", "share_count", "shares",
        "forward_count", "转发数", "转发",
    ),
    "replies": ("replies", "reply_count", "comments", "comment_count", "comments_count", "评论数"),
    "views": ("views", "view_count", "read_count", "play_count", "impressions", "阅读数", "播放数"),
    "rating": ("rating", "stars", "star_rating", "score", "评分", "星级"),
    "region": ("ip_location", "region_name", "region", "location", "city", "ip属地", "地区"),
}  # fmt: skip
USUAL: Mapping[str, tuple[str, ...]] = MappingProxyType({
    role: tuple(dict.fromkeys(simple(name) for name in (*COLUMN_NAMES.get(role, ()), *_GUESSES.get(role, ()))))
    for role in dict.fromkeys((*COLUMN_NAMES, *_GUESSES))
})  # fmt: skip


class FieldMap(NamedTuple):
    """Which field holds what (by role, see ``USUAL``), and what all rows have in common.

    A field may lie deeper: ``user.name``. ``zone`` is that of times which name none.
    """

    fields: Mapping[str, str] = MappingProxyType({})
    platform: Platform = "other"
    channel: Channel = "microblog"
    kind: PostKind = "post"
    zone: tzinfo = UTC
    most_stars: float = 5
