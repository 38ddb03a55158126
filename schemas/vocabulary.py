"""The closed vocabularies of the canonical records; an unknown word is a rejected record."""

from typing import Literal

Platform = Literal[
    "x", "weibo", "wechat", "bluesky", "mastodon", "reddit", "youtube", "facebook", "instagram", "douyin",
    "xiaohongshu", "bilibili", "zhihu", "blog", "news", "forum", "call_centre", "email", "webchat", "appstore", "other",
]  # fmt: skip
Channel = Literal["microblog", "messaging", "forum", "video", "blog", "news", "review", "call", "email"]
PostKind = Literal["post", "comment", "reply", "repost", "quote", "message", "review", "article", "transcript"]
PostOp = Literal["create", "update", "delete", "undelete", "withhold", "drop", "undrop", "scrub_geo"]
TextFormat = Literal["plain", "html", "markdown", "xml"]
TimeBasis = Literal["source", "platform_receive", "collected", "estimated"]
Visibility = Literal["public", "unlisted", "followers", "direct", "private"]
ContainerKind = Literal["subreddit", "video", "super_topic", "article", "group", "ticket"]
MediaKind = Literal["image", "video", "audio", "gif", "live_photo", "file"]
GeoBasis = Literal["gps", "place", "ip", "profile"]
AuthorKind = Literal[
    "person", "brand_owned", "brand_other", "media", "government", "creator", "bot", "employee", "unknown",
]  # fmt: skip
VerifiedKind = Literal["none", "personal", "organisation", "government", "media", "paid"]

InteractionType = Literal[
    "like", "reaction", "dislike", "repost", "quote", "reply", "mention", "follow", "block", "mute", "bookmark",
    "share", "view", "click", "vote", "rate", "save", "join", "report", "message", "call", "email_open",
    "purchase_intent", "purchase", "other",
]  # fmt: skip
# Interactions that may endorse somebody, in this order for ever: records and checkpoints hold places, from 1 on.
ENDORSING: tuple[InteractionType, ...] = (
    "repost", "share", "quote", "reply", "mention", "follow", "like", "reaction", "bookmark", "save",
)  # fmt: skip
InteractionOp = Literal["create", "delete"]
InteractionBasis = Literal["event", "snapshot_delta"]
TargetKind = Literal["post", "account", "container", "campaign"]
TombstoneOp = Literal["delete_post", "delete_author", "scrub_geo", "withhold", "protect", "suspend", "undo"]
TombstoneReason = Literal["platform", "gdpr", "pipl", "operator"]

Language = Literal["zh-Hans", "zh-Hant", "en", "other"]
Sentiment = Literal["neg", "neu", "pos"]
Category = Literal["product_quality", "delivery", "service", "billing_price", "safety", "other"]
Intent = Literal["purchase", "repurchase", "churn", "help_question", "recommend", "none"]

Severity = Literal["info", "warning", "error", "critical"]  # PagerDuty's four words
AlertEvent = Literal["opened", "updated", "escalated", "acknowledged", "resolved"]
RulesScope = Literal["pages", "shadow"]  # shadow: judged beside the others, wakes nobody
PageAction = Literal["trigger", "acknowledge", "resolve"]
CommandKind = Literal["ack", "silence", "unsilence", "resolve", "note", "maintenance"]
DecisionOutcome = Literal["paged", "not_paged", "resolved", "applied", "ignored"]
PageReason = Literal["first", "escalated", "unacknowledged", "silence_ended"]
QuietReason = Literal[
    "below_threshold", "campaign", "attention_only", "facet_only", "too_few_authors", "already_paged", "acknowledged",
    "silenced", "maintenance", "recovering", "relapsed", "inhibited", "held",
]  # fmt: skip
EndReason = Literal["quiet", "idle", "too_long", "resolved_by"]
CommandReason = Literal[
    "commanded", "unknown_brand", "every_brand", "no_open_incident", "other_incident", "no_such_silence",
    "no_end", "over", "too_long_ahead", "too_many",
]  # fmt: skip
DecisionReason = PageReason | QuietReason | EndReason | CommandReason
DeliveryStatus = Literal["retrying", "delivered", "refused", "gave_up", "not_needed"]
LegStatus = Literal["waiting", "delivered", "refused", "gave_up", "not_needed"]  # all but the first are for good
EvidenceReason = Literal[
    "first", "most_spread", "most_severe", "most_typical", "most_reach", "most_negative", "most_influential"
]
Measure = Literal["posts", "negatives", "complaints", "critical"]  # what an incident's level counts
RejectReason = Literal[
    "empty", "invalid_json", "invalid_unicode", "not_an_object", "missing_field", "wrong_type", "unknown_word",
    "too_long", "out_of_range", "unsupported_schema", "too_deep", "future_timestamp", "insert_refused",
    "invalid_xml", "other_format", "irrelevant", "adapter_failed", "undelivered",
]  # fmt: skip
