"""Words of danger are found, what they do not mean is not, and brands may say otherwise."""

import json
from collections import Counter
from pathlib import Path

import pytest

from pipeline.text.normalise import fold, is_spaced
from pipeline.text.safety import DANGER, HAZARD, NOTHING, Safety, lexicon
from pipeline.text.understanding import Understood
from pipeline.watchlist import Overrides

GOLDEN = Path(__file__).parents[1] / "golden" / "text" / "safety_words.jsonl"
ROWS = [json.loads(line) for line in GOLDEN.read_text(encoding="utf-8").splitlines()]
LISTS = lexicon()
TOPICS = {topic: labels for topic, labels in LISTS.items() if topic not in {"exceptions", "context", "elsewhere"}}
EXCEPTIONS = [word for words in LISTS["exceptions"].values() for word in words]
WORDS = [word for labels in TOPICS.values() for words in labels.values() for word in words]


@pytest.fixture(scope="module")
def safety() -> Safety:
    return Safety()


def within(part: str, word: str) -> bool:
    """Whether a word of the lists begins a word in another one of them, and ends one there unless it is a stem."""
    stem, starts = part.rstrip("*"), [start for start in range(len(word)) if word.startswith(part.rstrip("*"), start)]
    return any(
        not (start and is_spaced(stem[0]) and is_spaced(word[start - 1]))
        and (part != stem or not (is_spaced(stem[-1]) and is_spaced(word[start + len(stem) :][:1] or " ")))
        for start in starts
    )


def understood(complaint_p: float, severity: int = 1, *why: str) -> Understood:
    return Understood(["en"], ["neg"], [-0.5], [complaint_p], ["other"], [severity], ["none"], [0.0], [why])


def level(safety: Safety, text: str, *brands: str) -> int:
    return safety.level([text], [brands]).level[0]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["text"][:24])
def test_a_sentence_has_the_level_of_its_words(safety: Safety, row: dict[str, object]):
    assert safety.level([str(row["text"])]).level == [row["level"]]


def test_all_sentences_at_once_have_the_levels_they_have_alone(safety: Safety):
    assert safety.level([row["text"] for row in ROWS]).level == [row["level"] for row in ROWS]


def test_the_words_that_decide_are_told_and_no_others(safety: Safety):
    alarms = safety.level(["The plug overheated, then it exploded and burned my hand", "It overheated", "All is well"])

    assert alarms.words == [("exploded", "burned my"), ("overheated",), ()]


def test_a_text_may_hold_what_separates_texts(safety: Safety):
    assert safety.level(["fine\0", "it exploded\0", "\0", "fine"]).level == [NOTHING, DANGER, NOTHING, NOTHING]


def test_no_texts_give_no_rows(safety: Safety):
    assert safety.level([]) == ([], [], [])


@pytest.mark.parametrize("text", ["explod", "exploding", "Exploded!", "it-exploded", "炸了explode"])
def test_a_stem_takes_any_ending(safety: Safety, text: str):
    assert level(safety, text) == DANGER


@pytest.mark.parametrize("text", ["unexploded", "bicucle icups", "hospitality is great"])
def test_a_latin_word_begins_and_ends_where_its_letters_do(safety: Safety, text: str):
    assert level(safety, text) == NOTHING


@pytest.mark.parametrize(("complaint_p", "severity", "raised"), [(0.2, 1, 3), (0.19, 1, 1), (0.9, 3, 3), (0.9, 0, 3)])
def test_severity_is_raised_for_likely_complaints_only(safety: Safety, complaint_p: float, severity: int, raised: int):
    assert safety.raised(understood(complaint_p, severity), ["it exploded"]).severity == [raised]


def test_words_lower_no_severity_and_nothing_else_changes(safety: Safety):
    read = understood(0.9, 3, "lawyer")

    assert safety.raised(read, ["it overheats"]) == read


@pytest.mark.parametrize(("text", "severity"), [
    ("话说在酒店开九天的会，嗓子冒烟", 1), ("話說在飯店開九天的會，嗓子冒煙", 1),
    ("嗓子冒烟，充电头也冒烟了，插座都黑了", 3), ("the charger melted my desk", 3), ("nothing alarming here", 3),
])  # fmt: skip
def test_danger_that_is_a_figure_of_speech_is_mild_and_any_other_stays(safety: Safety, text: str, severity: int):
    assert safety.raised(understood(0.9, 3), [text]).severity == [severity]


def test_a_figure_of_speech_raises_nothing(safety: Safety):
    assert safety.raised(understood(0.9, 0), ["嗓子冒烟"]).severity == [0]


