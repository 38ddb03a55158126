"""Which field of a row holds what: as configuration says, or else by the names that people usually give."""

from collections.abc import Mapping
from datetime import UTC, tzinfo
from types import MappingProxyType
from typing import NamedTuple

from schemas.vocabulary import Channel, Platform, PostKind

USUAL: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "text": ("text", "content", "fulltext", "body", "message", "comment", "review", "reviewtext", "内容", "正文",
             "文本", "评论"),
    "title": ("title", "subject", "headline", "标题"),
    "id": ("id", "postid", "tweetid", "statusid", "commentid", "reviewid", "messageid", "uid", "uuid", "编号"),
    "time": ("eventtime", "createdat", "tweetcreated", "publishedat", "postedat", "timestamp", "datetime", "time",
             "date", "created", "published", "发布时间", "时间"),
    "author": ("authorid", "userid", "author", "user", "username", "screenname", "handle", "作者", "用户", "用户id"),
    "author_name": ("authorname", "displayname", "nickname", "name", "昵称"),
    "followers": ("followers", "followerscount", "followercount", "粉丝数"),
    "url": ("url", "link", "permalink", "链接"),
    "lang": ("lang", "language", "语言"),
    "brand": ("brand", "brands", "品牌"),
    "parent": ("inreplyto", "inreplytoid", "parentid", "replyto"),
    "likes": ("likes", "likecount", "favorites", "favoritecount", "点赞数"),
    "reposts": ("reposts", "retweets", "retweetcount", "sharecount", "shares", "转发数"),
    "replies": ("replies", "replycount", "comments", "commentcount", "评论数"),
    "views": ("views", "viewcount", "impressions", "阅读数"),
    "rating": ("rating", "stars", "score", "评分"),
    "region": ("region", "location", "city", "地区"),
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
