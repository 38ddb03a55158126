"""Listen: what counts where, what time is, and when the brand log hears of it."""

import pytest

from pipeline.listen import Listen, Partitions
from pipeline.partition_time import LIVE_MS
from pipeline.stage import Poisoned
from schemas.brand_log import Bundle, Counts
from schemas.post import SocialPost, Tick
from tests.builders import LATER, MINUTE, START, bundles, listen, post, record, records

HOUR = 60 * MINUTE
NOW = 10 * HOUR  # ms since START
DEAD = "social.posts.v1.dlq"

KINDS = {
    "ticks": Tick(at=START),
    "rejected": b"{",
    "unmatched": post("2", NOW, "nobody"),
    "duplicates": post("1", NOW),
    "expired": post("2", NOW - HOUR),
    "withdrawn": post("1", NOW, op="delete"),
}


def counters(stage: Listen) -> dict[str, int]:
    """The counters that are not zero."""
    progress = stage.progress()
    names = ("ticks", "rejected", "unmatched", "duplicates", "expired", "withdrawn")
    return {name: getattr(progress, name) for name in names if getattr(progress, name)}


def fed(stage: Listen, *posts: SocialPost | Tick | bytes) -> list[Bundle]:
    """The bundles of one batch and its flush."""
    return bundles([*stage.apply(records(posts)), *stage.flush()])


def total(told: list[Bundle], minute: int = NOW, brand: str = "acme") -> tuple[int, int]:
    """On-time and late posts of a minute, as the last bundle that names it says."""
    found = [
        (partial.counts.posts, partial.late)
        for bundle in told for partial in bundle.partials
        if (partial.brand, partial.minute) == (brand, START + minute)
    ]  # fmt: skip
    return found[-1] if found else (0, 0)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_of_record_has_a_counter_of_its_own_and_adds_nothing_to_the_totals(kind):
    stage = listen()
    told = fed(stage, post("1", NOW), KINDS[kind])

    assert counters(stage) == {kind: 1}
    assert stage.progress().read == 2
    assert total(told) == (1, 0)


def test_a_bundle_says_that_the_feed_has_ended_until_the_next_post_or_tick_even_after_a_restart():
    stage, ended = listen(), Tick(at=START + NOW + 5 * MINUTE, ended=START + NOW)
    over = fed(stage, post("1", NOW), ended)
    restored = listen()
    restored.restore(*stage.snapshot())
    restored.apply([record(2, Tick(at=START + NOW + 6 * MINUTE, ended=START + NOW))])
    again = bundles(restored.apply([record(3, post("2", NOW + 9 * MINUTE))]))

    assert over[-1].ended == START + NOW
    assert {bundle.ended for bundle in again} == {None}


@pytest.mark.parametrize("op", ["update", "undelete", "undrop"])
def test_a_new_text_of_a_known_post_is_a_signal_but_no_second_post(op):
    stage = listen()
    signals = [output for output in stage.apply(records([post("1", NOW), post("1", NOW, op=op)])) + stage.flush()
               if output.topic == "social.signals.v1"]  # fmt: skip

    assert counters(stage) == {}
    assert [output.value.count(b'"post_uid"') for output in signals] == [2]
    assert total(fed(listen(), post("1", NOW), post("1", NOW, op=op))) == (1, 0)


def test_a_late_post_is_counted_apart_and_leaves_the_closed_total_alone():
    told = fed(listen(), post("1", NOW), post("2", NOW + 5 * MINUTE), post("3", NOW))

    assert total(told) == (1, 1)


def test_a_post_within_the_allowed_lateness_is_on_time():
    told = fed(listen(lateness_s=30), post("1", NOW), post("2", NOW + MINUTE + 29_999), post("3", NOW))

    assert total(told) == (2, 0)


def test_an_expired_post_never_begins_a_total_anew():
    stage = listen()
    fed(stage, *(post(str(number), NOW) for number in range(5)), post("new", NOW + HOUR))
    told = bundles(stage.apply([record(6, post("straggler", NOW))]) + stage.flush())

    assert counters(stage) == {"expired": 1}
    assert told == []


def test_the_oldest_minute_of_the_horizon_is_late_and_the_one_before_it_expired():
    stage = listen(horizon_s=1_800, lateness_s=0)
    told = fed(stage, post("1", NOW), post("2", NOW - 1_800_000), post("3", NOW - 1_800_001))

    assert total(told, NOW - 1_800_000) == (0, 1)
    assert counters(stage) == {"expired": 1}


def test_the_watermark_never_goes_back():
    stage = listen()
    seen = []
    for offset, at in enumerate([NOW, NOW - HOUR, NOW + 1, NOW - 1]):
        stage.apply([record(offset, post(str(offset), at))])
        seen.append(stage.watermark)

    assert seen == sorted(seen)
    assert seen[-1] == START + NOW + 1 - 30_000


def test_time_is_never_ahead_of_the_brokers_append_time():
    stage = listen(lateness_s=0)
    stage.apply([record(0, post("1", NOW + 4 * MINUTE), START + NOW), record(1, Tick(at=LATER), START + NOW)])

    assert stage.watermark == START + NOW


