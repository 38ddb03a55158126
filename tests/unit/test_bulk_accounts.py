"""Accounts that post in bulk, as the listen stage tells of them: in signals and in the totals of a minute."""

from collections.abc import Iterable

import msgspec

from pipeline.running import BULK
from pipeline.stage import Output
from pipeline.suspicion import SUSPECTED
from schemas.post import SocialPost
from schemas.signal import Signal
from schemas.topics import SIGNALS
from tests.builders import bundles, listen, post, records


def heard(posts: Iterable[SocialPost]) -> list[Output]:
    stage = listen()
    return [*stage.apply(records(posts)), *stage.flush()]


def scores(outputs: Iterable[Output]) -> list[float]:
    lines = [line for one in outputs if one.topic == SIGNALS.name and one.value for line in one.value.splitlines()]
    return [msgspec.json.decode(line, type=Signal).suspicion for line in lines]


def test_an_account_that_pastes_one_text_all_hour_is_suspected_in_signals_and_totals():
    pasted = [post(str(number), number * 1000, "acme bad and bad again today", "troll") for number in range(12)]
    outputs = heard([*pasted, post("a", 20_000, "acme bad as never before", "customer")])
    told = scores(outputs)

    assert told[0] == told[1] == told[-1] == 0
    assert 0 < told[2] < SUSPECTED <= min(told[9:12])
    assert bundles(outputs)[-1].partials[0].facets[BULK].posts == sum(score >= SUSPECTED for score in told) > 0


def test_a_post_that_is_delivered_many_times_is_no_habit():
    assert set(scores(heard([post("1", 0, "acme bad and bad again today", "customer")] * 40))) == {0.0}


def test_late_posts_are_judged_by_the_habits_that_are_known():
    early = [post(str(number), 7_200_000 + number, "acme bad and bad again today", "troll") for number in range(12)]
    late = [post(f"late {number}", 7_200_000 - 1_800_000 + number, "acme bad", "customer") for number in range(40)]

    assert set(scores(heard([*early, *late]))[-40:]) == {0.0}
