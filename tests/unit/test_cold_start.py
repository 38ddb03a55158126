"""An account that nobody endorsed yet is expected to be as influential as accounts of its size are on average."""

import pytest

from pipeline.cold_start import HALVED, KNOWN, ColdStart
from pipeline.voices import Voices
from tests.builders import START, listen, post, records
from tests.noise import whole
from tests.voices import signals, voice


def taught(followers: int, scores: list[float]) -> ColdStart:
    cold = ColdStart()
    for score in scores:
        cold.learn(followers, score)
    return cold


def test_the_mean_of_accounts_of_a_size_counts_those_nobody_endorses() -> None:
    cold = taught(1_000, [40.0, 0.0, 0.0, 0.0] * KNOWN)

    assert cold.expected(900) == pytest.approx(10)
    assert cold.expected(600_000) == pytest.approx(10)  # of the next smaller size
    assert cold.expected(100) == cold.expected(0) == 0


def test_few_accounts_say_nothing() -> None:
    assert taught(1_000, [40.0] * (KNOWN - 1)).expected(1_000) == 0


def test_what_is_usual_may_change_and_a_huge_count_is_bounded() -> None:
    cold = taught(2**70, [100.0] * HALVED + [0.0] * 5 * HALVED)

    assert cold.expected(2**70) < 15


def test_a_known_author_has_its_own_score_and_a_new_one_that_of_its_like_even_after_a_restart() -> None:
    voices = Voices()
    voices.learn(voice("a"))
    for _ in range(2 * KNOWN):
        voices.meet("a", 5_000, START)
    again = Voices()
    again.restore(dict(voices.snapshot()), voices.count)

    assert again.meet("a", 5_000, START) == voices.score("a", "", START) == pytest.approx(116)
    assert again.meet("new", 5_000, START) == voices.meet("new", 5_000, START) == pytest.approx(116)
    assert again.meet("", 5_000, START) == again.meet("other", 0, START) == 0


def test_a_post_by_somebody_new_carries_what_is_expected_of_the_followers() -> None:
    posts = [post(str(number), 0, "acme", "a", reach=5_000) for number in range(KNOWN)]
    log = records([voice("a"), *posts, post("last", 0, "acme", "b", reach=5_000), post("none", 0, "acme", "c")])

    assert [round(one.influence) for one in signals(whole(listen(), log))][-2:] == [116, 0]