def test_a_post_from_the_future_is_rejected_by_name_and_moves_nothing():
    stage = listen(lateness_s=0)
    outputs = stage.apply([record(0, post("1", 0), START), record(1, post("2", 301_000), START)])
    dead = [dict(output.headers)["tocsin-reason-code"] for output in outputs if output.topic == DEAD]

    assert dead == [b"future_timestamp"]
    assert stage.watermark == START
    assert counters(stage) == {"rejected": 1}


def test_before_the_first_post_the_watermark_is_zero():
    assert listen().watermark == 0


def test_a_post_that_enters_another_minute_tells_every_target_at_once_and_one_that_does_not_tells_none():
    stage = listen(Partitions(1, 3), lateness_s=0)
    stage.apply([record(0, post("1", NOW))])
    within = stage.apply([record(1, post("2", NOW + MINUTE - 1))])
    entering = stage.apply([record(2, post("3", NOW + MINUTE))])

    assert within == []
    assert [output.partition for output in entering] == [0, 1, 2]


def test_the_record_that_enters_a_minute_is_in_the_bundle_it_sends():
    told = bundles(listen().apply(records([post("1", NOW)])))

    assert total(told) == (1, 0)
    assert told[0].progress.offset == 0


def test_a_flush_goes_only_to_the_targets_with_news_and_only_once():
    stage = listen(Partitions(1, 2))
    stage.apply(records([post("1", NOW)]))
    stage.apply([record(1, post("2", NOW))])
    outputs = [output for output in stage.flush() if output.topic == "social.brand-log.v1"]

    assert len(outputs) == 1
    assert stage.flush() == []


def test_authors_and_evidence_are_in_the_bundle_that_ends_a_minute_and_not_before():
    stage = listen(lateness_s=0)
    opened = fed(stage, post("1", NOW, "acme bad"))
    ended = bundles(stage.apply([record(1, post("2", NOW + MINUTE))]))
    before, after = opened[-1].partials[0], ended[-1].partials[0]

    assert (before.authors, before.evidence) == ((), ())
    assert len(after.authors) == 1
    assert [quote.post_uid for quote in after.evidence] == ["1"]


def test_each_bundle_names_the_one_before_it_on_the_same_target():
    stage = listen(Partitions(1, 2))
    chains: dict[int, list[tuple[int, int]]] = {0: [], 1: []}
    for offset in range(30):
        batch = [record(offset, post(str(offset), NOW + offset * 20_000, "acme" if offset % 3 else "bolt"))]
        for output in [*stage.apply(batch), *stage.flush()]:
            for told in bundles([output]):
                chains[output.partition].append((told.previous, told.progress.offset))

    assert all(len(chain) >= 10 for chain in chains.values())
    for chain in chains.values():
        assert [previous for previous, _ in chain] == [-1, *(offset for _, offset in chain[:-1])]


def test_the_same_post_in_another_minute_is_another_post():
    told = fed(listen(), post("1", NOW), post("1", NOW + MINUTE))

    assert total(told, NOW + MINUTE) == (1, 0)


def test_a_post_of_two_brands_counts_for_both():
    told = fed(listen(), post("1", NOW, "acme and bolt bad", reach=7))
    partials = {partial.brand: partial.counts for partial in told[-1].partials}

    assert partials == dict.fromkeys(
        ("acme", "bolt"), Counts(posts=1, negatives=1, complaints=1, severity=1, polarity_milli=-500, reach=7)
    )


def test_a_dead_letter_stands_on_the_same_partition_with_the_bytes_that_failed():
    outputs = listen(Partitions(4, 1), source=3).apply([record(0, b"{")])

    assert [(output.topic, output.partition, output.key, output.value) for output in outputs] == [
        (DEAD, 3, b"key", b"{")
    ]


def test_a_partition_of_rubbish_is_poisoned():
    with pytest.raises(Poisoned, match=r"social\.posts\.v1/0@250: invalid_json"):
        listen().apply(records([b"{"] * 500))


def test_rubbish_that_was_replayed_does_not_pull_the_brake_and_is_rejected_once_more():
    stage = listen()
    outputs = stage.apply([one._replace(headers=(("tocsin-attempts", b"2"),)) for one in records([b"{"] * 500)])

    assert [dict(output.headers)["tocsin-attempts"] for output in outputs] == [b"2"] * 500
    assert counters(stage) == {"rejected": 500}


def test_a_feed_is_live_while_its_time_is_close_to_the_brokers():
    stage, moment = listen(), START + NOW
    stage.apply([record(0, post("1", NOW), moment + LIVE_MS)])
    live = stage.time.live
    stage.apply([record(1, post("2", NOW), moment + LIVE_MS + 1)])

    assert live
    assert not stage.time.live


def test_a_straggler_does_not_stop_a_live_feed():
    stage = listen()
    stage.apply([record(0, post("1", NOW), START + NOW), record(1, post("2", NOW - HOUR), START + NOW)])

    assert stage.time.live
