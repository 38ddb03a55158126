"""A shadow begins as a copy, ends without a trace, and is paid for only while it is there."""

import msgspec

from pipeline.shadow import HEAD, PREFIX, Shadowed
from schemas.brand_log import Counts
from schemas.topics import BRAND_LOG_DLQ
from tests.builders import MINUTE, bundle, record, rules_change, watchlist

ONE, TWO = watchlist(), watchlist(min_authors=20)


def stage(*values: msgspec.Struct) -> Shadowed:
    made = Shadowed(0, ONE)
    made.apply([record(offset, value) for offset, value in enumerate(values)])
    return made


def beside(made: Shadowed) -> dict[str, bytes]:
    made.mark_all_dirty()
    return {name: block for name, block in made.snapshot().blocks.items() if name.startswith(PREFIX)}


def told(minute: int):
    return bundle(0, minute, minute * MINUTE, {("acme", minute * MINUTE): Counts(posts=1)}, previous=minute - 1)


def test_without_one_nothing_is_written_of_it():
    assert beside(stage(told(0), told(1))) == {}


def test_one_that_ended_is_emptied_and_stays_named_because_the_manifest_names_it():
    made = stage(told(0), rules_change(TWO, "shadow"), told(1), told(2))
    names = beside(made).keys()
    made.apply([record(4, rules_change(None, "shadow"))])
    made.mark_all_dirty()
    after, head = made.snapshot()
    again = Shadowed(0, ONE)
    again.restore(after, head)

    assert {HEAD, f"{PREFIX}rules", f"{PREFIX}open"} < names
    assert {name for name, block in after.items() if block == b""} == names
    assert again.rulings["shadow"] is None
    assert beside(again) == dict.fromkeys(names, b"")


def test_it_ends_when_buckets_get_another_length():
    made = stage(told(0), rules_change(TWO, "shadow"), rules_change(watchlist(bucket_s=30)))

    assert made.rulings["shadow"] is None


def test_a_change_of_thresholds_does_not_touch_it():
    made = stage(rules_change(TWO, "shadow"), rules_change(watchlist(min_authors=3)))

    assert made.rulings["pages"].watchlist.rules.min_authors == 3
    assert made.rulings["shadow"].watchlist == TWO


def test_a_bad_one_is_a_dead_letter_and_does_not_begin():
    made = Shadowed(0, ONE)
    bad = msgspec.structs.replace(rules_change(TWO, "shadow"), watchlist={"brands": 3})
    outputs = made.apply([record(0, bad)])

    assert [output.topic for output in outputs] == [BRAND_LOG_DLQ.name]
    assert made.rulings["shadow"] is None


def test_one_that_nobody_asked_for_does_not_begin():
    made = stage(rules_change(None, "shadow"), msgspec.structs.replace(rules_change(TWO), scope="shadow"))
    made.apply([record(2, rules_change(TWO, "shadow"))._replace(key=b"other")])

    assert made.next == 3
    assert made.rulings["shadow"].watchlist == TWO
