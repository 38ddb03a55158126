"""Which texts are posted most, in bounded memory: Space-Saving (Metwally et al., 2005) over near copies and reposts."""

from bisect import insort
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from pipeline.sketch import distinct_of
from pipeline.text.fingerprint import NEAR
from schemas.brand_log import Cluster, Counts, Evidence
from schemas.signal import Signal

FOLLOWED = 24  # texts of a minute; one that is more than a 24th of its posts in one partition is never missed
AUTHORS = 16  # hashes kept of each text; the standard error above it is about 27 %
SHOWN = 2  # texts whose post is kept once the minute has ended, by complaints, and as many by posts
BUSY = 8  # posts of a minute in one partition
MEASURES = ("posts", "negatives", "complaints", "critical")
COMPLAINTS = MEASURES.index("complaints")


def measured(counts: Counts) -> list[int]:
    """Counts in the order of ``MEASURES``."""
    return [counts.posts, counts.negatives, counts.complaints, counts.critical]


def preferred(one: Evidence | None, other: Evidence | None) -> Evidence | None:
    """Which of two posts shows their text: no repost if there is a choice, else the earlier one."""
    if one is None or other is None:
        return one or other
    return min(one, other, key=lambda post: (bool(post.repost_of), post.at, post.partition, post.offset))


def nearest(fingerprint: int, held: dict[int, Cluster]) -> Cluster | None:
    """The cluster of a text: that of its copies, else the first of near copies."""
    exact = held.get(fingerprint)
    if exact is not None:
        return exact
    for known, cluster in held.items():
        if (known ^ fingerprint).bit_count() <= NEAR:
            return cluster
    return None


class Clusters:
    """The texts of one minute in one posts partition, in the order in which they came to be followed.

    A new text takes the place of the rarest one and may have been seen as often before: that many are ``unseen``, and
    what is counted is certain. ``quote`` makes a quote of a post, which few of those that are kept come to need.
    """

    __slots__ = ("_held", "_quote", "_shown")

    def __init__(self, quote: Callable[[Signal], Evidence], held: Iterable[Cluster] = ()) -> None:
        self._quote = quote
        self._held = {cluster.fingerprint: cluster for cluster in held}
        self._shown: dict[int, Signal] = {}  # by text, the post that shows it, where that is no quote yet

    def add(self, signal: Signal, one: Counts, author: int) -> None:
        """Count a post, ``author`` being the hash of its author. One without words is of no text."""
        if not signal.fingerprint:
            return
        cluster = nearest(signal.fingerprint, self._held) or self._follow(signal)
        counts, authors, repost = cluster.counts, cluster.authors, bool(signal.repost_of)
        counts[0] += 1
        if one.negatives or one.complaints:
            counts[1] += one.negatives
            counts[2] += one.complaints
            counts[3] += one.critical
        cluster.first = min(cluster.first, signal.event_time)
        cluster.reposts += repost
        if author not in authors:
            insort(authors, author)
            del authors[AUTHORS:]
        shown = self._shown.get(cluster.fingerprint) or cluster.post
        if shown is None or (shown.repost_of and not repost):
            self._shown[cluster.fingerprint] = signal

    def _follow(self, signal: Signal) -> Cluster:
        unseen = 0
        if len(self._held) >= FOLLOWED:
            rarest = min(self._held.values(), key=lambda cluster: cluster.counts[0] + cluster.unseen)
            unseen = rarest.counts[0] + rarest.unseen
            del self._held[rarest.fingerprint]
            self._shown.pop(rarest.fingerprint, None)
        cluster = Cluster(signal.fingerprint, signal.event_time, [0] * len(MEASURES), 0, unseen, [])
        self._held[signal.fingerprint] = cluster
        return cluster

    def quotes(self) -> Iterator[Evidence | Signal]:
        """The posts that show the texts."""
        yield from self._shown.values()
        yield from (cluster.post for cluster in self._held.values() if cluster.post)

    def forget(self, withdrawn: Callable[[Evidence | Signal], bool]) -> None:
        """Show no post any more that is ``withdrawn``; what was counted stays."""
        self._shown = {text: signal for text, signal in self._shown.items() if not withdrawn(signal)}
        unquote(self._held.values(), withdrawn)

    def seal(self, quoted: Collection[str]) -> None:
        """Keep the posts of the few largest only: nothing will be added.

        Those that are ``quoted`` anyway, by their post_uid, are not kept twice; nor is, in a minute with little talk, a
        single post that does not complain. A brand log is mostly quotes.
        """
        held = self._held.values()
        busy = sum(cluster.counts[0] for cluster in held) >= BUSY
        largest = {
            cluster.fingerprint
            for index in (0, COMPLAINTS)
            for cluster in sorted(held, key=lambda cluster: -cluster.counts[index])[:SHOWN]
            if busy or cluster.counts[0] > 1 or cluster.counts[1] or cluster.counts[COMPLAINTS]
        }
        self._shown = {
            text: signal for text, signal in self._shown.items() if text in largest and signal.post_uid not in quoted
        }
        for cluster in held:
            if cluster.post and (cluster.fingerprint not in largest or cluster.post.post_uid in quoted):
                cluster.post = None

    def all(self) -> tuple[Cluster, ...]:
        """Everything followed."""
        for text, signal in self._shown.items():
            self._held[text].post = self._quote(signal)
        self._shown = {}
        return tuple(self._held.values())


def merged(parts: Iterable[Sequence[Cluster]], size: int) -> tuple[Cluster, ...]:
    """The ``size`` largest texts of several minutes or partitions, largest first. The order of the parts matters."""
    held: dict[int, Cluster] = {}
    for part in parts:
        for cluster in part:
            known = nearest(cluster.fingerprint, held)
            if known is None:
                held[cluster.fingerprint] = _copy(cluster)
            else:
                _unite(known, cluster)
    return tuple(sorted(held.values(), key=lambda one: (-one.counts[0], one.first, one.fingerprint))[:size])


def unquote(clusters: Iterable[Cluster], withdrawn: Callable[[Evidence], bool]) -> None:
    """Let no cluster show a post that is ``withdrawn``."""
    for cluster in clusters:
        if cluster.post and withdrawn(cluster.post):
            cluster.post = None


def accounts(cluster: Cluster) -> int:
    """Distinct authors, estimated from ``AUTHORS`` on and then at most the posts."""
    return min(distinct_of(cluster.authors, AUTHORS), cluster.counts[0])


def _copy(cluster: Cluster) -> Cluster:
    return Cluster(
        cluster.fingerprint, cluster.first, list(cluster.counts), cluster.reposts, cluster.unseen,
        list(cluster.authors), cluster.post,
    )  # fmt: skip


def _unite(one: Cluster, other: Cluster) -> None:
    one.first = min(one.first, other.first)
    one.counts = [mine + its for mine, its in zip(one.counts, other.counts, strict=True)]
    one.reposts += other.reposts
    one.unseen += other.unseen
    one.authors = sorted({*one.authors, *other.authors})[:AUTHORS]
    one.post = preferred(one.post, other.post)
