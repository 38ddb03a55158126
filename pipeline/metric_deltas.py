"""Two snapshots of a post's counts become the interactions that happened between them."""

from pipeline.channels._base import named
from schemas.interaction import Interaction
from schemas.post import SocialPost
from schemas.post_parts import Metrics
from schemas.vocabulary import InteractionType

_TYPES: dict[str, InteractionType] = {
    "likes": "like", "dislikes": "dislike", "reposts": "repost", "replies": "reply", "quotes": "quote",
    "views": "view", "bookmarks": "bookmark",
}  # fmt: skip


def snapshot_deltas(before: Metrics, after: SocialPost) -> list[Interaction]:
    """One interaction of basis ``snapshot_delta`` per count that has grown since ``before``.

    The older snapshot comes from the same post. A count that is unknown in either, or has fallen, tells nothing: likes
    that are taken back cannot be told from likes that the platform has purged. Equal snapshots give equal uids, so a
    snapshot that comes again adds nothing.
    """
    now = after.metrics
    if now is None or now.as_of is None or before.as_of is None or now.as_of <= before.as_of:
        return []
    return [
        Interaction(
            interaction_uid=_uid(after, kind, before.as_of, now.as_of), type=kind, count=grown, basis="snapshot_delta",
            target_uid=after.post_uid, target_author_key=after.author.author_key if after.author else None,
            platform=after.platform, channel=after.channel, source=after.source, event_time=now.as_of,
            event_time_basis="estimated", collected_at=after.collected_at,
        )
        for name, kind in _TYPES.items()
        if (grown := _grown(getattr(before, name), getattr(now, name))) > 0
    ]  # fmt: skip


def _grown(before: int | None, after: int | None) -> int:
    return after - before if before is not None and after is not None else 0


def _uid(post: SocialPost, kind: InteractionType, since: int, until: int) -> str:
    return named("delta", f"{post.post_uid}:{kind}:{since}-{until}")
