"""Watch: when minutes close, without whom, and what happens when they come back."""

import msgspec
import pytest

from pipeline.stage import Output
from pipeline.watch import DARK_MS, Watch
from schemas.alert import Delivery
from schemas.brand_log import Bundle, Counts, Partial
from schemas.codec import encode
from schemas.minute import Minute
from tests.builders import MINUTE, START, bundle, record, rules_change, watchlist

DAY = 86_400_000
THREE = Counts(posts=3, complaints=1)


class Log:
    """A brand log in which every bundle is appended at a time given in ms since ``START``."""

    def __init__(self, **rules: float) -> None:
        self.watch, self.outputs = Watch(0, watchlist(**rules)), list[Output]()

    def say(self, told: Bundle, at: int = 0) -> list[Minute]:
        """The minutes that a bundle closes."""
        made = self.watch.apply([record(self.watch.next, told, START + at)])
        self.outputs += made
        return minutes(made)


def minutes(outputs: list[Output]) -> list[Minute]:
    return [
        msgspec.json.decode(output.value, type=Minute)
        for output in outputs if output.topic == "social.minutes.v1" and output.value
    ]  # fmt: skip


def seen(closed: list[Minute]) -> list[tuple[str, int, int]]:
    """Brand, minute of the day, posts."""
    return [(minute.brand, (minute.minute - START) // MINUTE, minute.posts) for minute in closed]


def test_a_minute_closes_when_every_source_has_passed_its_end():
    log = Log()
    early = [
        *log.say(bundle(0, 0, 0, {("acme", 0): THREE}, sources=2)),
        *log.say(bundle(1, 0, MINUTE - 1, {("acme", 0): THREE}, sources=2)),
        *log.say(bundle(0, 1, 5 * MINUTE, sources=2)),
    ]
    closed = log.say(bundle(1, 1, MINUTE, sources=2))

    assert early == []
    assert seen(closed) == [("acme", 0, 6)]


def test_minutes_close_once_and_in_order_brand_by_brand():
    log = Log()
    partials = {("bolt", 0): THREE, ("acme", 0): THREE, ("acme", 2 * MINUTE): THREE}
    first = log.say(bundle(0, 0, 3 * MINUTE, partials))
    again = log.say(bundle(0, 0, 3 * MINUTE, partials))

    assert seen(first) == [("acme", 0, 3), ("bolt", 0, 3), ("acme", 2, 3)]
    assert again == []


def test_a_partial_for_a_closed_minute_changes_nothing():
    log = Log()
    log.say(bundle(0, 0, MINUTE, {("acme", 0): THREE}))

    assert log.say(bundle(0, 1, 2 * MINUTE, {("acme", 0): Counts(posts=9)})) == []
    assert log.watch.snapshot().blocks["open"] == b"[]"


def test_late_posts_alone_do_not_make_a_brand_known():
    log, late = Log(), Partial(brand="acme", minute=START, counts=Counts(), late=5)
    told = bundle(0, 0, 5 * MINUTE)
    log.say(msgspec.structs.replace(told, partials=(late,)))

    assert log.watch.snapshot().blocks.keys() == {"open", "rising", "rules"}
    assert log.watch.snapshot().blocks == {}


def silent_source() -> Log:
    """Source 1 spoke of minute 0 and fell silent, source 0 goes on for four; patience is a bucket and two minutes."""
    log = Log(patience_s=120)
    log.say(bundle(1, 0, 0, {("acme", 0): THREE}, sources=2))
    for step in range(4):
        assert log.say(bundle(0, step, step * MINUTE, {("acme", step * MINUTE): THREE}, sources=2), step * MINUTE) == []
    return log


def test_a_minute_closes_without_a_source_that_is_silent_for_longer_than_the_patience_and_says_so():
    log = silent_source()
    closed = log.say(bundle(0, 4, 4 * MINUTE, sources=2), 3 * MINUTE + 1)

    assert seen(closed) == [("acme", 0, 6), ("acme", 1, 3), ("acme", 2, 3), ("acme", 3, 3)]
    assert {(minute.revision, minute.missing) for minute in closed} == {(1, (1,))}


def test_a_silent_source_that_had_passed_the_minute_before_said_all_of_it_and_is_not_missing():
    log = Log(patience_s=120)
    log.say(bundle(1, 0, 2 * MINUTE, {("acme", 0): THREE}, sources=2))
    for step in range(4):
        log.say(bundle(0, step, 0, sources=2), step * MINUTE)
    closed = log.say(bundle(0, 4, 4 * MINUTE, {("acme", 0): THREE, ("acme", 3 * MINUTE): THREE}, sources=2), 4 * MINUTE)

    assert [(*row, minute.missing) for row, minute in zip(seen(closed), closed, strict=True)] == [
        ("acme", 0, 6, ()), ("acme", 3, 3, (1,)),
    ]  # fmt: skip


def test_when_the_source_is_back_and_past_the_minute_it_goes_out_again_whole():
    log = silent_source()
    log.say(bundle(0, 4, 4 * MINUTE, sources=2), 3 * MINUTE + 1)
    behind = log.say(bundle(1, 1, MINUTE - 1, {("acme", 0): Counts(posts=10)}, sources=2), 3 * MINUTE + 2)
    passing = log.say(bundle(1, 2, 2 * MINUTE, {("acme", MINUTE): Counts(posts=7)}, sources=2), 3 * MINUTE + 3)

    assert behind == []
    assert seen(passing) == [("acme", 0, 13), ("acme", 1, 10)]
    assert {(minute.revision, minute.missing) for minute in passing} == {(2, ())}


def test_what_is_told_again_is_told_again_once():
    log = silent_source()
    log.say(bundle(0, 4, 4 * MINUTE, sources=2), 3 * MINUTE + 1)
    log.say(bundle(1, 2, 4 * MINUTE, sources=2), 3 * MINUTE + 2)

    assert log.say(bundle(1, 3, 4 * MINUTE + 1, sources=2), 3 * MINUTE + 3) == []


def test_detectors_see_a_minute_once_even_if_it_is_told_twice():
    log = silent_source()
    log.say(bundle(0, 4, 4 * MINUTE, sources=2), 3 * MINUTE + 1)
    log.watch.snapshot()
    corrected = log.say(bundle(1, 2, 4 * MINUTE, {("acme", 0): Counts(posts=99)}, sources=2), 3 * MINUTE + 2)

    assert [(minute.posts, minute.scores) for minute in corrected[:1]] == [(102, {})]
    assert set(log.watch.snapshot().blocks) == {"open", "rising"}


def test_minutes_older_than_the_horizon_are_not_waited_for():
    log = Log(patience_s=120, horizon_s=600)
    log.say(bundle(1, 0, 0, {("acme", 0): THREE}, sources=2))
    for step in range(30):
        log.say(bundle(0, step, step * MINUTE, sources=2), step * MINUTE)
    told = log.say(bundle(1, 1, 29 * MINUTE, {("acme", 0): Counts(posts=10)}, sources=2), 29 * MINUTE)

    assert told == []


def test_a_source_that_catches_up_is_waited_for_however_long_it_takes():
    log = Log(patience_s=120)
    closed = []
    for step in range(60):
        log.say(bundle(0, step, DAY + step, {("acme", 0): THREE}, sources=2), step * MINUTE)
        closed += log.say(bundle(1, step, step, sources=2), step * MINUTE)

    assert closed == []


def test_after_all_were_down_the_first_to_speak_waits_for_the_others():
    log = Log(patience_s=120)
    for source in (0, 1):
        log.say(bundle(source, 0, 0, {("acme", 0): THREE}, sources=2))
    alone = log.say(bundle(0, 1, 10 * MINUTE, sources=2), DAY)
    both = log.say(bundle(1, 1, 10 * MINUTE, {("acme", 0): Counts(posts=9)}, sources=2), DAY + 1)

    assert alone == []
    assert [(minute.posts, minute.missing) for minute in both] == [(12, ())]


def test_more_sources_are_waited_for_from_the_bundle_that_names_them():
    log = Log(patience_s=120)
    for step in range(10):
        for source in range(4):
            log.say(bundle(source, step, step * MINUTE, {("acme", step * MINUTE): THREE}, sources=4), step * MINUTE)
    grown = [log.say(bundle(source, 10, 10 * MINUTE, sources=6), 10 * MINUTE) for source in range(4)]
    new = [log.say(bundle(source, 0, 10 * MINUTE, sources=6), 10 * MINUTE) for source in (4, 5)]

    assert grown == [[]] * 4
    assert [seen(closed) for closed in new] == [[], [("acme", 9, 12)]]


def test_a_jump_of_years_walks_through_a_day_of_zeros_and_not_through_every_minute(monkeypatch):
    walked = []
    close = Watch._close_brand
    monkeypatch.setattr(Watch, "_close_brand", lambda *args: walked.append(args) or close(*args))
    log = Log()
    log.say(bundle(0, 0, 0, {("acme", 0): THREE}))
    closed = log.say(bundle(0, 1, 3_650 * DAY, {("acme", 3_649 * DAY): THREE}))

    assert seen(closed) == [("acme", 0, 3), ("acme", 3_649 * DAY // MINUTE, 3)]
    assert len(walked) <= 2 * DARK_MS // MINUTE + 4


def test_the_log_may_begin_with_years_of_nothing():
    log = Log()
    log.say(bundle(0, 0, 0))
    log.say(bundle(0, 1, 3_650 * DAY))

    assert seen(log.say(bundle(0, 2, 3_650 * DAY + MINUTE, {("acme", 3_650 * DAY): THREE}))) == [
        ("acme", 3_650 * DAY // MINUTE, 3)
    ]


def test_a_minute_without_posts_is_closed_in_silence():
    log = Log()
    log.say(bundle(0, 0, MINUTE, {("acme", 0): THREE}))

    assert log.say(bundle(0, 1, 9 * MINUTE)) == []


def test_a_lost_bundle_is_seen():
    log = Log()
    log.say(bundle(0, 0, 0))
    log.say(bundle(0, 9, 0, previous=5))

    assert log.watch.holes == 1


def test_an_unreadable_record_is_a_dead_letter_and_the_next_one_counts():
    log = Log()
    outputs = log.watch.apply([record(0, b"{"), record(1, bundle(0, 0, MINUTE, {("acme", 0): THREE}))])

    assert [output.topic for output in outputs] == ["social.brand-log.v1.dlq", "social.minutes.v1"]


def test_deliveries_on_the_log_decide_nothing():
    delivery = Delivery(
        page_id="p", dedup_key="i", brand="acme", target="t", status="delivered", attempts=1, requested_at=START,
        finished_at=START,
    )  # fmt: skip
    log = Log()

    assert log.watch.apply([record(0, delivery)]) == []
    assert log.watch.next == 1


def test_outputs_stand_on_the_partition_of_the_log_keyed_by_brand():
    stage = Watch(5, watchlist())
    outputs = stage.apply([record(0, bundle(0, 0, MINUTE, {("acme", 0): THREE}))])

    assert [(output.partition, output.key) for output in outputs] == [(5, b"acme")]


def test_nothing_heard_makes_an_empty_checkpoint():
    log = Log()
    log.say(bundle(0, 0, 0))
    log.watch.snapshot()

    assert log.watch.snapshot().blocks == {}


@pytest.mark.parametrize("bucket_s", [30, 300])
def test_after_a_change_of_the_bucket_length_minutes_close_on_the_new_marks(bucket_s):
    log = Log()
    log.say(bundle(0, 0, MINUTE, {("acme", 0): THREE}))
    log.watch.apply([record(1, rules_change(watchlist(bucket_s=bucket_s)))])
    at = bucket_s * 1_000 * 20

    assert seen(log.say(bundle(0, 1, at + bucket_s * 1_000, {("acme", at): THREE}))) == [("acme", at // MINUTE, 3)]


def test_the_last_word_of_a_source_is_the_one_with_the_highest_offset():
    log = Log()
    told = bundle(0, 5, 0, {("acme", 0): THREE})
    older = bundle(0, 4, 0, {("acme", 0): Counts(posts=1)})
    log.watch.apply([record(0, told), record(1, encode(older))])

    assert seen(log.say(bundle(0, 6, MINUTE))) == [("acme", 0, 3)]


def test_a_restored_watch_has_the_patience_of_the_rules_in_its_checkpoint():
    old, new = Log(patience_s=120), Log(patience_s=3_600)
    old.say(bundle(1, 0, 0, {("acme", 0): THREE}, sources=2))
    new.watch.restore(*old.watch.snapshot())
    closed = [log for step in range(5) for log in new.say(bundle(0, step, step * MINUTE, sources=2), step * MINUTE)]

    assert [minute.missing for minute in closed] == [(1,)]
