"""Cascades: reposts by their root, told at fixed ages, judged at twelve hours; bounded, whatever comes."""

from collections.abc import Iterable
from itertools import pairwise

import pytest

from pipeline.influence.cascade_file import CascadeFile
from pipeline.influence.cascades import QUIET_S, Cascades, Head, Repost
from pipeline.influence.forecasting import HORIZON_S, LEAST, RUNGS, forecast, growth, pace, speed
from schemas.cascade import Cascade

START, HOUR = 1_700_000_000, 3_600
ONE_HOUR = next(rung for rung in RUNGS if rung.age_s == HOUR)


def reposts(root: str, *at: int) -> list[Repost]:
    return [Repost(root, f"author of {root}", "acme", START + one) for one in at]


def told(given: Iterable[Repost], until: int = 0, cascades: Cascades | None = None) -> list[Cascade]:
    """What is said while time passes until ``until``, s after the start."""
    here = cascades if cascades is not None else Cascades()
    return [*here.add(given), *here.advance(START + until)]


def steady(root: str, every_s: int, count: int) -> list[Repost]:
    return reposts(root, *range(0, every_s * count, every_s))


def test_a_cascade_is_told_at_each_age_and_settled_at_twelve_hours() -> None:
    found = told(steady("a", 60, 30), HORIZON_S + 1)

    assert [(one.age_s, one.settled) for one in found] == [
        *((rung.age_s, False) for rung in RUNGS), (HORIZON_S, True),
    ]  # fmt: skip
    assert {(one.root, one.author_key, one.brand, one.began) for one in found} == {
        ("a", "author of a", "acme", START * 1000)
    }
    assert [one.size for one in found] == [30] * 5


def test_only_what_was_there_at_the_age_is_in_the_size() -> None:
    found = told(reposts("a", *range(50), *range(HOUR + 1, HOUR + 90)), HOUR + 100)

    assert [(one.age_s, one.size) for one in found] == [(1_800, 50), (HOUR, 50)]


def test_a_small_cascade_is_not_told() -> None:
    assert told(steady("a", 60, LEAST - 1), HORIZON_S + 1) == []


def test_a_steady_cascade_is_still_growing_and_has_no_upper_end() -> None:
    first, second, *_ = told(steady("a", 30, 130), HOUR + 1)

    assert (first.growing, first.expected, first.high) == (True, None, None)
    assert second.speed_per_h == pytest.approx(120, rel=0.05)
    assert second.doubling_s == pytest.approx(HOUR, rel=0.05)


def test_a_cascade_that_slows_down_has_a_forecast_with_an_interval() -> None:
    _, second = told(steady("a", 10, 100), HOUR + 1)

    assert not second.growing
    assert second.low is not None
    assert second.expected is not None
    assert second.high is not None
    assert 0 <= second.low <= second.expected <= second.high
    assert second.by_ratio == round(100 * (ONE_HOUR.ratio - 1))


@pytest.mark.parametrize("rung", RUNGS)
def test_the_faster_the_more_is_expected(rung) -> None:
    paces = [growth(rung, 50, paced) for paced in (0.05, 0.2, 0.5, 0.9, 1.5)]

    assert all(slower <= faster for slower, faster in pairwise(paces))
    assert paces[0] < paces[-1]


