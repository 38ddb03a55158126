"""Influence cannot be bought: where a new account lands after attacks of fixed seeds, in a crowd of honest ones."""

from functools import cache
from random import Random

import pytest

from pipeline.influence.ranking import Ranking
from tests.attacks import ATTACKS, GAINER, Attack, Line, lines

START, DAY = 1_341_100_800, 86_400
AUTHORS, ACTORS, COUNT = 8_000, 30_000, 120_000


@cache
def crowd() -> tuple[Line, ...]:
    """Three days of reposts; who is reposted is as uneven as it is in life (the Higgs interactions)."""
    rng, found = Random(7), []
    for number in range(COUNT):
        author = min(int(AUTHORS ** rng.random() * 1.0), AUTHORS - 1)
        author = author if rng.random() < 0.6 else rng.randrange(AUTHORS)
        found.append(Line(START + number * 3 * DAY // COUNT, f"u{rng.randrange(ACTORS)}", f"a{author}", "RT"))
    return tuple(found)


def rank_after(attack: Attack) -> int:
    end = START + 3 * DAY
    everything = sorted([*crowd(), *lines(attack, end, ["a1"], Random(1))], key=lambda one: one.at)
    ranking = Ranking()
    ranking.add([one.written() for one in everything])
    return next(place for place, one in enumerate(ranking.ranked(), 1) if one.author == GAINER)


@pytest.mark.parametrize(("attack", "floor"), list(zip(ATTACKS[:3], (3_000, 200, 20), strict=True)), ids=str)
def test_an_attack_does_not_lift_an_account_above(attack: Attack, floor: int) -> None:
    assert rank_after(attack) >= floor
