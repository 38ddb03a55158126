"""The ledger: totals by target, told once per change, forgotten once expired."""

import msgspec
from msgspec.structs import replace

from pipeline.clusters import SHOWN
from pipeline.ledger import Ledger
from schemas.brand_log import Bundle, Partial, Progress
from tests.builders import MINUTE, SIGNAL, START

HORIZON = 10 * MINUTE


def ledger(targets: int = 1) -> Ledger:
    return Ledger(0, targets, MINUTE, HORIZON)


def at(offset: int, watermark: int) -> Progress:
    return Progress(source=0, sources=1, offset=offset, watermark=START + watermark)


def partials(told: list) -> list[Partial]:
    return [partial for output in told for partial in msgspec.json.decode(output.value, type=Bundle).partials]


def test_a_total_is_told_when_it_changed_and_not_again():
    held = ledger()
    held.add(SIGNAL, START)

    assert [partial.brand for partial in partials(held.tell(at(0, 0)))] == ["acme", "bolt"]
    assert held.tell(at(1, 0)) == []


def test_totals_are_cumulative():
    held = ledger()
    for offset in range(3):
        held.add(SIGNAL, START)
        told = partials(held.tell(at(offset, 0)))

    assert {partial.counts.posts for partial in told} == {3}


def test_a_minute_that_ends_is_told_again_complete_even_if_nothing_changed():
    held = ledger()
    held.tell_all(at(0, 0))
    held.add(SIGNAL, START)
    held.tell(at(1, 0))
    ended = partials(held.tell_all(at(2, MINUTE)))

    assert [len(partial.evidence) for partial in ended] == [1, 1]


def test_minutes_skipped_by_a_jump_of_the_watermark_end_too():
    held = ledger()
    held.tell_all(at(0, 0))
    held.add(SIGNAL, START)
    held.add(SIGNAL, START + 3 * MINUTE)
    ended = partials(held.tell_all(at(1, 8 * MINUTE)))

    assert {(partial.minute - START) // MINUTE for partial in ended if partial.evidence} == {0, 3}


def test_the_floor_is_the_horizon_before_the_bucket_of_the_watermark():
    assert ledger().floor(START + MINUTE + 5) == START + MINUTE - HORIZON


def test_dropping_forgets_what_is_below_the_floor_and_keeps_the_floor_itself():
    held = ledger()
    held.add(SIGNAL, START)
    held.add(SIGNAL, START + MINUTE)
    held.drop(START + MINUTE)
    stored = msgspec.json.decode(held.snapshot()["partials-0"])

    assert {row[0][1] for row in stored} == {START + MINUTE}


def test_a_checkpoint_holds_only_the_targets_that_changed():
    held = ledger(targets=8)
    held.add(SIGNAL, START)
    first, second = held.snapshot(), held.snapshot()

    assert 1 <= len(first) <= 2
    assert second == {}


def test_forgetting_a_minute_changes_the_checkpoint():
    held = ledger()
    held.add(SIGNAL, START)
    held.snapshot()
    held.drop(START + MINUTE)

    assert held.snapshot() == {"partials-0": b"[]"}


def test_what_was_marked_dirty_is_written_in_full():
    held = ledger(targets=3)
    held.snapshot()
    held.mark_all_dirty()

    assert sorted(held.snapshot()) == ["drills", "partials-0", "partials-1", "partials-2"]


def test_a_restored_ledger_goes_on_where_the_other_stood():
    held, other = ledger(), ledger()
    held.tell_all(at(0, 0))
    held.add(SIGNAL, START)
    held.late(SIGNAL, START - MINUTE)
    held.tell(at(1, 0))
    other.restore(held.snapshot(), list(held.previous), START, [])
    for one in (held, other):
        one.add(SIGNAL, START)

    assert other.tell_all(at(2, MINUTE)) == held.tell_all(at(2, MINUTE))


def test_an_ended_minute_keeps_the_posts_of_few_texts_however_many_there_were():
    held = ledger()
    held.tell_all(at(0, 0))
    for number in range(20):
        held.add(replace(SIGNAL, post_uid=f"{number}", fingerprint=(number + 1) * 0x9E37_79B9_7F4A_7C15 % 2**63), START)
    ended = partials(held.tell_all(at(1, MINUTE)))

    assert {len(partial.clusters) for partial in ended} == {20}
    assert {sum(cluster.post is not None for cluster in partial.clusters) for partial in ended} == {SHOWN - 1}
