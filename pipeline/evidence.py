"""Which posts a page quotes: the first, the most severe, the most widely read, the most negative."""

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from schemas.brand_log import Evidence
from schemas.vocabulary import EvidenceReason

KEPT = 2  # posts for each reason

_RANKS: tuple[tuple[EvidenceReason, Callable[[Evidence], float]], ...] = (
    ("first", lambda post: post.at),
    ("most_severe", lambda post: -post.severity),
    ("most_reach", lambda post: -post.reach),
    ("most_negative", lambda post: post.polarity),
)


def best(posts: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """At most eight posts, each once, in order of time; ties go to the earlier post, then the lower address."""
    unique = {post.post_uid: post for post in sorted(posts, key=_address, reverse=True)}
    chosen: dict[str, Evidence] = {}
    for why, rank in _RANKS:
        left = [post for uid, post in unique.items() if uid not in chosen]
        for post in sorted(left, key=lambda post: (rank(post), *_address(post)))[:KEPT]:
            chosen[post.post_uid] = replace(post, why=why)
    return tuple(sorted(chosen.values(), key=_address))


def _address(post: Evidence) -> tuple[int, int, int]:
    return post.at, post.partition, post.offset
