"""Which posts an alert quotes, and why: the first, the most spread, the gravest, by the most influential..."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec.structs import replace

from pipeline.clusters import MEASURES, accounts, nearest
from pipeline.text.fingerprint import BITS, near
from schemas.brand_log import Cluster, Evidence
from schemas.vocabulary import EvidenceReason, Measure

KEPT = 3  # posts for each reason that can be told from the post alone
QUOTED = 2  # posts for each reason in an alert
LEAST = 5  # posts that an alert quotes where so many texts are known; typical ones fill up

Rank = Callable[[Evidence], int | None]  # the lowest is quoted; None: it is not worth quoting for this reason

_ALONE: Mapping[EvidenceReason, Rank] = {
    "first": lambda post: post.at,
    "most_severe": lambda post: -post.severity,
    "most_influential": lambda post: -round(post.influence * 1_000) if post.influence else None,
    "most_reach": lambda post: -post.reach,
}
_ORDER: tuple[EvidenceReason, ...] = (
    "first",
    "most_spread",
    "most_severe",
    "most_influential",
    "most_typical",
    "most_reach",
)


def best(posts: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """At most twelve posts of different texts, in order of time; ties go to the earlier, then the lower address."""
    chosen = _Choice(posts)
    for why, rank in _ALONE.items():
        chosen.take(why, rank, KEPT)
    return tuple(sorted(chosen.posts, key=_address))


def quoted(posts: Iterable[Evidence], clusters: Sequence[Cluster], measure: Measure) -> tuple[Evidence, ...]:
    """Five to twelve posts of different texts, the most telling of each reason first, then the second of each.

    ``posts`` are what ``best`` kept, ``clusters`` the texts of the incident. Praise is quoted only where ``measure`` is
    posts. A post of which there are copies says how many.
    """
    index, held = MEASURES.index(measure), {cluster.fingerprint: cluster for cluster in clusters}
    shown = [cluster.post for cluster in clusters if cluster.post]
    chosen = _Choice(post for post in (*posts, *shown) if post.complaint or not index)
    ranks = {**_ALONE, "most_spread": _spread(held), "most_typical": _typical(clusters, index)}
    for why in _ORDER:
        chosen.take(why, ranks[why], QUOTED)
    chosen.take("most_typical", ranks["most_typical"], max(LEAST - len(chosen.posts), 0))
    turns = sorted(enumerate(chosen.posts), key=lambda item: (chosen.turns[item[0]], _ORDER.index(item[1].why)))
    return tuple(_counted(post, held) for _, post in turns)


class _Choice:
    """Posts chosen so far, one of each text, each for the first reason that asked for it."""

    def __init__(self, posts: Iterable[Evidence]) -> None:
        self.posts: list[Evidence] = []
        self.turns: list[int] = []  # whether it was the first, second... for its reason
        self._left = list({post.post_uid: post for post in sorted(posts, key=_address, reverse=True)}.values())

    def take(self, why: EvidenceReason, rank: Rank, number: int) -> None:
        """Choose the ``number`` posts that rank lowest."""
        ranked = [(place, post) for post in self._left if (place := rank(post)) is not None]
        taken = 0
        for _, post in sorted(ranked, key=lambda item: (item[0], _address(item[1]))):
            if taken == number:
                return
            if not any(near(post.fingerprint, other.fingerprint) for other in self.posts):
                self.posts.append(replace(post, why=why))
                self.turns.append(taken)
                self._left.remove(post)
                taken += 1


def _spread(held: dict[int, Cluster]) -> Rank:
    """By the posts of a text, of which there must be two."""

    def rank(post: Evidence) -> int | None:
        cluster = nearest(post.fingerprint, held)
        return -cluster.counts[0] if cluster and cluster.counts[0] > 1 else None

    return rank


def _typical(clusters: Sequence[Cluster], index: int) -> Rank:
    """By how near the words are to the centre of all texts, each of which weighs as many as it counts.

    The bits of a SimHash are the signs of a sum over words; votes for each bit stand for the sum over all texts.
    """
    votes = [0] * BITS
    for cluster in clusters:
        weight, mark = cluster.counts[index], cluster.fingerprint
        if weight and mark:
            votes = [vote + (weight if mark >> bit & 1 else -weight) for bit, vote in enumerate(votes)]

    def rank(post: Evidence) -> int | None:
        mark = post.fingerprint
        return -sum(vote if mark >> bit & 1 else -vote for bit, vote in enumerate(votes)) if mark else None

    return rank


def _counted(post: Evidence, held: dict[int, Cluster]) -> Evidence:
    cluster = nearest(post.fingerprint, held)
    if cluster is None or cluster.counts[0] < 2:  # noqa: PLR2004  # itself and a copy
        return post
    return replace(post, copies=cluster.counts[0] - 1, accounts=accounts(cluster))


def _address(post: Evidence) -> tuple[int, int, int]:
    return post.at, post.partition, post.offset
