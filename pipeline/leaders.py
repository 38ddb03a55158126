"""The most influential voices on one brand, how they speak of it, and which of them has turned against it."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from pipeline.voices import score_of
from schemas.brand_log import Bundle, Leader, Spoken

MOST = 100  # that are followed, by lasting score
CROWD = 125  # from so many on, those behind the first ``MOST`` are forgotten
TOP = 10  # of whom a page speaks
FEW = 3  # voices known; among fewer, to be high is nothing
FOND = 3.0  # positive posts, faded, that make an advocate
FONDNESS = 0.8  # of the posts with a feeling
TONE_MS = 30 * 86_400_000  # half-life of how an author speaks


class Standing(msgspec.Struct, array_like=True, gc=False):
    """One author: its sums of a day and an hour as they were told last, and its positive and negative posts, faded."""

    at: int  # of the sums, ms
    every: tuple[float, float]
    trusted: tuple[float, float]
    positives: float = 0.0
    negatives: float = 0.0
    spoke: int = 0  # when the two before were counted, ms

    def score(self, at: int) -> float:
        """Lasting score at a time, ms."""
        return score_of(self.every, self.trusted, (at - self.at) / 1000)


class Turned(NamedTuple):
    """A leader that was an advocate and now speaks against the brand."""

    author: int
    place: int  # among all voices, 1 for the highest
    positives: float  # posts before, faded
    negatives: float


class Rising(msgspec.Struct, array_like=True):
    """What sources said of leaders with the end of a minute, until that minute closes for all of them.

    Learned as it comes, how sources are interleaved would decide what an alert says.
    """

    told: list[tuple[int, int, tuple[Leader, ...]]] = []  # watermark, source, leaders

    def keep(self, bundle: Bundle) -> bool:
        """Take in what a bundle says; whether it says something."""
        if bundle.leaders:
            self.told.append((bundle.progress.watermark, bundle.progress.source, bundle.leaders))
        return bool(bundle.leaders)

    def due(self, through: int) -> list[Leader]:
        """What was said at watermarks before ``through``, ms, in an order that is always the same."""
        due = sorted((one for one in self.told if one[0] < through), key=lambda one: one[:2])
        self.told = [one for one in self.told if one[0] >= through]
        return [leader for *_, leaders in due for leader in leaders]


class Leaders(msgspec.Struct):
    """Voices on one brand by a hash of the author. What is said of one again counts once."""

    known: dict[int, Standing] = {}

    def learn(self, told: Leader) -> None:
        """Take in how influential an author has become."""
        held = self.known.get(told.author)
        if held is None:
            self.known[told.author] = Standing(told.at, told.every, told.trusted)
            if len(self.known) >= CROWD:
                keep = self.top(max(one.at for one in self.known.values()), MOST)
                self.known = {author: self.known[author] for author in keep}
        elif told.at >= held.at:
            held.at, held.every, held.trusted = told.at, told.every, told.trusted

    def top(self, at: int, count: int) -> list[int]:
        """Authors with the highest lasting scores at a time, ms; the highest first, equal ones by hash."""
        return sorted(self.known, key=lambda author: (-self.known[author].score(at), author))[:count]

    def hear(self, voices: Iterable[Spoken], at: int) -> list[Turned]:
        """Learn how leaders spoke in a minute that ended at ``at``, ms; those of them who have turned."""
        turned, places = list[Turned](), dict[int, int]()
        for spoken in voices:
            one = self.known.get(spoken.author)
            if one is None:
                continue
            faded = 2.0 ** (-(at - one.spoke) / TONE_MS) if one.spoke else 0.0
            positives, negatives = round(one.positives * faded, 6), round(one.negatives * faded, 6)
            if spoken.negatives and positives >= FOND and positives >= FONDNESS * (positives + negatives):
                places = places or {author: place for place, author in enumerate(self.top(at, CROWD), 1)}
                if places[spoken.author] <= MOST:
                    turned.append(Turned(spoken.author, places[spoken.author], positives, spoken.negatives))
                positives = 0.0  # it is told once
            one.positives, one.negatives = positives + spoken.positives, negatives + spoken.negatives
            one.spoke = at
        return turned

    def against(self, hostile: Iterable[int], at: int) -> tuple[int, int]:
        """How many of the ``TOP`` voices speak against the brand, and of how many; (0, 0) where too few are known."""
        if len(self.known) < FEW:
            return 0, 0
        top = self.top(at, TOP)
        return len(set(top).intersection(hostile)), len(top)
