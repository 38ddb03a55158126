"""Cascades from a file of interactions: lines ``actor target unixtime kind``, for ``tocsin cascades``."""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from pipeline.influence.cascades import Cascades, Repost
from pipeline.influence.endorsing import EXCESSIVE, SELF, Endorser, Interactions
from pipeline.influence.forecasting import LEAST
from pipeline.influence.formula import KIND_WEIGHTS
from pipeline.influence.identity import account_ids
from pipeline.influence.interaction_lines import LATEST_S, BadLine, Said, read_lines
from schemas.cascade import Cascade

_MOST_ACTORS, _PAIRS, _MOST_CASCADES = 20_000_000, 1 << 22, 1_000_000


class CascadeFile:
    """Reads batches of lines up to ``until`` (s since 1970, or None); tells what the influence stage would tell.

    A file names no posts: what is reposted of an author until six hours of rest is one cascade.
    """

    def __init__(self, until: int | None = None) -> None:
        self._until = LATEST_S if until is None else until
        self._endorser, self.cascades = Endorser(_MOST_ACTORS, _PAIRS), Cascades(_MOST_CASCADES)
        self.last = 0  # time of the latest repost, s
        self.read = self.backwards = self.skipped = self.others = self.repeated = 0
        self.told: list[Cascade] = []

    @property
    def own(self) -> int:
        """Reposts by the author, which count nothing."""
        return int(self._endorser.counts[SELF])

    @property
    def excessive(self) -> int:
        """Reposts of accounts that were too busy to count."""
        return int(self._endorser.counts[EXCESSIVE])

    def add(self, lines: Sequence[bytes]) -> list[BadLine]:
        """Count the reposts of a batch of lines; the lines that are no interaction. Blank ones are nothing."""
        good, bad = read_lines(lines)
        self.read += len(good)
        reposts = [said for said in good if said.kind == "repost" and said.at <= self._until]
        self.skipped += sum(said.at > self._until for said in good)
        self.others += sum(said.kind != "repost" for said in good)
        self.told += self.cascades.add(self._worthy(reposts))
        return bad

    def _worthy(self, reposts: Sequence[Said]) -> Iterator[Repost]:
        """Reposts that count, as endorse has them: not by the author, not too many of one, and not told before."""
        size = len(reposts)
        given = Interactions(
            account_ids([said.actor for said in reposts]), account_ids([said.target for said in reposts]),
            np.array([said.at for said in reposts], np.uint32),
            np.full(size, KIND_WEIGHTS["repost"], np.float32), np.zeros(size, np.bool_), np.zeros(size, np.uint32),
        )  # fmt: skip
        worth = self._endorser.weigh(given)
        for said, weight, gap in zip(reposts, worth.weight, worth.gap, strict=True):
            self.backwards += said.at < self.last
            self.last = max(self.last, said.at)
            if weight and gap:
                yield Repost(said.target, said.target, "", said.at)
            elif weight:
                self.repeated += 1

    def end(self) -> None:
        """Let time pass until ``until``, where that was given."""
        if self._until < LATEST_S:
            self.told += self.cascades.advance(self._until)

    def standing(self) -> Iterator[Cascade]:
        """Open cascades of some size as of now, the largest first, each with what is left of its last forecast."""
        forecasts = {(one.root, one.began): one for one in self.told if not one.settled}
        found = [one for one in self.cascades.now() if one.size >= LEAST]
        for one in sorted(found, key=lambda each: (-each.size, each.root)):
            said = forecasts.get((one.root, one.began))
            yield _remaining(one, said) if said and not one.settled else one


def _remaining(now: Cascade, said: Cascade) -> Cascade:
    """What was forecast, less what has come since; a cascade that has outgrown its forecast is still growing."""
    come = now.size - said.size
    if said.growing or said.expected is None or said.low is None or said.high is None or come > said.high:
        return msgspec.structs.replace(now, growing=True)
    expected, low = max(said.expected - come, 0), max(said.low - come, 0)
    return msgspec.structs.replace(now, expected=expected, low=low, high=said.high - come)
