"""The day of the demo: over and settled, or, to be kept, in the middle of its crisis."""

import time
from importlib import resources
from pathlib import Path

import pytest

from agents.demo.show import SETTLE_MS, _day
from pipeline.feed import TICK_KEY

WATCHLIST, SIZE = Path(str(resources.files("agents.demo") / "watchlist.yaml")), 3_000


def test_a_day_that_is_kept_burns_now_and_goes_on() -> None:
    before = int(time.time() * 1000)
    day = _day(WATCHLIST, SIZE, 1, kept=True)
    after = int(time.time() * 1000)

    assert max(send.at for send in day.past) < after
    assert min(send.at for send in day.to_come) >= before
    assert day.scripted.onset < before - 1_800_000
    assert day.scripted.end > after
    assert any(send.key != TICK_KEY for send in day.to_come)


@pytest.mark.parametrize("kept", [True, False])
def test_every_post_is_fed_once(kept: bool) -> None:
    day = _day(WATCHLIST, SIZE, 1, kept=kept)

    assert sum(send.key != TICK_KEY for send in [*day.past, *day.to_come]) == SIZE


def test_a_day_that_is_not_kept_is_over_and_settled() -> None:
    day = _day(WATCHLIST, SIZE, 1, kept=False)

    assert day.to_come == []
    posts = [send.at for send in day.past if send.key != TICK_KEY]
    assert max(posts) <= day.scripted.end
    assert max(send.at for send in day.past) >= max(posts) + SETTLE_MS - 60_000
