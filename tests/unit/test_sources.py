"""How far the sources are, who is missing, and what was lost on the way."""

import pytest
from msgspec.structs import replace

from pipeline.sources import Sources
from tests.builders import START, bundle

PATIENCE = 180_000
SECOND = 1_000


def sources() -> Sources:
    return Sources(patience=PATIENCE)


def hear(told: Sources, *said: tuple[int, int], count: int = 2, first: int = 0) -> None:
    """Bundles of (source, append time in seconds after the log began), a watermark of the same second."""
    for offset, (source, at) in enumerate(said, first):
        told.hear(bundle(source, offset, at * SECOND, sources=count), START + at * SECOND)


def test_nothing_has_arrived_until_every_source_has_spoken():
    told = sources()
    hear(told, (0, 1))

    assert told.through(told.missing()) == 0


def test_time_is_that_of_the_slowest_source():
    told = sources()
    hear(told, (0, 50), (1, 20), (0, 60))

    assert told.through(told.missing()) == START + 20 * SECOND


def test_a_source_is_missing_once_it_was_silent_longer_than_the_patience():
    told = sources()
    hear(told, (1, 0), *((0, at) for at in range(0, 181, 60)))
    before = told.missing()
    hear(told, (0, 181), first=9)

    assert before == ()
    assert told.missing() == (1,)


def test_a_missing_source_is_not_waited_for():
    told = sources()
    hear(told, (1, 0), *((0, at) for at in range(0, 241, 60)))

    assert told.through(told.missing()) == START + 240 * SECOND


def test_a_source_that_never_spoke_is_missing_after_the_patience_too():
    told = sources()
    hear(told, *((0, at) for at in range(0, 241, 60)))

    assert told.missing() == (1,)


def test_one_that_speaks_again_is_waited_for_again():
    told = sources()
    hear(told, (1, 0), *((0, at) for at in range(0, 241, 60)), (1, 241))

    assert told.missing() == ()


def test_catching_up_is_not_missing_however_far_apart_event_times_are():
    told = sources()
    for step in range(20):
        at = START + step * 60 * SECOND
        told.hear(bundle(0, step, 10**9 + step, sources=2), at)
        told.hear(bundle(1, step, step, sources=2), at)

        assert told.missing() == ()

    assert told.through(()) == START + 19


def test_after_a_silence_of_the_whole_log_the_first_to_speak_does_not_make_the_others_missing():
    told = sources()
    hear(told, (0, 0), (1, 0), (2, 0), (0, 7_200), count=3)

    assert told.missing() == ()


def test_after_such_a_silence_one_that_stays_silent_is_missing_in_the_end():
    told = sources()
    hear(told, (0, 0), (1, 0), *((0, 7_200 + at) for at in range(0, 181, 60)))

    assert told.missing() == (1,)


def test_a_clock_that_was_a_day_ahead_for_a_moment_hides_no_dead_source():
    told = sources()
    hear(told, (0, 0), (1, 0), (0, 86_400), (0, 10), (0, 70))
    before = told.missing()
    hear(told, (0, 130), first=99)

    assert before == ()
    assert told.missing() == (1,)


def test_new_sources_get_the_whole_patience_from_when_they_were_first_named():
    told = sources()
    hear(told, *((source, at) for at in range(0, 601, 60) for source in range(4)), count=4)
    hear(told, (0, 610), count=6, first=100)
    just_named = told.missing()
    hear(told, *((source, at) for at in (670, 730, 791) for source in range(4)), count=6, first=101)

    assert just_named == ()
    assert told.missing() == (4, 5)


def test_an_old_bundle_that_names_fewer_sources_does_not_take_them_away():
    told = sources()
    hear(told, (0, 1), count=6)
    hear(told, (1, 2), count=4)

    assert told.expected == 6


def test_minutes_between_two_feeds_are_over_and_those_of_a_feed_are_not():
    told, hour = sources(), 3_600 * SECOND
    for offset, (at, ended) in enumerate([(0, None), (hour, hour), (2 * hour, hour), (9 * hour, None)]):
        for source in (0, 1):
            told.hear(replace(bundle(source, offset, at), ended=None if ended is None else START + ended), START)
        if offset == 2:
            during = [told.over(START + number * hour) for number in range(4)]
    after = [told.over(START + number * hour) for number in (0, 1, 8, 9, 10)]

    assert during == [False, True, True, True]
    assert after == [False, True, True, False, False]


def test_as_long_as_one_feed_goes_on_nothing_is_over():
    told = sources()
    told.hear(replace(bundle(0, 0, 0), ended=START), START)
    told.hear(bundle(1, 0, 0), START)

    assert not told.over(START + SECOND)


def test_a_lost_bundle_is_a_hole():
    told = sources()
    told.hear(bundle(0, 10, 0), START)
    told.hear(bundle(0, 30, 0, previous=20), START)

    assert told.holes == 1


@pytest.mark.parametrize("again", [[(10, -1)], [(15, 10)], [(12, 10), (20, 12)], [(30, 20)]])
def test_a_replay_is_no_hole(again):
    told = sources()
    for offset, previous in [(10, -1), (20, 10), *again]:
        told.hear(bundle(0, offset, 0, previous=previous), START)

    assert told.holes == 0


def test_a_replayed_bundle_does_not_turn_time_back():
    told = sources()
    told.hear(bundle(0, 20, 50), START)
    told.hear(bundle(0, 10, 20), START)

    assert told.through(()) == START + 50


def test_with_nobody_to_wait_for_nothing_has_arrived():
    assert sources().through(()) == 0