def test_speed_of_a_steady_stream_does_not_depend_on_its_age() -> None:
    for age in (600, HOUR, 5 * HOUR):
        cascades = Cascades()
        list(cascades.add(steady("a", 10, age // 10)))
        (now,) = cascades.now()

        assert now.speed_per_h == pytest.approx(360, rel=0.02)


def test_a_rest_of_six_hours_ends_a_cascade_and_the_next_repost_begins_another() -> None:
    again = 9 * HOUR
    later = reposts("a", *range(again, again + 15))
    found = told([*steady("a", 60, 20), *later], HORIZON_S + HOUR)
    ages = [(one.began // 1_000 - START, one.age_s, one.size) for one in found]

    assert ages == [
        *((0, rung.age_s, 20) for rung in RUNGS), (0, HORIZON_S, 20),
        *((again, rung.age_s, 15) for rung in RUNGS if rung.age_s <= 3 * HOUR),
    ]  # fmt: skip


def test_a_cascade_has_the_brand_that_was_named_first() -> None:
    brands = ["", "", "acme", "", "bolt", *[""] * LEAST]
    found = told([Repost("a", "b", brand, START + at) for at, brand in enumerate(brands)], 2_000)

    assert [one.brand for one in found] == ["acme"]


def test_a_cascade_that_goes_on_is_no_new_one_after_its_horizon() -> None:
    cascades = Cascades()
    found = told(steady("a", 600, 200), 200 * 600, cascades)

    assert cascades.counted["begun"] == 1
    assert sum(one.settled for one in found) == 1


def test_a_cascade_that_rests_is_let_go() -> None:
    cascades = Cascades()
    told(steady("a", 60, 20), HORIZON_S + QUIET_S, cascades)

    assert cascades.counted["open"] == 0


def test_time_does_not_run_backwards() -> None:
    cascades = Cascades()
    early = reposts("b", -HORIZON_S - 10)
    late = reposts("a", 300)
    found = told([*steady("a", 60, 20), *late, *early], 1_900, cascades)

    assert [one.size for one in found] == [21]
    assert cascades.counted["stale"] == 1
    assert cascades.head.clock == START + 1_900


def test_a_late_repost_adds_no_speed_of_now() -> None:
    cascades = Cascades()
    told([*steady("a", 60, 120), *reposts("a", *[0] * 50)], 0, cascades)
    (now,) = cascades.now()

    assert now.size == 170
    assert now.speed_per_h == pytest.approx(60, rel=0.2)


def test_memory_is_bounded_and_the_slowest_are_forgotten() -> None:
    cascades = Cascades(most=100)
    noise = [repost for number in range(5_000) for repost in reposts(f"n{number}", number // 5)]
    found = told(sorted([*steady("a", 2, 60), *noise], key=lambda one: one.at), 1_900, cascades)

    assert cascades.counted["open"] <= 100
    assert cascades.counted["forgotten"] > 4_800
    assert [(one.root, one.size) for one in found] == [("a", 60)]
    assert len(cascades._waiting) <= 2 * 100


def test_a_million_reposts_are_one_cascade_with_numbers_that_can_be_told() -> None:
    cascades = Cascades()
    found = told((Repost("a", "b", "", START + number // 500) for number in range(1_000_000)), HORIZON_S + 1, cascades)

    assert [one.size for one in found] == [900_500, *[1_000_000] * 4]
    assert all(one.growing or (one.high or 0) < 10**8 for one in found)


def test_a_checkpoint_holds_everything_and_only_what_has_changed() -> None:
    first = Cascades()
    list(first.add([*steady("a", 60, 20), *steady("b", 60, 5)]))
    blocks = {name: encode() for name, encode in first.snapshot().items()}
    second = Cascades()
    second.restore(blocks, Head(first.head.clock, dict(first.head.counted)))

    assert first.snapshot() == {}
    assert told([], HORIZON_S + 1, second) == told([], HORIZON_S + 1, first)


def test_forecasts_of_absurd_cascades_are_numbers() -> None:
    for size, speed_s in ((LEAST, 0.0), (LEAST, 1e9), (10**12, 1e-9), (10**12, 1e12)):
        for rung in RUNGS:
            said = forecast(rung, size, speed_s)

            assert 0 <= said.low <= said.expected <= said.high


def test_pace_is_one_when_nothing_changes() -> None:
    fading = sum(2 ** (-age / 1_800) for age in range(HOUR))

    assert pace(HOUR, speed(fading, HOUR), HOUR) == pytest.approx(1, rel=0.01)


def lines(count: int, *, actor: str = "{}", every_s: int = 30) -> list[bytes]:
    return [f"{actor.format(number)} root {START + number * every_s} RT".encode() for number in range(count)]


def test_a_file_counts_neither_the_author_nor_the_same_again_nor_other_kinds() -> None:
    file = CascadeFile()
    odd = [f"root root {START} RT", f"1 root {START + 30} RT", f"x root {START} MT", "rubbish", ""]
    bad = file.add([*lines(20), *(one.encode() for one in odd)])
    (now,) = file.standing()

    assert now.size == 20
    assert (file.own, file.repeated, file.others, file.backwards) == (1, 1, 1, 2)
    assert [one.place for one in bad] == [23]


def test_one_account_cannot_make_a_cascade_of_a_million() -> None:
    file = CascadeFile()
    file.add(lines(20_000, actor="bot", every_s=1))
    (now,) = file.standing()

    assert now.size <= 1_200
    assert file.excessive > 18_000


def test_what_is_left_of_a_forecast_shrinks_and_what_outgrows_it_is_growing() -> None:
    slowing = CascadeFile(START + HOUR + 1)
    slowing.add(lines(100, every_s=10))
    slowing.end()
    (at_hour,) = slowing.standing()
    outgrown = CascadeFile(START + 3 * HOUR)
    outgrown.add([*lines(100, every_s=10), *(f"z{n} root {START + 2 * HOUR + n} RT".encode() for n in range(3_000))])
    outgrown.end()
    (later,) = outgrown.standing()

    assert at_hour.expected
    assert not at_hour.growing
    assert (later.growing, later.expected, later.size) == (True, None, 3_100)
