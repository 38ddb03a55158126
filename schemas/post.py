"""The canonical post: what every channel is turned into, on ``social.posts.v1``; and the Tick that says time passes."""

from typing import Annotated, Any, ClassVar

from msgspec import Meta, field

from schemas.author import Author
from schemas.post_parts import Annotation, Container, Geo, Link, Media, Mention, Metrics, Poll, Rating, RefPost, Source
from schemas.record import Body, Millis, Name, Record, Uid, Url
from schemas.vocabulary import Channel, Platform, PostKind, PostOp, TextFormat, TimeBasis, Visibility

MAX_LIST = 256
Tags = Annotated[tuple[Name, ...], Meta(max_length=MAX_LIST)]
Uids = Annotated[tuple[Uid, ...], Meta(max_length=MAX_LIST)]


class SocialPost(Record, frozen=True, kw_only=True):
    """One post, comment, message, review, article or transcript; or news about one (``op``). Keyed by author_key.

    Times are milliseconds UTC. ``revision`` grows with every edit of the same ``post_uid``. ``collected_at`` is the
    collector's clock; the broker's append time says when we received it.
    """

    VERSION: ClassVar[int] = 1

    schema_version: Annotated[int, Meta(ge=1, le=1)] = 1
    op: PostOp = "create"
    post_uid: Uid  # platform:native_id
    native_id: Name | None = None
    url: Url | None = None
    platform: Platform
    channel: Channel
    kind: PostKind = "post"
    source: Source | None = None
    author: Author | None = None
    title: Name | None = None
    spoiler_text: Body | None = None
    text: Body = ""
    text_raw: Body | None = None
    text_format: TextFormat | None = None
    text_truncated: bool = False
    lang: Name | None = None  # BCP-47, the source's claim
    langs: Tags = ()
    conversation_uid: Uid | None = None
    in_reply_to_uid: Uid | None = None
    in_reply_to_author_key: Uid | None = None
    repost_of_uid: Uid | None = None
    quote_of_uid: Uid | None = None
    container: Container | None = None
    ref_posts: Annotated[tuple[RefPost, ...], Meta(max_length=MAX_LIST)] = ()
    hashtags: Tags = ()  # without '#'
    cashtags: Tags = ()
    mentions: Annotated[tuple[Mention, ...], Meta(max_length=MAX_LIST)] = ()
    links: Annotated[tuple[Link, ...], Meta(max_length=MAX_LIST)] = ()
    brands: Tags = ()  # the source's tags; ours are derived
    products: Tags = ()
    campaigns: Tags = ()
    annotations: Annotated[tuple[Annotation, ...], Meta(max_length=MAX_LIST)] = ()
    media: Annotated[tuple[Media, ...], Meta(max_length=32)] = ()
    poll: Poll | None = None
    geo: Geo | None = None
    metrics: Metrics | None = None
    rating: Rating | None = None
    visibility: Visibility = "public"
    sensitive: bool = False
    withheld_countries: Tags = ()
    client_app: Name | None = None
    event_time: Millis
    event_time_basis: TimeBasis = "source"
    edited_at: Millis | None = None
    deleted_at: Millis | None = None
    revision: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    prior_uids: Uids = ()
    collected_at: Millis | None = None
    raw_sha256: Name | None = None
    raw: bytes | None = None
    extra: dict[str, Any] = field(default_factory=dict)


class Tick(Record, frozen=True, kw_only=True, tag_field="type", tag="tick"):
    """Time has reached ``at`` in this partition although no post says so; from an idle owner or a feeder.

    ``ended``: when the last post of a feed from a file was written. Time goes on so that incidents settle, but that
    nobody is named any more says nothing about the brands.
    """

    at: Millis
    ended: Millis | None = None