def test_the_bound_is_the_callers():
    read = understood(0.4)

    assert Safety(least=0.5).raised(read, ["it exploded"]).severity == [1]
    assert Safety(least=0.3).raised(read, ["it exploded"]).severity == [3]


def test_why_names_the_words_that_raised_it_first_and_is_not_too_long(safety: Safety):
    raised = safety.raised(understood(0.9, 1, "late", "rude", "exploded", "cold", "slow"), ["it exploded"])

    assert raised.why == [("exploded", "late", "rude", "cold", "slow")]


def test_a_brand_may_ignore_a_word_and_others_do_not():
    safety = Safety({"fireworks": Overrides(ignore=("爆炸", "explosion"))})

    assert level(safety, "这个烟花爆炸了", "fireworks") == NOTHING
    assert level(safety, "這個煙花爆炸了", "fireworks") == NOTHING
    assert level(safety, "What an explosion", "fireworks") == NOTHING
    assert level(safety, "这个烟花爆炸了", "kettles") == DANGER
    assert level(safety, "这个烟花爆炸了") == DANGER


def test_an_ignored_word_hides_the_words_that_overlap_it_but_nothing_beside_it():
    safety = Safety({"fireworks": Overrides(ignore=("fire", "爆炸"))})

    assert level(safety, "it caught fire", "fireworks") == NOTHING
    assert level(safety, "it caught fire and burned my hand", "fireworks") == DANGER
    assert level(safety, "爆炸了", "fireworks") == NOTHING
    assert level(safety, "爆炸伤人", "fireworks") == DANGER
    assert level(safety, "the firefighters came", "fireworks") == DANGER


def test_an_ignored_phrase_hides_the_words_inside_it():
    safety = Safety({"baths": Overrides(ignore=("burns slowly",))})

    assert level(safety, "the candle burns slowly", "baths") == NOTHING
    assert level(safety, "the candle burns", "baths") == DANGER


def test_an_exception_takes_the_words_inside_it_and_those_that_begin_in_it(safety: Safety):
    assert level(safety, "爆炸了") == DANGER
    assert level(safety, "情绪爆炸了") == NOTHING
    assert level(safety, "情绪爆炸了，充电器也爆炸了") == DANGER


def test_a_hazard_takes_the_dangers_inside_it_but_not_those_that_only_overlap_it(safety: Safety):
    assert level(safety, "我要报警") == HAZARD
    assert level(safety, "我报警") == DANGER
    assert level(safety, "湿地滑倒") == DANGER


def test_a_brand_may_add_words():
    safety = Safety({"toys": Overrides(add=("喷漆味", "magnet*"))})

    assert level(safety, "一股噴漆味", "toys") == DANGER
    assert level(safety, "loose MAGNETS everywhere", "toys") == DANGER
    assert level(safety, "loose magnets everywhere", "lamps") == NOTHING


def test_an_added_word_counts_even_where_the_list_says_it_means_nothing():
    assert level(Safety(), "演技炸裂") == NOTHING
    assert level(Safety({"glass": Overrides(add=("演技炸裂",))}), "演技炸裂", "glass") == DANGER


def test_a_post_about_several_brands_has_the_level_of_the_one_it_alarms_most():
    safety = Safety({"fireworks": Overrides(ignore=("exploded",))})

    assert level(safety, "it exploded", "fireworks", "kettles") == DANGER


def test_a_hazard_stays_a_hazard(safety: Safety):
    assert safety.level(["the battery is bulging, it overheats"]).level == [HAZARD]


def test_a_very_long_text_is_read_to_its_end(safety: Safety):
    assert level(safety, "nothing here. " * 4_000 + "it exploded") == DANGER
    assert level(safety, "不会爆炸" * 10_000) == NOTHING


def test_the_lists_are_folded_and_say_nothing_twice():
    everything = [*WORDS, *EXCEPTIONS]

    assert [word for word in everything if fold(word) != word] == []
    assert [word for word, count in Counter(everything).items() if count > 1] == []


def test_a_star_stands_at_the_end_of_a_latin_word_only():
    starred = [word for word in [*WORDS, *EXCEPTIONS] if "*" in word]

    assert [word for word in starred if word.count("*") > 1 or not word.endswith("*") or not word[-2].isascii()] == []


def test_every_exception_is_one_to_some_word():
    assert [word for word in EXCEPTIONS if not any(within(one, word) for one in WORDS)] == []


def test_there_are_words_of_every_topic_and_level_in_both_scripts():
    for labels in TOPICS.values():
        assert set(labels) == {"danger", "hazard"}
        for words in labels.values():
            assert {word.isascii() for word in words} == {True, False}
