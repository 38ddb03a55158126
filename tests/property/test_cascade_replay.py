"""Cascades are a function of the interactions log: crashes, replays and repeated endorsements change no forecast."""

from collections import Counter
from random import Random

import msgspec
import pytest

from pipeline.influence.cascades import Cascades, Repost
from pipeline.influence.endorse_stage import Endorse
from pipeline.influence.forecasting import HORIZON_S, LEAST, RUNGS
from pipeline.influence.spread_stage import Spread
from pipeline.replay import LogRecord
from pipeline.stage import Output
from schemas.cascade import Cascade
from schemas.codec import encode
from schemas.endorsement import Endorsements
from schemas.topics import CASCADES, ENDORSEMENTS
from tests.builders import START
from tests.noise import crashing, cut, whole
from tests.social_noise import endorsements_log, interaction, interactions_log


def endorsed(outputs: list[Output]) -> list[LogRecord]:
    blocks = [one for one in outputs if one.topic == ENDORSEMENTS.name]
    return [LogRecord(offset, START, one.key, one.value) for offset, one in enumerate(blocks)]


def told(outputs: list[Output]) -> list[Cascade]:
    """Cascades without the offset, which is that of a block."""
    found = [msgspec.json.decode(one.value or b"", type=Cascade) for one in outputs if one.topic == CASCADES.name]
    return [msgspec.structs.replace(one, offset=0) for one in found]


@pytest.mark.parametrize("seed", range(8))
def test_crashes_of_endorse_change_no_cascade(seed: int) -> None:
    log = interactions_log(Random(seed))
    once = told(whole(Spread(0), endorsed(whole(Endorse(0, 1), log))))
    crashed = told(whole(Spread(0), endorsed(crashing(Random(seed), lambda: Endorse(0, 1), log))))

    assert once
    assert crashed == once


@pytest.mark.parametrize("seed", range(4))
def test_crashes_of_spread_repeat_bytes_and_change_nothing(seed: int) -> None:
    log = endorsements_log(Random(seed))
    plain, torn = whole(Spread(0), log), crashing(Random(seed), lambda: Spread(0), log)

    assert set(torn) == set(plain)
    assert cut(Random(seed), Spread(0), log) == plain


@pytest.mark.parametrize("seed", range(8))
def test_sizes_are_a_recount_of_what_had_come(seed: int) -> None:
    rng = Random(seed)
    at = sorted(rng.choice([rng.randrange(3_600), rng.randrange(2 * HORIZON_S)]) for _ in range(600))
    log = [Repost(rng.choice("aab"), "author", "", one) for one in at]
    cascades = Cascades()
    found = [*cascades.add(log), *cascades.advance(4 * HORIZON_S)]
    first = {root: next(one.at for one in log if one.root == root) for root in "ab"}

    assert Counter(one.age_s for one in found) == dict.fromkeys([*(rung.age_s for rung in RUNGS), HORIZON_S], 2)
    assert {(one.root, one.age_s): one.size for one in found} == {
        (root, age): sum(one.root == root and one.at <= first[root] + age for one in log)
        for root in "ab" for age in (*(rung.age_s for rung in RUNGS), HORIZON_S)
    }  # fmt: skip


def test_only_distinct_reposts_by_others_are_in_a_cascade() -> None:
    at, later = START, START + 3_601_000
    shown = [interaction(f"{number}", f"fan {number}", "a", at + number, target_uid="p") for number in range(LEAST)]
    odd = [
        interaction("twice", "fan 3", "a", at + 3, target_uid="p"), interaction("own", "a", "a", at, target_uid="p"),
        interaction("count", None, "a", at, target_uid="p", count=2**62),
        interaction("gone", "fan 4", "a", at, target_uid="p", op="delete"),
        interaction("like", "fan x", "a", at, target_uid="p", type="like"),
        interaction("many", "fan y", "a", at, target_uid="p", count=10**9),
        interaction("end", "fan z", "b", later, target_uid="q"),
    ]  # fmt: skip
    log = [LogRecord(number, later, b"k", encode(one)) for number, one in enumerate([*shown, *odd])]
    stage = Spread(0)
    found = told(whole(stage, endorsed(whole(Endorse(0, 1), log))))

    assert [(one.root, one.age_s, one.size) for one in found] == [("p", 1_800, LEAST + 1), ("p", 3_600, LEAST + 1)]
    assert stage.counted == {"begun": 2, "stale": 0, "forgotten": 0, "open": 2, "repeated": 1}


def test_a_repost_of_no_known_post_belongs_to_its_author() -> None:
    reposts = [interaction(f"{number}", f"fan {number}", "a", START, target_uid=None) for number in range(LEAST)]
    log = [LogRecord(number, START, b"k", encode(one)) for number, one in enumerate(reposts)]
    (block,) = endorsed(whole(Endorse(0, 1), log))

    assert msgspec.json.decode(block.value, type=Endorsements).roots == ("a",) * LEAST


def test_blocks_of_other_shapes_are_passed_over() -> None:
    block = {
        "source": 0, "offsets": [1], "at": [1], "actors": [1], "authors": ["a"], "brands": [""], "posts": [1],
        "gaps": [9], "weights": [1], "trusts": [1],
    }  # fmt: skip
    values = [b"{", b"", b"[]", msgspec.json.encode(block), msgspec.json.encode(block | {"roots": ["r", "r"]})]
    stage = Spread(0)

    assert stage.apply([LogRecord(number, 0, b"k", value) for number, value in enumerate(values)]) == []
    assert stage.counted["begun"] == 0
    assert stage.next == len(values)
