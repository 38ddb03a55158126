"""What listen understood of one post that names a brand: one row of ``signals``."""

from typing import Annotated, ClassVar

from msgspec import Meta

from schemas.record import Body, Count, Millis, Name, Offset, Partition, Polarity, Record, Score, Uid, Url
from schemas.vocabulary import Category, Channel, Intent, Language, Platform, PostKind, Sentiment

Names = Annotated[tuple[Name, ...], Meta(max_length=256)]


class Signal(Record, frozen=True, kw_only=True, omit_defaults=False):
    """One understood post. Fields are the columns of ``signals``; the highest ``revision`` of a post_uid counts.

    ``deleted`` = 1 withdraws the post: text and url are empty then. ``source_partition`` and ``source_offset`` address
    it on ``social.posts.v1``. ``fingerprint`` is that of the text, or of the text that a repost passes on: equal for
    copies, a few bits apart for near copies, 0 for a post without words.
    """

    VERSION: ClassVar[int] = 1

    post_uid: Uid
    revision: Count  # grows with every edit
    deleted: Annotated[int, Meta(ge=0, le=1)] = 0  # 1 withdraws the post
    event_time: Millis
    platform: Platform
    channel: Channel
    kind: PostKind
    author_key: Name  # pseudonym of the account
    brands: Names  # ids of the watch list, as those of the parts below
    products: Names
    regions: Names
    campaigns: Names
    lang: Language
    sentiment: Sentiment
    polarity: Polarity
    complaint_p: Score
    category: Category
    severity: Annotated[int, Meta(ge=0, le=3)]  # 3 = injury, danger, fraud, legal
    intent: Intent
    reach: Count  # followers of the author; 0 where unknown
    text: Body
    url: Url
    source_partition: Partition  # of the post on social.posts.v1
    source_offset: Offset  # there
    fingerprint: Count = 0  # of the text: equal for copies, a few bits apart for near copies
    repost_of: Name = ""  # post_uid
    suspicion: Score = 0.0  # how much the account behaves like one that is run in bulk
    influence: Annotated[float, Meta(ge=0)] = (
        0.0  # lasting score of the author when it was read, or of its like; 0: unknown
    )
