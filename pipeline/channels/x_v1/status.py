"""A status object of X API v1.1, with its author inside.

One longer than 140 characters has its text and entities in ``extended_tweet``, or is called ``full_text``. ``id`` may
have been rounded by a client; ``id_str`` is right.
"""

from typing import Any

from pipeline.channels import _x
from pipeline.channels._base import Receipt, required
from pipeline.channels._fields import MOST, Fields, counts
from pipeline.channels._html import plain
from schemas.author import Author
from schemas.post import SocialPost
from schemas.post_parts import Geo, Metrics, RefPost, Source

_METRICS = {
    "likes": "favorite_count", "reposts": "retweet_count", "replies": "reply_count", "quotes": "quote_count",
}  # fmt: skip
_AUTHOR_COUNTS = {
    "followers": "followers_count", "following": "friends_count", "posts": "statuses_count", "listed": "listed_count",
}  # fmt: skip
_REF_TEXT = 2_000


def post(status: Fields, receipt: Receipt) -> SocialPost:
    """The canonical post."""
    native_id = _native_id(status, "id_str", "id")
    text = _text(status)
    writer = author(status.inside("user"), receipt)
    told = status.time("timestamp_ms") or status.time("created_at")
    event_time, basis = _x.moment(native_id, told, receipt.received_at)
    longer = status.inside("extended_tweet")
    entities = next((holder.inside("entities") for holder in (longer, status) if "entities" in holder), Fields({}))
    extended = longer if "extended_entities" in longer else status
    original, quoted = status.inside("retweeted_status"), status.inside("quoted_status")
    reply_to = _ref(status, "in_reply_to_status_id")
    repost_of = _ref(original, "id")
    quote_of = _ref(status, "quoted_status_id") or _ref(quoted, "id")
    rules = tuple(
        [rule for one in status.each("matching_rules") if (rule := one.ref("id_str") or one.ref("id"))][:MOST]
    )
    return SocialPost(
        post_uid=f"x:{native_id}", native_id=native_id, platform="x", channel="microblog",
        url=_x.permalink(native_id, writer.handle), author=writer,
        source=Source(collector=receipt.collector, rule_ids=rules) if rules else None,
        kind="repost" if repost_of else "reply" if reply_to else "quote" if quote_of else "post",
        lang=status.text("lang"), in_reply_to_uid=_x.uid(reply_to),
        in_reply_to_author_key=_x.key(_ref(status, "in_reply_to_user_id"), receipt),
        repost_of_uid=_x.uid(repost_of), quote_of_uid=_x.uid(quote_of),
        ref_posts=tuple([ref for one in (original, quoted) for ref in _ref_posts(one, receipt)]),
        geo=_geo(status), metrics=Metrics(**counts(status, _METRICS), as_of=receipt.received_at),
        sensitive=status.true("possibly_sensitive"), withheld_countries=status.words("withheld_in_countries"),
        client_app=plain(status.look("source") or "").text[:1_024] or None,
        event_time=event_time, event_time_basis=basis, collected_at=receipt.received_at,
        **text, **_x.old_entities(entities, extended.inside("extended_entities"), receipt),
        **_x.edits(native_id, status.inside("edit_history").get("edit_tweet_ids")), extra=status.rest(),
    )  # fmt: skip


def _ref(holder: Fields, name: str) -> str | None:
    """An identifier, as a string where that is sent."""
    return holder.ref(f"{name}_str") or holder.ref(name)


def _native_id(holder: Fields, text: str, number: str) -> str:
    native_id = required(holder.id(text) or holder.ref(number), holder, number)
    if holder.ref(number) == native_id:
        holder.take(number)
    return native_id


def _text(status: Fields) -> dict[str, Any]:
    """The longest text there is; a repost is cut, and its original stands in ``ref_posts``."""
    if status.inside("extended_tweet").look("full_text"):
        return _x.text_fields(status.inside("extended_tweet"), "full_text")
    name = "full_text" if status.look("full_text") else "text"
    required(status.look(name), status, name)
    cut = status.get("truncated") is True or ("retweeted_status" in status and (status.look(name) or "").endswith("…"))
    found = _x.text_fields(status, name)
    return found | {"text_truncated": True} if cut else found


def author(user: Fields, receipt: Receipt) -> Author:
    """The account."""
    native_id = _native_id(user, "id_str", "id")
    return receipt.author(
        "x", native_id, handle=user.text("screen_name"), display_name=user.text("name"), url=user.url("url"),
        verified=user.true("verified"), protected=user.true("protected"), **counts(user, _AUTHOR_COUNTS),
        as_of=receipt.received_at, account_created_at=user.time("created_at"), profile_location=user.text("location"),
    )  # fmt: skip


def _ref_posts(status: Fields, receipt: Receipt) -> list[RefPost]:
    """An embedded status; all of it stays in ``extra``."""
    native_id = _ref(status, "id")
    if not native_id:
        return []
    found = status.copy()
    long_text = found.inside("extended_tweet").look("full_text") or found.look("full_text") or found.look("text")
    text = _x.text_fields(Fields({"text": long_text}), "text")["text"][:_REF_TEXT]
    user = status.inside("user")
    key = _x.key(required(_ref(user, "id"), user, "user.id of an embedded status"), receipt)
    return [RefPost(uid=f"x:{native_id}", author_key=key, text=text, event_time=status.time("created_at"))]


def _geo(status: Fields) -> Geo | None:
    """``coordinates`` is [lon, lat], as in GeoJSON; the older ``geo`` is [lat, lon]."""
    place = status.inside("place")
    position = _x.position(status.inside("coordinates").get("coordinates"), first="lon") or _x.position(
        status.inside("geo").get("coordinates"), first="lat"
    )
    place_id = place.text("id")
    known: dict[str, Any] = {
        "place_id": place_id, "place_name": place.text("full_name"), "country": place.text("country_code"),
    }  # fmt: skip
    if position:
        return Geo(**known, lat=position[0], lon=position[1], basis="gps")
    return Geo(**known, basis="place") if any(known.values()) else None
