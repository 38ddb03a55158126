"""A post object of X API v2. An edit is a post with a new id that names its forerunners."""

from typing import Any

from msgspec.structs import replace

from pipeline.channels import _x
from pipeline.channels._base import Receipt, required
from pipeline.channels._fields import MOST, Fields, counts, only
from pipeline.channels.x_v2.includes import Includes, Joined
from schemas.author import Author
from schemas.post import SocialPost
from schemas.post_parts import Annotation, Geo, Media, Metrics, Poll, PollOption, RefPost, Source
from schemas.vocabulary import PostKind, VerifiedKind

_METRICS = {
    "likes": "like_count", "reposts": "retweet_count", "replies": "reply_count", "quotes": "quote_count",
    "views": "impression_count", "bookmarks": "bookmark_count",
}  # fmt: skip
_AUTHOR_COUNTS = {
    "followers": "followers_count", "following": "following_count", "posts": "tweet_count", "listed": "listed_count",
}  # fmt: skip
_VERIFIED: dict[str | None, VerifiedKind] = {
    "blue": "paid", "business": "organisation", "government": "government",
}  # fmt: skip
_KINDS: dict[str, PostKind] = {"retweeted": "repost", "replied_to": "reply", "quoted": "quote"}  # the first one counts
_REF_TEXT = 2_000


def post(tweet: Fields, includes: Includes, rules: tuple[str, ...], receipt: Receipt) -> SocialPost:
    """The canonical post; what is left of the objects beside it is ``extra.includes``."""
    native_id = required(tweet.id("id"), tweet, "id")
    joined = Joined(includes)
    refs = _references(tweet)
    author = _author(tweet.id("author_id") or tweet.id("sender_id"), joined, receipt)
    event_time, basis = _x.moment(native_id, tweet.time("created_at"), receipt.received_at)
    parts = _text(tweet, refs) | _entities(tweet, receipt) | _attachments(tweet, joined)
    if "edit_history_tweet_ids" in tweet:
        parts |= _x.edits(native_id, tweet.get("edit_history_tweet_ids"))
    found = SocialPost(
        post_uid=f"x:{native_id}", native_id=native_id, platform="x", channel="microblog",
        url=_x.permalink(native_id, author.handle if author else None), author=author,
        source=Source(collector=receipt.collector, rule_ids=rules) if rules else None,
        kind=next((kind for name, kind in _KINDS.items() if name in refs), "post") if refs else "post",
        lang=tweet.text("lang"), client_app=tweet.text("source"),
        conversation_uid=_x.uid(tweet.ref("conversation_id")),
        in_reply_to_uid=_x.uid(refs.get("replied_to")),
        in_reply_to_author_key=_x.key(tweet.ref("in_reply_to_user_id"), receipt),
        repost_of_uid=_x.uid(refs.get("retweeted")), quote_of_uid=_x.uid(refs.get("quoted")),
        ref_posts=_ref_posts(refs, joined, receipt) if refs else (),
        geo=_geo(tweet, joined) if "geo" in tweet else None,
        metrics=_metrics(tweet, receipt), sensitive=tweet.true("possibly_sensitive"),
        withheld_countries=tweet.inside("withheld").words("country_codes") if "withheld" in tweet else (),
        event_time=event_time, event_time_basis=basis, collected_at=receipt.received_at,
        **parts, extra=only({"includes": joined.rest()}) | tweet.rest(),
    )  # fmt: skip
    if "dm_conversation_id" in tweet:
        return replace(found, kind="message", channel="messaging", visibility="direct", url=None)
    return found


def _text(tweet: Fields, refs: dict[str, str]) -> dict[str, Any]:
    """``text`` is cut in long posts, whose whole text is the note, and in reposts, whose whole text is the original."""
    if "note_tweet" in tweet and (note := tweet.inside("note_tweet")).look("text"):
        return _x.text_fields(note, "text")
    cut = "retweeted" in refs and (tweet.look("text") or "").endswith("…")
    found = _x.text_fields(tweet, "text")
    return found | {"text_truncated": True} if cut else found


def _references(tweet: Fields) -> dict[str, str]:
    """The ids of other posts by their relation."""
    found: dict[str, str] = {}
    for one in tweet.each("referenced_tweets"):
        native_id, relation = one.ref("id"), one.look("type")
        if native_id and relation:
            found[relation] = native_id
    return found


def _ref_posts(refs: dict[str, str], joined: Joined, receipt: Receipt) -> tuple[RefPost, ...]:
    found = []
    for native_id in list(refs.values())[:MOST]:
        one = joined.find("tweets", native_id)
        if "text" in one:
            text = _x.text_fields(one.copy(), "text")["text"][:_REF_TEXT]
            time, key = one.time("created_at"), _x.key(one.ref("author_id"), receipt)
            found.append(RefPost(uid=f"x:{native_id}", author_key=key, text=text, event_time=time))
    return tuple(found)


