"""What was withdrawn is remembered for a day, in bounded room, and the same after a restart."""

import pytest
from msgspec.structs import replace

from pipeline.withdrawn import HOUR_MS, KEPT_HOURS, MOST_AN_HOUR, Withdrawn
from schemas.withdrawal import Withdrawal
from tests.builders import SIGNAL, START

POST = replace(SIGNAL, post_uid="x:1", author_key="ann", repost_of="x:0")


def told(*subjects: str, at: int = START) -> Withdrawn:
    memory = Withdrawn()
    for subject in subjects:
        memory.note(Withdrawal(subject=subject), at)
    return memory


def restored(memory: Withdrawn) -> Withdrawn:
    memory.mark_all_dirty()
    again = Withdrawn()
    again.restore(memory.snapshot())
    return again


@pytest.mark.parametrize("subject", ["post:x:1", "author:ann", "post:x:0"], ids=["itself", "author", "original"])
def test_a_post_is_hidden_by_itself_its_author_or_what_it_reposts(subject):
    assert told(subject).hides(POST, START)


@pytest.mark.parametrize("subject", ["post:x:11", "author:an", "author:x:1", "post:ann", "post:"])
def test_nothing_else_hides_it(subject):
    assert not told(subject).hides(POST, START)


def test_a_post_without_an_author_is_not_hidden_by_a_nameless_one():
    assert not told("author:").hides(replace(POST, author_key="", repost_of=""), START)


def test_it_is_remembered_for_a_day_and_then_forgotten():
    memory = told("post:x:1")

    assert memory.hides(POST, START + (KEPT_HOURS - 1) * HOUR_MS)
    assert not memory.hides(POST, START + KEPT_HOURS * HOUR_MS)


def test_what_is_told_again_is_remembered_from_then_on():
    memory = told("post:x:1")
    memory.note(Withdrawal(subject="post:x:1"), START + 10 * HOUR_MS)

    assert memory.hides(POST, START + (KEPT_HOURS + 9) * HOUR_MS)


def test_what_is_taken_back_is_shown_again():
    memory = told("post:x:1")
    memory.note(Withdrawal(subject="post:x:1", back=True), START)

    assert not memory.hides(POST, START)
    assert not restored(memory).hides(POST, START)


def test_a_flood_shortens_the_memory_and_does_not_grow_it():
    memory = told("post:x:1", *(f"post:flood:{number}" for number in range(MOST_AN_HOUR)))
    memory.note(Withdrawal(subject="post:x:1"), START + HOUR_MS)
    for number in range(2 * MOST_AN_HOUR):
        memory.note(Withdrawal(subject=f"post:again:{number}"), START + 2 * HOUR_MS)
    memory.mark_all_dirty()

    assert memory.hides(POST, START + 2 * HOUR_MS)
    assert sum(len(block) for block in memory.snapshot().values()) <= 3 * (8 * MOST_AN_HOUR + 20)


def test_hours_long_past_make_room():
    memory = Withdrawn()
    for hour in range(100):
        memory.note(Withdrawal(subject=f"post:{hour}"), START + hour * HOUR_MS)
    memory.mark_all_dirty()

    assert len(memory.snapshot()) == KEPT_HOURS + 1
    assert memory.hides(replace(POST, post_uid="99"), START + 99 * HOUR_MS)


def test_a_clock_that_was_set_back_by_days_changes_nothing():
    memory = told("post:x:1", at=START + 40 * 24 * HOUR_MS)
    memory.note(Withdrawal(subject="post:old"), START)

    assert memory.hides(POST, START + 40 * 24 * HOUR_MS)


def test_a_clock_that_was_days_ahead_for_a_moment_stops_no_forgetting():
    memory = told("post:x:99", at=START + 40 * 24 * HOUR_MS)
    memory.note(Withdrawal(subject="post:x:1"), START)

    assert memory.hides(POST, START)
    assert restored(memory).hides(POST, START + HOUR_MS)


def test_a_checkpoint_holds_it_and_only_what_changed_is_written():
    memory = told("post:x:1")
    first = dict(memory.snapshot())
    memory.note(Withdrawal(subject="author:bob"), START + HOUR_MS)
    second = dict(memory.snapshot())
    again = Withdrawn()
    again.restore(first | second)

    assert len(first) == len(second) == 1
    assert first.keys() != second.keys()
    assert memory.snapshot() == {}
    assert again.hides(POST, START + HOUR_MS)
    assert again.hides(replace(POST, post_uid="x:2", author_key="bob", repost_of=""), START + HOUR_MS)
