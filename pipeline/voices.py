"""How influential the authors of one posts partition are, as the influence stage last said on its log: bounded."""

from collections.abc import Callable, Mapping

import msgspec
import numpy as np

from pipeline.cold_start import ColdStart
from pipeline.influence.accounts import FULL, Accounts, Rows, find_or_add, mark
from pipeline.influence.formula import FRESH_S, LASTING_S, lasting
from pipeline.influence.identity import account_id, author_in_brand
from pipeline.stage import Blocks
from schemas.endorsement import Voice
from schemas.record import EARLIEST_MS

MOST = 100_000  # authors, and authors in brands; 32 bytes each
BLOCK, COLD = "voices", "cold-start"
DIGITS = 3  # of a score that is told

_VOICE = np.dtype([("id", "u8"), ("at", "u4"), ("every", "f4", 2), ("trusted", "f4", 2), ("spare", "u4")])
_SECOND_MS = 1_000


def score_of(every: tuple[float, float], trusted: tuple[float, float], age_s: float) -> float:
    """The lasting score of sums of a day and an hour that were told so long ago."""
    day, hour = (2.0 ** (-max(age_s, 0.0) / half_life) for half_life in (LASTING_S, FRESH_S))
    return round(float(lasting(every[0] * day, every[1] * hour, trusted[0] * day, trusted[1] * hour)), DIGITS)


class Voices:
    """The last word on each author; when there are too many, the quarter with least left of the day is forgotten."""

    def __init__(self, most: int = MOST) -> None:
        self._known, self._cold = Accounts(_VOICE, most, _left), ColdStart()
        self._met = False  # a post since the last checkpoint

    @property
    def count(self) -> int:
        """How many are known; what ``restore`` wants."""
        return int(self._known.count[0])

    def learn(self, voice: Voice) -> None:
        """Take in what was said of an author; the later word counts."""
        known, account = self._known, _account(voice.author_key, voice.brand)
        row = find_or_add(known.rows, known.places, known.count, account)  # type: ignore[arg-type]  # as numba wants it
        if row == FULL:
            known.make_room()
            return self.learn(voice)
        one, at = known.rows[row], voice.at // _SECOND_MS
        if at >= one["at"]:
            one["at"], one["every"], one["trusted"] = at, voice.every[::2], voice.trusted[::2]
            mark(known.dirty, row)
        return None

    def score(self, author_key: str, brand: str, at: int) -> float:
        """Lasting score at a time, ms, of all that an author says ("") or of what it says about a brand; 0: unknown."""
        if not self.count or not author_key:
            return 0.0
        row = self._known.find(int(_account(author_key, brand)))
        if row is None:
            return 0.0
        one = self._known.rows[row]
        (day, hour), (trusted_day, trusted_hour) = one["every"].tolist(), one["trusted"].tolist()
        return score_of((day, hour), (trusted_day, trusted_hour), at // _SECOND_MS - int(one["at"]))

    def meet(self, author_key: str, followers: int, at: int) -> float:
        """``score`` of the author of a post; of one that nobody endorsed, what is usual with so many followers."""
        score = self.score(author_key, "", at)
        if not followers or not author_key:
            return score
        found = score or self._cold.expected(followers)
        self._cold.learn(followers, score)
        self._met = True
        return found

    def snapshot(self) -> Blocks:
        """Blocks that changed."""
        found: dict[str, Callable[[], bytes]] = dict(self._known.blocks(BLOCK))
        if self._met:
            found[COLD] = lambda: msgspec.json.encode(self._cold)
        self._met = False
        return Blocks(found)

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold every block."""
        self._known.dirty[:] = 1
        self._met = True

    def restore(self, blocks: Mapping[str, bytes], count: int) -> None:
        """Become what was snapshotted of so many."""
        self._known.restore(BLOCK, blocks, count)
        self._cold = msgspec.json.decode(blocks[COLD], type=ColdStart) if COLD in blocks else ColdStart()


def compile_voices() -> None:
    """Compile what looks authors up: that takes a second, and the first voice would hold the loop so long."""
    voices = Voices()
    voices.learn(Voice(author_key="a", at=EARLIEST_MS, every=(1.0, 1.0, 1.0), trusted=(1.0, 1.0, 1.0)))
    voices.score("a", "", EARLIEST_MS)


def _account(author_key: str, brand: str) -> np.uint64:
    return np.uint64(author_in_brand(author_key, brand) if brand else account_id(author_key))


def _left(rows: Rows) -> np.ndarray:
    behind = rows["at"].astype(np.float64) - float(rows["at"].max(initial=0))
    return rows["every"][:, 0] * 2.0 ** (behind / LASTING_S)
