"""The small structures inside a post."""

from typing import Annotated

from msgspec import Meta

from schemas.record import Count, Millis, Name, Record, Uid, Url
from schemas.vocabulary import ContainerKind, GeoBasis, MediaKind


class Source(Record, frozen=True, kw_only=True):
    """Who fetched the post, and by which rule."""

    collector: Name
    account_id: Name | None = None
    rule_ids: Annotated[tuple[Name, ...], Meta(max_length=256)] = ()
    vendor: Name | None = None


class Container(Record, frozen=True, kw_only=True):
    """The place a post hangs in: a subreddit, a video, a call ticket."""

    kind: ContainerKind
    id: Name
    name: Name | None = None
    url: Url | None = None


class RefPost(Record, frozen=True, kw_only=True):
    """An embedded original: retweeted_status, reblog, quoted post."""

    uid: Uid
    author_key: Uid | None = None
    text: Annotated[str, Meta(max_length=2_000)] = ""
    event_time: Millis | None = None


class Mention(Record, frozen=True, kw_only=True):
    """An account named in the text."""

    author_key: Uid | None = None
    handle: Name | None = None
    name: Name | None = None


class Link(Record, frozen=True, kw_only=True):
    """A link in the text; never fetched."""

    url: Url
    expanded_url: Url | None = None
    title: Name | None = None


class Annotation(Record, frozen=True, kw_only=True):
    """What the source's own classifier says."""

    scheme: Name
    id: Name
    name: Name | None = None
    score: float | None = None


class Media(Record, frozen=True, kw_only=True):
    """An attached picture, video or file; sizes in pixels, milliseconds and bytes."""

    type: MediaKind
    url: Url | None = None
    preview_url: Url | None = None
    alt: Annotated[str, Meta(max_length=4_096)] | None = None
    width: Count | None = None
    height: Count | None = None
    duration_ms: Count | None = None
    mime: Name | None = None
    bytes: Count | None = None


class PollOption(Record, frozen=True, kw_only=True):
    """One answer of a poll."""

    text: Name
    votes: Count | None = None


class Poll(Record, frozen=True, kw_only=True):
    """A poll as it stood when collected."""

    options: Annotated[tuple[PollOption, ...], Meta(max_length=64)]
    ends_at: Millis | None = None


class Geo(Record, frozen=True, kw_only=True):
    """Where; WGS-84 degrees. ``basis`` says how much to believe it."""

    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None
    accuracy_m: Annotated[float, Meta(ge=0)] | None = None
    place_id: Name | None = None
    place_name: Name | None = None
    country: Name | None = None  # ISO 3166-1
    region: Name | None = None  # ISO 3166-2 or the source's words
    basis: GeoBasis


class Metrics(Record, frozen=True, kw_only=True):
    """Engagement counted by the platform at ``as_of``: a snapshot, not a difference."""

    likes: Count | None = None
    dislikes: Count | None = None
    reposts: Count | None = None
    replies: Count | None = None
    quotes: Count | None = None
    views: Count | None = None
    bookmarks: Count | None = None
    score: int | None = None
    upvote_ratio: Annotated[float, Meta(ge=0, le=1)] | None = None
    as_of: Millis | None = None


class Rating(Record, frozen=True, kw_only=True):
    """Stars of a review, on its own scale."""

    value: float
    min: float
    max: float
