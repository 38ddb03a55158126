"""Recent: the same post delivered again is one post, until its minute has ended."""

from pipeline.recent import Recent, post_hash


def test_a_post_is_new_once():
    recent = Recent()

    assert [recent.again(0, uid) for uid in ("a", "b", "a", "a")] == [False, False, True, True]


def test_minutes_do_not_know_each_other():
    recent = Recent()
    recent.again(0, "a")

    assert not recent.again(60, "a")


def test_dropping_forgets_the_minute_itself_and_those_before():
    recent = Recent()
    for minute in (0, 60, 120):
        recent.again(minute, "a")
    recent.drop(60)

    assert [recent.again(minute, "a") for minute in (0, 60, 120)] == [False, False, True]


def test_a_restored_one_knows_the_same_posts():
    recent, restored = Recent(), Recent()
    recent.again(0, "a")
    recent.again(60, "é")
    restored.restore(recent.snapshot())

    assert restored.again(0, "a")
    assert restored.again(60, "é")
    assert not restored.again(0, "b")


def test_only_a_change_is_written():
    recent = Recent()
    recent.again(0, "a")

    assert recent.snapshot() != {}
    assert recent.snapshot() == {}
    recent.drop(0)

    assert recent.snapshot() != {}


def test_nothing_forgotten_is_no_change():
    recent = Recent()
    recent.again(60, "a")
    recent.snapshot()
    recent.drop(0)

    assert recent.snapshot() == {}


def test_hashes_fit_a_signed_64_bit_integer():
    assert all(0 <= post_hash(str(number)) < 2**63 for number in range(100))
