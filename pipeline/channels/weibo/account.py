"""The account behind a post of Weibo, as an object, as an id, or as fields beside the text."""

import re

from pipeline.channels._base import Receipt
from pipeline.channels._fields import Fields
from pipeline.channels._times import CHINA
from schemas.author import Author
from schemas.vocabulary import VerifiedKind

_ID = ("idstr", "id", "uid", "userid", "authorid", "用户id")
_NAME = ("screenname", "nickname", "username", "name", "authorname", "author", "userscreenname",
         "usernickname", "authornickname", "用户昵称", "用户名", "作者")  # fmt: skip
_FOLLOWERS = ("followerscount", "followercount", "fanscount", "followers", "fans", "userfollowerscount",
              "authorfollowerscount", "userfanscount", "粉丝数")  # fmt: skip
_FOLLOWING = ("friendscount", "followcount", "followscount", "关注数")
_POSTS = ("statusescount", "weibocount", "mblogcount", "微博数")
_SINCE = ("createdat", "registertime", "registrationtime")
_PLACE = ("location", "region", "所在地")
_VERIFIED: dict[int, VerifiedKind] = {
    0: "personal", 1: "government", 2: "organisation", 3: "media", 4: "organisation", 5: "organisation",
    6: "organisation", 7: "organisation", 8: "organisation", 200: "personal", 220: "personal",
}  # fmt: skip
_IN_URL = re.compile(r"https?://(?:m\.)?weibo\.c(?:om|n)/(?:u/)?(\d{5,12})(?:/|\?|$)")


def author(holder: Fields, name: str, receipt: Receipt) -> Author | None:
    """The account in the field ``name``, which may hold an object or just an id."""
    if type(holder.get(name)) is dict:
        account = holder.inside(name)
        return described(account, account.called(_ID), receipt)
    native_id = holder.ref(name)
    return receipt.author("weibo", native_id) if native_id else None


def described(account: Fields, id_field: str, receipt: Receipt, *, beside: bool = False) -> Author | None:
    """An account whose fields are in ``account``; ``beside`` the text of a post some names mean the post."""
    native_id = account.id(id_field)
    if native_id is None:
        return None
    kind = account.get("verified_type")
    verified = account.true("verified")
    followers = account.count(account.called(_FOLLOWERS))
    return receipt.author(
        "weibo", native_id, display_name=account.text(account.called(_NAME)), verified=verified,
        verified_kind=_VERIFIED.get(kind, "none") if type(kind) is int else "none",
        verified_note=account.text("verified_reason"), followers=followers,
        following=account.count(account.called(_FOLLOWING)), posts=account.count(account.called(_POSTS)),
        as_of=receipt.received_at if followers is not None else None,
        account_created_at=None if beside else account.time(account.called(_SINCE), CHINA),
        profile_location=None if beside else account.text(account.called(_PLACE)), gender=account.text("gender"),
    )  # fmt: skip


def beside_text(post: Fields, url: str | None, receipt: Receipt) -> Author | None:
    """The account of a row that has it in fields of its own, or only in the link of the post."""
    field = post.called(_ID[2:])
    if field:
        return described(post, field, receipt, beside=True)
    if found := _IN_URL.match(url or ""):
        return receipt.author("weibo", found[1], display_name=post.text(post.called(_NAME)))
    return None
