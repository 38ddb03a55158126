"""Posts are read with the influence that their author had by then, and the brand's log hears of who has it."""

import msgspec
import pytest

from pipeline.influence.formula import FRESH_S, LASTING_S, lasting
from pipeline.running import VOICES, Running
from pipeline.sketch import author_hash
from pipeline.voices import Voices
from schemas.brand_log import Leader
from schemas.endorsement import Subjects
from schemas.post import Tick
from schemas.topics import ENDORSEMENTS
from tests.builders import LATER, MINUTE, SIGNAL, START, bundles, listen, post, records
from tests.noise import whole
from tests.voices import signals, voice

HOUR = 60 * MINUTE


def test_a_score_fades_as_the_influence_stage_has_it() -> None:
    voices = Voices()
    voices.learn(voice("a"))
    day, hour = 2 ** (-7200 / LASTING_S), 2 ** (-7200 / FRESH_S)

    assert voices.score("a", "", START + 2 * HOUR) == pytest.approx(lasting(100 * day, 2 * hour, 100 * day, hour), 1e-3)
    assert voices.score("a", "", START - HOUR) == voices.score("a", "", START)
    assert voices.score("a", "acme", START) == voices.score("b", "", START) == voices.score("", "", START) == 0


def test_the_later_word_counts() -> None:
    voices = Voices()
    voices.learn(voice("a", at=HOUR, size=50.0))
    voices.learn(voice("a", at=0, size=400.0))

    assert voices.score("a", "", START + HOUR) == pytest.approx(66.0)
    voices.learn(voice("a", at=2 * HOUR, size=10.0))
    assert voices.score("a", "", START + 2 * HOUR) == pytest.approx(26.0)


def test_memory_is_bounded_and_the_influential_stay() -> None:
    voices = Voices(most=400)
    for number in range(2_000):
        voices.learn(voice(f"a{number}", size=1_000.0 if number == 7 else 10.0))

    assert voices.count <= 400
    assert voices.score("a7", "", START) > 900


def test_a_post_carries_the_influence_that_its_author_had_when_it_was_read() -> None:
    log = records([post("1", 0, "acme bad", "a"), voice("a"), post("2", 0, "acme bad", "a"), post("3", 0, "acme", "b")])

    assert [round(one.influence) for one in signals(whole(listen(), log))] == [0, 116, 0]


def test_the_brand_log_hears_who_leads_and_what_they_say() -> None:
    posts = [post("1", 0, "acme bad", "a"), post("2", 1, "acme good", "a"), post("3", 2, "acme bad", "b")]
    told = bundles(whole(listen(), records([voice("a", "acme"), voice("a"), *posts])))

    (spoken,) = told[-1].partials[0].voices
    assert (spoken.author, spoken.positives, spoken.negatives, spoken.complaints) == (author_hash("a"), 1, 1, 1)
    assert [one.leaders for one in told if one.leaders] == [
        (Leader("acme", author_hash("a"), START, (100.0, 2.0), (100.0, 1.0)),)
    ]


def test_a_leader_is_told_once_even_where_nobody_speaks() -> None:
    stage = listen()
    first = whole(stage, records([voice("a", "acme"), Tick(at=START + HOUR)]))

    assert [len(one.leaders) for one in bundles(first)] == [1]
    assert stage.flush() == []


def test_a_voice_moves_no_time_and_does_not_hide_that_a_feed_ended() -> None:
    stage = listen()
    stage.apply(records([voice("a", at=24 * HOUR)], LATER))

    assert stage.watermark == 0


def test_of_many_voices_the_highest_are_told() -> None:
    running = Running("acme", START)
    for number in range(3 * VOICES):
        running.add(msgspec.structs.replace(SIGNAL, author_key=f"a{number}"), float(number % VOICES + number // VOICES))

    kept = sorted(spoken.score for spoken in running.partial(ended=False).voices)
    assert len(kept) == VOICES
    assert kept[0] >= VOICES / 2


def test_the_quote_of_somebody_influential_is_evidence() -> None:
    running = Running("acme", START)
    for number, influence in enumerate((0.0, 0.0, 7.0, 3.0)):
        running.add(msgspec.structs.replace(SIGNAL, post_uid=str(number), influence=influence))

    assert {quote.post_uid: quote.why for quote in running.partial(ended=True).evidence}["2"] == "most_influential"


def test_listen_says_what_posts_are_about_and_a_repost_is_about_nothing_of_its_own() -> None:
    repost = msgspec.structs.replace(post("2", 0, "acme", "b"), kind="repost", repost_of_uid="1")
    outputs = whole(listen(), records([post("1", 0, "acme bolt bad", "a"), repost, post("3", 0, "nobody", "c")]))
    (block,) = [one for one in outputs if one.topic == ENDORSEMENTS.name]
    said = msgspec.json.decode(block.value, type=Subjects)

    assert (said.authors, said.brands, said.topics) == (("a",), (("acme", "bolt"),), ("product_quality",))
    assert block.partition == 0
