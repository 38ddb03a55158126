"""The running total of one (brand, minute) in one posts partition, and the few posts worth quoting from it."""

from collections.abc import Iterable
from itertools import chain

from pipeline.clusters import Clusters
from pipeline.sketch import Distinct, author_hash
from pipeline.suspicion import SUSPECTED
from schemas.brand_log import Counts, Evidence, Partial
from schemas.signal import Signal
from schemas.vocabulary import EvidenceReason
from schemas.withdrawal import subjects

QUOTE = 500  # characters of a post that evidence keeps
COMPLAINT = 0.5  # complaint_p from which a post counts as a complaint
CRITICAL = 3  # severity of injury, danger, fraud, legal
BULK = "accounts:suspected"  # the facet of posts by accounts that seem to be run in bulk


def counted(signal: Signal) -> Counts:
    """What one post adds to a total."""
    complaint = signal.complaint_p >= COMPLAINT
    return Counts(
        posts=1,
        negatives=int(signal.sentiment == "neg"),
        complaints=int(complaint),
        critical=int(complaint and signal.severity >= CRITICAL),
        severity=signal.severity,
        polarity_milli=round(signal.polarity * 1000),
        reach=signal.reach,
    )


def facets(signal: Signal, brand: str) -> Iterable[str]:
    """The facets of one post as seen from ``brand``."""
    yield f"channel:{signal.channel}"
    yield f"platform:{signal.platform}"
    yield f"language:{signal.lang}"
    if signal.complaint_p >= COMPLAINT:
        yield f"category:{signal.category}"
    if signal.suspicion >= SUSPECTED:
        yield BULK
    for kind, names in (("product", signal.products), ("region", signal.regions), ("campaign", signal.campaigns)):
        for name in names:
            owner, _, own = name.partition("/")
            if owner == brand:
                yield f"{kind}:{own}"


class Running:
    """Totals so far. ``ended`` partials carry authors, evidence and clusters, open ones only counts.

    Whose withdrawal would concern it is looked up once, until another post comes: tombstones come in floods.
    """

    __slots__ = ("_subjects", "authors", "best", "brand", "clusters", "counts", "facets", "late", "minute", "reporters")

    def __init__(self, brand: str, minute: int) -> None:
        self.brand, self.minute = brand, minute
        self.counts, self.late = Counts(), 0
        self.facets: dict[str, Counts] = {}
        self.authors, self.reporters = Distinct(), Distinct()
        self.best: dict[EvidenceReason, Evidence] = {}
        self.clusters = Clusters(_spread)
        self._subjects: frozenset[str] | None = None  # of the posts that are kept, until they change

    def add(self, signal: Signal) -> None:
        """Count one on-time post."""
        self._subjects = None
        one = counted(signal)
        self.counts.add(one)
        for facet in facets(signal, self.brand):
            held = self.facets.get(facet)
            if held is None:
                held = self.facets[facet] = Counts()
            held.add(one)
        author = author_hash(signal.author_key or signal.post_uid)
        if one.negatives or one.complaints:
            self.authors.add(author)
            self._quote(signal)
        if one.critical:
            self.reporters.add(author)
        self.clusters.add(signal, one, author)

    def seal(self) -> None:
        """The minute has ended: only late posts will come, which are counted apart."""
        self._subjects = None
        self.clusters.seal({post.post_uid for post in self.best.values()})

    def _quote(self, signal: Signal) -> None:
        """Keep the post if it is the best of its kind; the earlier one wins a tie."""
        best = self.best
        if "first" not in best:
            best["first"] = evidence(signal, "first")
        if "most_severe" not in best or signal.severity > best["most_severe"].severity:
            best["most_severe"] = evidence(signal, "most_severe")
        if "most_reach" not in best or signal.reach > best["most_reach"].reach:
            best["most_reach"] = evidence(signal, "most_reach")

    def forget(self, subject: str) -> bool:
        """Quote no post any more that ``subject`` withdraws, keeping what was counted; whether one was quoted."""
        if self._subjects is None:
            posts = (*self.best.values(), *self.clusters.quotes())
            self._subjects = frozenset(chain.from_iterable(map(subjects, posts)))
        if subject not in self._subjects:
            return False
        self._subjects = None
        self.best = {why: post for why, post in self.best.items() if subject not in subjects(post)}
        self.clusters.forget(lambda post: subject in subjects(post))
        return True

    def partial(self, *, ended: bool) -> Partial:
        """The total as it goes onto the brand log."""
        return Partial(
            brand=self.brand,
            minute=self.minute,
            counts=self.counts,
            late=self.late,
            facets=self.facets,
            authors=self.authors.smallest() if ended else (),
            evidence=self._quotes() if ended else (),
            clusters=self.clusters.all() if ended else (),
            reporters=self.reporters.smallest(),
        )

    def _quotes(self) -> tuple[Evidence, ...]:
        """Each post once, for the first of the reasons it was kept for."""
        unique: dict[str, Evidence] = {}
        for reason in ("first", "most_severe", "most_reach"):
            if reason in self.best:
                unique.setdefault(self.best[reason].post_uid, self.best[reason])
        return tuple(unique.values())

    def stored(self) -> tuple[Partial, dict[EvidenceReason, Evidence]]:
        """Everything a checkpoint needs."""
        return self.partial(ended=True), self.best

    @classmethod
    def restored(cls, partial: Partial, best: dict[EvidenceReason, Evidence]) -> "Running":
        """The running total that was stored."""
        running = cls(partial.brand, partial.minute)
        running.counts, running.late, running.facets, running.best = partial.counts, partial.late, partial.facets, best
        running.authors.merge(partial.authors)
        running.reporters.merge(partial.reporters)
        running.clusters = Clusters(_spread, partial.clusters)
        return running


def evidence(signal: Signal, why: EvidenceReason) -> Evidence:
    """A quote of one post."""
    return Evidence(
        post_uid=signal.post_uid,
        partition=signal.source_partition,
        offset=signal.source_offset,
        at=signal.event_time,
        platform=signal.platform,
        author_key=signal.author_key,
        lang=signal.lang,
        text=signal.text[:QUOTE],
        url=signal.url,
        polarity=signal.polarity,
        severity=signal.severity,
        reach=signal.reach,
        why=why,
        complaint=signal.complaint_p >= COMPLAINT or signal.sentiment == "neg",
        fingerprint=signal.fingerprint,
        repost_of=signal.repost_of,
    )


def _spread(signal: Signal) -> Evidence:
    return evidence(signal, "most_spread")
