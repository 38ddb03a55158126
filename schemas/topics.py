"""The topic catalogue: every topic, what is on it, how it is keyed and kept."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

import msgspec

from schemas.alert import Alert, Delivery, Page
from schemas.brand_log import Bundle
from schemas.cascade import Cascade
from schemas.command import Command
from schemas.cursor import Cursor
from schemas.decision import Decision
from schemas.dispatch import Letter, Mark
from schemas.drill import DrillPost
from schemas.endorsement import Endorsements, InfluenceScore, Standing, Subjects, Voice
from schemas.finding import Finding
from schemas.identity import Identity
from schemas.interaction import Interaction, Tombstone
from schemas.minute import Minute
from schemas.post import SocialPost, Tick
from schemas.rejected import Rejected
from schemas.rules_change import RulesChange
from schemas.signal import Signal
from schemas.withdrawal import Withdrawal

DAY_MS = 86_400_000
Family = Literal["posts", "brand", "interactions"]  # topics of one family have equal partition counts


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. ``records`` are the types its values may have; ``framing`` says how many a value holds."""

    name: str
    records: tuple[type[msgspec.Struct], ...]
    keyed_by: str
    family: Family
    about: str
    retention_ms: int | None = 7 * DAY_MS  # None: kept for ever (compacted)
    compacted: bool = False
    framing: Literal["json", "ndjson", "bytes"] = "json"
    config: dict[str, str] = field(default_factory=dict)


DLQ = ".dlq"  # how topics of dead letters end
_MAX_BYTES = "16777216"  # a huge record must reach the dead letters, not stop its producer
_SEGMENT_BYTES = "67108864"  # Kafka never compacts the newest, 1 GB by default, and a restore reads all that is there

POSTS = Topic(
    "social.posts.v1", (SocialPost, Tick, Withdrawal, Voice, DrillPost), "author_key, or conversation_uid", "posts",
    "Canonical posts of all channels, ticks of idle partitions, withdrawals, who is influential, and drills.",
    config={"message.timestamp.type": "LogAppendTime", "max.message.bytes": _MAX_BYTES},
)  # fmt: skip
POSTS_DLQ = Topic(
    "social.posts.v1.dlq", (Rejected,), "key of the bad record", "posts",
    "Records of social.posts.v1 that could not be used: original bytes (capped), reason in the headers.",
    retention_ms=14 * DAY_MS, framing="bytes",
)  # fmt: skip
INTERACTIONS = Topic(
    "social.interactions.v1", (Interaction, Standing), "actor's author_key, else target_author_key", "interactions",
    "Likes, reposts, follows, views and the rest, and the standing of accounts that others endorse.",
    config={"message.timestamp.type": "LogAppendTime", "max.message.bytes": _MAX_BYTES},
)  # fmt: skip
INTERACTIONS_DLQ = Topic(
    "social.interactions.v1.dlq", (Rejected,), "key of the bad record", "interactions",
    "Records of social.interactions.v1 that could not be used.", retention_ms=14 * DAY_MS, framing="bytes",
)  # fmt: skip
ENDORSEMENTS = Topic(
    "social.endorsements.v1", (Endorsements, Subjects), "source partition; by the author's", "interactions",
    "What interactions are worth, in blocks from each partition of actors to each of authors; what posts are about.",
    config={"max.message.bytes": _MAX_BYTES},
)  # fmt: skip
ENDORSEMENTS_DLQ = Topic(
    "social.endorsements.v1.dlq", (Rejected,), "key of the bad record", "interactions",
    "Unreadable records of the endorsements.", retention_ms=14 * DAY_MS, framing="bytes",
)  # fmt: skip
INFLUENCE = Topic(
    "social.influence.v1", (InfluenceScore,), "author_key/brand/topic", "interactions",
    "Scores of authors, in brands and topics too, as they rise; the last of each stays.",
    retention_ms=None, compacted=True,
)  # fmt: skip
CASCADES = Topic(
    "social.cascades.v1", (Cascade,), "root; by its author's partition", "interactions",
    "How far the reposts of each root have come, how far they are expected to go, and how far they went.",
    retention_ms=30 * DAY_MS,
)  # fmt: skip
TOMBSTONES = Topic(
    "social.tombstones.v1", (Tombstone,), "subject", "posts", "What must be forgotten.",
    retention_ms=None, compacted=True,
)  # fmt: skip
TOMBSTONES_DLQ = Topic(
    "social.tombstones.v1.dlq", (Rejected,), "key of the bad record", "posts",
    "Unreadable records of the tombstones.", retention_ms=14 * DAY_MS, framing="bytes",
)  # fmt: skip
IDENTITIES = Topic(
    "social.identities.v1", (Identity,), "author_key", "posts",
    "Who is behind a pseudonym. Restricted: no other topic but the raw ones names accounts.",
    retention_ms=DAY_MS,
)  # fmt: skip
SIGNALS = Topic(
    "social.signals.v1", (Signal,), "none; partition of the post", "posts",
    "Understood posts in blocks: newline-delimited JSON, inserted into ClickHouse as they are.", framing="ndjson",
)  # fmt: skip
BRAND_LOG = Topic(
    "social.brand-log.v1",
    (Bundle, Delivery, Command, RulesChange, Withdrawal), "brand; bundles by source; rules", "brand",
    "Everything that decides alerts for a brand. Its partition count is fixed for life.", retention_ms=30 * DAY_MS,
    config={"message.timestamp.type": "LogAppendTime", "max.message.bytes": _MAX_BYTES},
)  # fmt: skip
MINUTES = Topic("social.minutes.v1", (Minute,), "brand", "brand", "Closed minutes with what was expected.")
FINDINGS = Topic(
    "social.findings.v1", (Finding,), "brand", "brand", "Detectors over their threshold, and posts that do not wait."
)
ALERTS = Topic("social.alerts.v1", (Alert,), "brand", "brand", "The life of incidents.", retention_ms=90 * DAY_MS)
SHADOW_ALERTS = Topic(
    "social.alerts.shadow.v1",
    (Alert,),
    "brand",
    "brand",
    "The life of incidents as shadow rules would have it: paged means would have paged.",
)
PAGES = Topic("social.pages.v1", (Page,), "brand", "brand", "What responders get.", retention_ms=30 * DAY_MS)
PAGES_DLQ = Topic(
    "social.pages.v1.dlq", (Rejected,), "key of the bad record", "brand",
    "Pages that a target did not take in time, and unreadable ones.", retention_ms=14 * DAY_MS, framing="bytes",
)  # fmt: skip
PAGE_STATE = Topic(
    "tocsin.page.state.v1", (Letter, Mark), "page, or page and target", "brand",
    "The outbox of the page stage: pages that are on their way, and how far each is with each target.",
    retention_ms=None, compacted=True, config={"max.message.bytes": _MAX_BYTES},
)  # fmt: skip
DECISIONS = Topic(
    "social.decisions.v1", (Decision,), "brand", "brand", "Why somebody was paged or was not.",
    retention_ms=30 * DAY_MS,
)  # fmt: skip
STORE_DLQ = Topic(
    "tocsin.store.v1.dlq", (Rejected,), "none", "posts", "Rows that ClickHouse refused, of any table.",
    retention_ms=14 * DAY_MS, framing="bytes",
)  # fmt: skip

