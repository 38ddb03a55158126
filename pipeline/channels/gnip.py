"""Gnip: posts of X as Activity Streams 1, the enriched format of PowerTrack and Historical PowerTrack.

https://developer.x.com/en/docs/x-api/enterprise/data-dictionary. Identifiers are the digits behind the last colon; the
text beyond 140 characters is in ``long_object``; ``geo`` is [lat, lon].
"""

from collections.abc import Iterable
from typing import Any

from pipeline.channels import _x
from pipeline.channels._base import Adapted, Adapter, Receipt, Unusable, required
from pipeline.channels._fields import MOST, Fields, counts
from schemas.author import Author
from schemas.interaction import Tombstone
from schemas.post import SocialPost
from schemas.post_parts import Geo, Metrics, RefPost, Source

_AUTHOR_COUNTS = {
    "followers": "followersCount", "following": "friendsCount", "posts": "statusesCount", "listed": "listedCount",
}  # fmt: skip
_ALWAYS = ("object", "generator", "provider", "twitter_entities")  # objects that every activity has
_SYSTEM = ("info", "warn", "error")
_REF_TEXT = 2_000


def adapt(activity: Fields, receipt: Receipt) -> Iterable[Adapted]:
    """The post of an activity, or the tombstone of a delete."""
    system = next((name for name in _SYSTEM if type(activity.get(name)) is dict), None)
    if system:
        raise Unusable("irrelevant", f"{system} is a message about the stream")
    if "verb" not in activity and ("id_str" in activity or "created_at" in activity):
        raise Unusable("other_format", "verb is missing and id_str given: this is API v1.1; use the source x_v1")
    verb = required(activity.look("verb"), activity, "verb")
    if verb == "delete":
        return [_delete(activity, receipt)]
    if verb not in ("post", "share"):
        raise Unusable("unknown_word", f"verb {verb[:40]!r} is neither post, share nor delete")
    return [_post(activity, verb, receipt)]


def _post(activity: Fields, verb: str, receipt: Receipt) -> SocialPost:
    native_id = _native_id(activity, "id")
    author = _author(activity.inside("actor"), receipt)
    for name in _ALWAYS:
        if type(activity.get(name)) is not dict:
            required(None, activity, name)
    long_object = activity.inside("long_object")
    required(activity.look("body"), activity, "body")
    longer = long_object.look("body") is not None
    text = _x.text_fields(long_object if longer else activity, "body")
    told = activity.time("postedTime")
    required(None if told is None else "", activity, "postedTime")
    event_time, basis = _x.moment(native_id, told, receipt.received_at)
    entities = (long_object if "twitter_entities" in long_object else activity).inside("twitter_entities")
    extended = (long_object if "twitter_extended_entities" in long_object else activity).inside(
        "twitter_extended_entities"
    )
    original = activity.inside("object") if verb == "share" else Fields({})
    quoted = activity.inside("twitter_quoted_status")
    reply_to = _digits(activity.inside("inReplyTo").look("link"), "/")
    rules = tuple([
        rule for one in activity.inside("gnip").each("matching_rules") if (rule := one.ref("id_str") or one.ref("id"))
    ][:MOST])  # fmt: skip
    return SocialPost(
        post_uid=f"x:{native_id}", native_id=native_id, platform="x", channel="microblog",
        url=activity.url("link"), author=author,
        source=Source(collector=receipt.collector, vendor="gnip", rule_ids=rules),
        kind="repost" if verb == "share" else "reply" if reply_to else "quote" if "id" in quoted else "post",
        lang=activity.text("twitter_lang"), in_reply_to_uid=_x.uid(reply_to),
        repost_of_uid=_x.uid(_digits(original.look("id"))), quote_of_uid=_x.uid(_digits(quoted.look("id"))),
        ref_posts=tuple([ref for one in (original, quoted) for ref in _ref_posts(one, receipt)]),
        geo=_geo(activity), client_app=activity.inside("generator").text("displayName"),
        metrics=Metrics(likes=activity.count("favoritesCount"), reposts=activity.count("retweetCount"),
                        as_of=receipt.received_at),
        event_time=event_time, event_time_basis=basis, collected_at=receipt.received_at,
        **text, **_x.old_entities(entities, extended, receipt),
        **_x.edits(native_id, activity.inside("edit_history").get("edit_tweet_ids")), extra=activity.rest(),
    )  # fmt: skip


def _delete(activity: Fields, receipt: Receipt) -> Tombstone:
    holder = activity.inside("object") if "id" in activity.inside("object") else activity
    return Tombstone(
        subject=f"post:x:{_native_id(holder, 'id')}", op="delete_post", reason="platform", platform="x",
        effective_at=activity.time("postedTime") or receipt.received_at, collected_at=receipt.received_at,
        extra=activity.rest(),
    )  # fmt: skip


def _native_id(holder: Fields, name: str) -> str:
    return required(_digits(holder.look(name)), holder, name)


def _digits(text: str | None, before: str = ":") -> str | None:
    """The number at the end of a tag, an object or a link."""
    last = (text or "").rpartition(before)[2]
    return last if last.isdecimal() and len(last) <= 20 else None  # noqa: PLR2004  # 64 bits


def _author(actor: Fields, receipt: Receipt) -> Author:
    location: Any = actor.inside("location")
    return receipt.author(
        "x", _native_id(actor, "id"), handle=actor.text("preferredUsername"), display_name=actor.text("displayName"),
        url=actor.url("link"), verified=actor.true("verified"), **counts(actor, _AUTHOR_COUNTS),
        as_of=receipt.received_at, account_created_at=actor.time("postedTime"),
        profile_location=location.text("displayName"),
    )  # fmt: skip


def _ref_posts(one: Fields, receipt: Receipt) -> list[RefPost]:
    """An embedded activity; all of it stays in ``extra``."""
    native_id = _digits(one.look("id"))
    if not native_id:
        return []
    raw = one.inside("long_object").look("body") or one.look("body") or one.look("summary")
    text = _x.text_fields(Fields({"text": raw}), "text")["text"][:_REF_TEXT]
    actor = one.inside("actor")
    key = _x.key(required(_digits(actor.look("id")), actor, "actor.id of an embedded activity"), receipt)
    return [RefPost(uid=f"x:{native_id}", author_key=key, text=text, event_time=one.time("postedTime"))]


def _geo(activity: Fields) -> Geo | None:
    place = activity.inside("location")
    name, country = place.text("displayName"), place.text("twitter_country_code")
    if position := _x.position(activity.inside("geo").get("coordinates"), first="lat"):
        return Geo(place_name=name, country=country, lat=position[0], lon=position[1], basis="gps")
    return Geo(place_name=name, country=country, basis="place") if name or country else None


ADAPTER = Adapter(of_object=adapt)