def _author(native_id: str | None, joined: Joined, receipt: Receipt) -> Author | None:
    if not native_id:
        return None
    user = joined.find("users", native_id)
    if user.take("id") is None:
        return receipt.author("x", native_id)
    verified = user.true("verified")
    kind = _VERIFIED.get(user.look("verified_type"), "none")
    return receipt.author(
        "x", native_id, handle=user.text("username"), display_name=user.text("name"), url=user.url("url"),
        verified=verified, verified_kind=kind, **counts(user.inside("public_metrics"), _AUTHOR_COUNTS),
        as_of=receipt.received_at if "public_metrics" in user else None,
        account_created_at=user.time("created_at"), profile_location=user.text("location"),
        protected=user.true("protected"),
    )  # fmt: skip


def _entities(tweet: Fields, receipt: Receipt) -> dict[str, Any]:
    """What X has recognised in the text, and the topics of the post; where they stand is told in code points."""
    if "entities" not in tweet and "context_annotations" not in tweet and "note_tweet" not in tweet:
        return {}
    entities = tweet.inside("entities")
    named = tweet.inside("note_tweet").inside("entities") if "note_tweet" in tweet else entities  # of the whole text
    return {
        "hashtags": _x.tags(named, "hashtags", "tag"), "cashtags": _x.tags(named, "cashtags", "tag"),
        "mentions": _x.mentions(named.each("mentions"), "id", "username", receipt),
        "links": _x.links(named.each("urls")), "annotations": _annotations(tweet, entities),
    }  # fmt: skip


def _annotations(tweet: Fields, entities: Fields) -> tuple[Annotation, ...]:
    """Topics of the whole post by domain, and named ones in its text."""
    found = []
    for one in tweet.each("context_annotations"):
        domain, entity = one.inside("domain"), one.inside("entity")
        if domain.look("name") and entity.ref("id"):
            scheme, native_id = domain.text("name") or "", entity.id("id") or ""
            found.append(Annotation(scheme=scheme, id=native_id, name=entity.text("name")))
    for one in entities.each("annotations"):
        if one.look("type") and one.look("normalized_text"):
            scheme, name = one.text("type") or "", one.text("normalized_text") or ""
            found.append(Annotation(scheme=scheme, id=name, score=one.number("probability")))
    return tuple(found[:MOST])


def _attachments(tweet: Fields, joined: Joined) -> dict[str, Any]:
    if "attachments" not in tweet:
        return {}
    return {"media": _media(tweet, joined), "poll": _poll(tweet, joined)}


def _media(tweet: Fields, joined: Joined) -> tuple[Media, ...]:
    found = []
    for media_key in tweet.inside("attachments").strings("media_keys"):
        one = joined.find("media", media_key)
        best = max(one.each("variants"), key=_bit_rate, default=one)  # of a video; pictures have a link
        found.append(Media(
            type=_x.MEDIA.get(one.look("type"), "file"), url=one.url("url") or best.url("url"),
            preview_url=one.url("preview_image_url"), alt=one.text("alt_text", 4_096), width=one.count("width"),
            height=one.count("height"), duration_ms=one.count("duration_ms"), mime=best.text("content_type"),
        ))  # fmt: skip
    return tuple(found[:32])


def _bit_rate(variant: Fields) -> int:
    return _x.bitrate(variant, "bit_rate")


def _poll(tweet: Fields, joined: Joined) -> Poll | None:
    one = joined.find("polls", next(iter(tweet.inside("attachments").strings("poll_ids")), None))
    options = [PollOption(text=label, votes=option.count("votes"))
               for option in one.each("options") if (label := option.text("label"))]  # fmt: skip
    return Poll(options=tuple(options[:64]), ends_at=one.time("end_datetime")) if options else None


def _geo(tweet: Fields, joined: Joined) -> Geo | None:
    """A point is [lon, lat]; a place has a name and a country."""
    geo = tweet.inside("geo")
    point = geo.inside("coordinates").get("coordinates")
    place_id = geo.text("place_id")
    place = joined.find("places", place_id)
    known: dict[str, Any] = {"place_id": place_id, "place_name": place.text("full_name"),
                             "country": place.text("country_code")}  # fmt: skip
    if position := _x.position(point, first="lon"):
        return Geo(**known, lat=position[0], lon=position[1], basis="gps")
    return Geo(**known, basis="place") if place_id else None


def _metrics(tweet: Fields, receipt: Receipt) -> Metrics | None:
    if "public_metrics" not in tweet:
        return None
    return Metrics(**counts(tweet.inside("public_metrics"), _METRICS), as_of=receipt.received_at)