BRAND_LOG_DLQ = Topic(
    "social.brand-log.v1.dlq", (Rejected,), "key of the bad record", "brand", "Unreadable records of the brand log.",
    retention_ms=14 * DAY_MS, framing="bytes",
)  # fmt: skip


def state_topic(stage: str, family: Family) -> Topic:
    """The compacted topic that holds the checkpoints of ``stage``; as many partitions as the stage's input."""
    return Topic(
        f"tocsin.{stage}.state.v1", (), "block version or manifest", family, f"Checkpoints of the {stage} stage.",
        retention_ms=None, compacted=True, framing="bytes",
        config={"max.message.bytes": _MAX_BYTES, "segment.bytes": _SEGMENT_BYTES},
    )  # fmt: skip


FORGET_STATE = state_topic("forget", "posts")
LISTEN_STATE = state_topic("listen", "posts")
WATCH_STATE = state_topic("watch", "brand")
ENDORSE_STATE = state_topic("endorse", "interactions")
INFLUENCE_STATE = state_topic("influence", "interactions")
SPREAD_STATE = state_topic("spread", "interactions")
WATCH_KEPT = Topic(
    "tocsin.watch.kept.v1", (), "block or manifest of a full checkpoint", "brand",
    "One full checkpoint of the watch stage a day, where `tocsin verify` may begin; kept as long as the brand log.",
    retention_ms=BRAND_LOG.retention_ms, framing="bytes", config={"max.message.bytes": _MAX_BYTES},
)  # fmt: skip

COLLECT_STATE = Topic(
    "tocsin.collect.state.v1", (Cursor,), "source/stream", "posts", "Where each stream of a collector goes on.",
    retention_ms=None, compacted=True,
)  # fmt: skip

TOPICS: tuple[Topic, ...] = (
    POSTS, POSTS_DLQ, INTERACTIONS, INTERACTIONS_DLQ, ENDORSEMENTS, ENDORSEMENTS_DLQ, INFLUENCE, CASCADES, TOMBSTONES,
    TOMBSTONES_DLQ, IDENTITIES, SIGNALS, STORE_DLQ, BRAND_LOG, BRAND_LOG_DLQ, MINUTES, FINDINGS, ALERTS,
    SHADOW_ALERTS, PAGES, PAGES_DLQ, DECISIONS, WATCH_KEPT, FORGET_STATE, LISTEN_STATE, ENDORSE_STATE, INFLUENCE_STATE,
    SPREAD_STATE, WATCH_STATE, PAGE_STATE, COLLECT_STATE,
)  # fmt: skip


def raw(source: str) -> Topic:
    """What a source sends, as it sends it, and nothing else: restricted, because it names accounts."""
    return Topic(
        f"social.raw.{source}.v1", (), "anything of the source's that stays together, such as a post's id", "posts",
        f"Payloads of {source} as they came.", framing="bytes",
        config={"message.timestamp.type": "LogAppendTime", "max.message.bytes": _MAX_BYTES},
    )  # fmt: skip


def raw_dlq(source: str) -> Topic:
    """The dead letters of a raw topic; as restricted."""
    return Topic(
        f"{raw(source).name}{DLQ}", (Rejected,), "key of the bad record", "posts",
        f"Payloads of {source} of which no record can be made.", framing="bytes",
    )  # fmt: skip


def adapt_state(source: str) -> Topic:
    """The checkpoints of the stage that adapts a source."""
    return state_topic(f"adapt-{source}", "posts")


def catalogue(sources: Iterable[str]) -> tuple[Topic, ...]:
    """All topics of an installation that adapts these sources."""
    of_sources = [(raw(one), raw_dlq(one), adapt_state(one)) for one in sources]
    return (*TOPICS, *chain.from_iterable(of_sources))
