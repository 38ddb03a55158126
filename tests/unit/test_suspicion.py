"""Which accounts seem to be run in bulk, and what is remembered of them."""

import msgspec
import pytest
from msgspec.structs import replace

from pipeline.habits import HALF_MS, MOST, Habits
from pipeline.suspicion import DAY_MS, SUSPECTED, Habit, suspicion
from schemas.author import Author
from schemas.signal import Signal
from tests.builders import SIGNAL, START

NEW = START - DAY_MS // 2
OLD = START - 400 * DAY_MS
CALM = Habit(1, 1, 1)


def signal(**changes: object) -> Signal:
    return replace(SIGNAL, **changes)


def score(habit: Habit = CALM, **known: object) -> float:
    return suspicion(Author(author_key="a", **known), START, habit)


def test_what_a_source_does_not_tell_is_no_sign():
    assert suspicion(None, START, Habit()) == 0
    assert score() == 0


@pytest.mark.parametrize(
    ("habit", "known"),
    [
        (CALM, {"account_created_at": NEW}),
        (CALM, {"account_created_at": OLD, "posts": 400 * 300}),
        (CALM, {"followers": 1, "following": 4_000}),
        (Habit(40, 1, 1), {}),
        (Habit(12, 12, 12), {"verified_kind": "organisation"}),
        (Habit(90, 90, 90), {"type": "media", "account_created_at": NEW}),
        (Habit(1, 1, 10_000), {}),
    ],
)
def test_one_sign_alone_or_a_known_account_is_not_suspected(habit, known):
    assert score(habit, **known) < SUSPECTED


@pytest.mark.parametrize(
    ("habit", "known"),
    [
        (CALM, {"suspended": True}),
        (CALM, {"account_created_at": NEW, "posts": 400}),
        (CALM, {"account_created_at": NEW, "followers": 0, "following": 900}),
        (Habit(1, 1, 9), {"account_created_at": NEW}),
        (Habit(12, 12, 12), {}),
        (Habit(30, 3, 1), {}),
        (Habit(12, 12, 12), {"verified": True, "verified_kind": "paid"}),
    ],
)
def test_two_signs_together_are_suspected(habit, known):
    assert SUSPECTED <= score(habit, **known) <= 1


@pytest.mark.parametrize(
    "known", [{"account_created_at": START + 1}, {"account_created_at": 0, "posts": 0}, {"following": 0}]
)
def test_strange_numbers_are_no_sign(known):
    assert score(**known) == 0


def test_an_hour_of_posts_is_remembered_by_account_and_text():
    habits = Habits()
    said = [
        habits.notice(signal(author_key=who, fingerprint=text), START)
        for who, text in [("a", 5), ("b", 5), ("a", 5), ("a", 6)]
    ]

    assert said == [(1, 1, 1), (1, 1, 2), (2, 2, 3), (3, 1, 1)]


@pytest.mark.parametrize(("later", "posts"), [(HALF_MS - 1, 2), (HALF_MS, 2), (2 * HALF_MS, 1), (9 * HALF_MS, 1)])
def test_posts_are_forgotten_within_an_hour(later, posts):
    habits, start = Habits(), START - START % HALF_MS
    habits.notice(signal(author_key="a"), start)

    assert habits.notice(signal(author_key="a"), start + later).posts == posts


def test_reposts_copy_nothing_and_nobody_has_no_habits():
    habits = Habits()
    reposts = [habits.notice(signal(author_key="a", fingerprint=5, repost_of="x:1"), START) for _ in range(3)]

    assert reposts[-1] == (3, 0, 0)
    assert habits.notice(signal(author_key="", fingerprint=5), START) == (0, 0, 0)


def test_no_more_accounts_are_followed_than_there_is_room_for():
    habits = Habits()
    for number in range(MOST + 9):
        habits.notice(signal(author_key=f"account {number}", fingerprint=number + 1), START)

    assert habits.notice(signal(author_key=f"account {MOST + 8}"), START).posts == 1
    assert habits.notice(signal(author_key="account 0"), START).posts == 2
    assert len(habits.snapshot()["habits"]) < 40 * MOST


def test_looking_at_habits_counts_nothing():
    habits = Habits()
    habits.notice(signal(author_key="a", fingerprint=5), START)

    assert [habits.known(signal(author_key="a", fingerprint=5)) for _ in range(3)] == [(1, 1, 1)] * 3
    assert habits.known(signal(author_key="b", fingerprint=5)) == (0, 0, 1)


def test_habits_read_back_go_on_like_those_that_were_stored():
    habits, again = Habits(), Habits()
    habits.notice(signal(author_key="a", fingerprint=5), START)
    again.restore(dict(habits.snapshot()))

    assert again.notice(signal(author_key="a", fingerprint=5), START) == habits.notice(
        signal(author_key="a", fingerprint=5), START
    )
    assert not Habits().snapshot()
    assert msgspec.msgpack.decode(again.snapshot()["habits"]) == msgspec.msgpack.decode(habits.snapshot()["habits"])
