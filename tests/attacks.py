"""Attempts to buy influence, as lines of an interaction file: who does it is new, and so is who gains."""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

WINDOW_S = 21_600
GAINER = "gainer"


class Attack(NamedTuple):
    """``bots`` repost the gainer ``each`` times and one another ``mutual`` times, within six hours.

    ``aged_s``: how long before each bot did one harmless thing; 0 for accounts that nobody has seen.
    """

    name: str
    bots: int
    each: int
    mutual: int = 0
    aged_s: int = 0


ATTACKS = (
    Attack("1x500", 1, 500),
    Attack("50x20_mutual", 50, 20, 40),
    Attack("500x5_mutual", 500, 5, 5),
    Attack("500x5_aged", 500, 5, 5, aged_s=180_000),  # what age as trust cannot tell from a crowd
)


class Line(NamedTuple):
    """An interaction."""

    at: int
    actor: str
    target: str
    kind: str

    def written(self) -> bytes:
        """As the file has it."""
        return f"{self.actor} {self.target} {self.at} {self.kind}\n".encode()


def lines(attack: Attack, end: int, victims: list[str], rng: Random) -> Iterator[Line]:
    """All interactions of an attack that ends at ``end``, s; aged bots once reposted one of ``victims``."""
    bots = [f"bot{number}" for number in range(attack.bots)]
    for bot in bots:
        if attack.aged_s:
            yield Line(end - attack.aged_s, bot, rng.choice(victims), "RT")
        for _ in range(attack.each):
            yield Line(end - rng.randrange(1, WINDOW_S), bot, GAINER, "RT")
        for _ in range(attack.mutual):
            yield Line(end - rng.randrange(1, WINDOW_S), bot, rng.choice(bots), "RT")
