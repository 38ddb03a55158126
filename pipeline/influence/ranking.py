"""Influence from a file of interactions: lines ``actor target unixtime kind``, for ``tocsin influence``."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.influence.endorsing import EXCESSIVE, SELF, Endorser, Interactions
from pipeline.influence.formula import KIND_WEIGHTS
from pipeline.influence.identity import account_id
from pipeline.influence.interaction_lines import LATEST_S, BadLine, Said, read_lines
from pipeline.influence.scoring import Endorsements, Scoreboard

_HOUR_S = 3_600
_MOST, _PAIRS = 20_000_000, 1 << 22


class Ranked(NamedTuple):
    """One line of the answer."""

    author: str
    lasting: float
    spreading: float
    h: int


class _Line(NamedTuple):
    actor: int
    target: int
    at: int
    weight: float


class Ranking:
    """Reads batches of lines up to ``until`` (s since 1970, or None), then ranks all who were endorsed.

    A file names no posts: all that an author was endorsed for within an hour is taken for one.
    """

    def __init__(self, until: int | None = None) -> None:
        self._until = LATEST_S if until is None else until
        self._endorser, self._board = Endorser(_MOST, _PAIRS), Scoreboard(_MOST)
        self._names: dict[int, str] = {}
        self.last = 0  # time of the latest interaction, s
        self.read = self.backwards = self.skipped = 0

    @property
    def own(self) -> int:
        """Interactions of accounts with themselves, which count nothing."""
        return int(self._endorser.counts[SELF])

    @property
    def excessive(self) -> int:
        """Interactions of accounts that were too busy to count."""
        return int(self._endorser.counts[EXCESSIVE])

    def add(self, lines: Sequence[bytes]) -> list[BadLine]:
        """Count a batch of lines; those that are none. Blank lines are nothing."""
        good, bad = read_lines(lines)
        self._fold([self._known(said) for said in good if said.at <= self._until])
        self.read += len(good)
        self.skipped += sum(said.at > self._until for said in good)
        return bad

    def _known(self, said: Said) -> _Line:
        author = account_id(said.target)
        self._names.setdefault(author, said.target)
        return _Line(account_id(said.actor), author, said.at, KIND_WEIGHTS[said.kind])

    def _fold(self, lines: Sequence[_Line]) -> None:
        if not lines:
            return
        actor, target, at, weight = zip(*lines, strict=True)
        actors, targets = np.array(actor, np.uint64), np.array(target, np.uint64)
        times = np.array(at, np.uint32)
        highest = np.maximum.accumulate(np.concatenate(([self.last], at)))
        self.backwards += int((highest[:-1] > at).sum())
        self.last = int(highest[-1])
        unknown = np.zeros(len(lines), np.uint32)
        given = Interactions(actors, targets, times, np.array(weight, np.float32), unknown.astype(bool), unknown)
        worth = self._endorser.weigh(given)
        kept = worth.weight > 0
        hours = (times // _HOUR_S).astype(np.uint16)
        self._lift(Endorsements(
            actors[kept], targets[kept], times[kept], hours[kept],
            worth.gap[kept], worth.weight[kept], worth.trust[kept], np.zeros(int(kept.sum()), np.uint8),
        ))  # fmt: skip

    def _lift(self, endorsements: Endorsements) -> None:
        """Add endorsements up, and let whoever is told about be trusted for it."""
        for row in self._board.add(endorsements).row:
            self._endorser.lift(int(row["id"]), float(row["trusted"][0]), int(row["touched"]))

    def ranked(self) -> Iterator[Ranked]:
        """All authors at the last interaction's time, or at ``until``; the highest lasting score first."""
        at = self.last if self._until == LATEST_S else self._until
        scores = self._board.standings(at)
        for row in np.lexsort((scores.author, -scores.lasting)):
            name = self._names[int(scores.author[row])]
            yield Ranked(name, float(scores.lasting[row]), float(scores.spreading[row]), int(scores.h[row]))


def compile_scores() -> None:
    """Compile what scores, which takes seconds the first time: the first interaction would hold the loop so long."""
    ranking = Ranking()
    ranking.add([b"actor author 1 RT"])
    list(ranking.ranked())
