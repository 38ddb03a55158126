"""Copies of a text have one fingerprint, nearly the same texts near ones, other texts distant ones."""

import json
from pathlib import Path

import pytest

from pipeline.text.fingerprint import BITS, NEAR, distance, fingerprints, near

GOLDEN = Path(__file__).parents[1] / "golden" / "text" / "copies.jsonl"
PAIRS = [json.loads(line) for line in GOLDEN.read_text(encoding="utf-8").splitlines()]


def names(pair: dict[str, object]) -> str:
    return f"{pair['about']}: {str(pair['one'])[:12]}"


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if "distance" in pair], ids=names)
def test_a_copy_has_the_same_fingerprint(pair: dict[str, str]):
    one, other = fingerprints([pair["one"], pair["other"]])

    assert distance(one, other) == pair["distance"]


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if "near" in pair], ids=names)
def test_only_nearly_the_same_texts_are_near(pair: dict[str, str]):
    one, other = fingerprints([pair["one"], pair["other"]])

    assert near(one, other) == pair["near"], distance(one, other)


def test_ten_thousand_people_paste_one_complaint_and_it_stays_one():
    complaint = "{}刚收到的电热毯第一晚就冒烟了{},客服让我自己去找厂家{}"
    texts = [
        complaint.format(f"@用户{number} ", "!" * (number % 5), f" https://example.org/{number}{'😡' * (number % 3)}")
        for number in range(10_000)
    ]

    assert len(set(fingerprints(texts))) == 1


def test_unrelated_posts_differ_in_about_half_of_the_bits():
    texts = [pair[side] for pair in PAIRS if pair.get("near") is False for side in ("one", "other")]
    found = [one for one in fingerprints(sorted(set(texts))) if one]
    distances = [distance(one, other) for one in found for other in found if one < other]

    assert min(distances) > NEAR
    assert 28 < sum(distances) / len(distances) < 35


def test_a_name_in_latin_letters_ends_before_chinese_and_a_link_does_too():
    texts = ["@acme充电器冒烟了", "充电器冒烟了", "https://example.org/a充电器冒烟了", "@某某官方 充电器冒烟了"]

    assert len(set(fingerprints(texts))) == 1


def test_emoji_that_fold_to_letters_are_emoji():
    assert len(set(fingerprints(["no refund", "no refund ™ ℹ️ Ⓜ️ ㊗️ ㊙️ 1️⃣"]))) == 1


def test_a_text_without_words_has_none_and_is_near_nothing():
    silent = fingerprints(["", " ", "!!!", "😡", "@acme", "\0", "\ud800"])

    assert silent == [0] * len(silent)
    assert not near(0, 0)
    assert fingerprints([]) == []


def test_short_texts_have_fingerprints_of_their_own():
    assert len(set(fingerprints(["a", "b", "ab", "差", "差评", "bad", "sad"]))) == 7


def test_they_are_the_same_on_every_machine_and_day():
    texts = ["刚收到的电热毯第一晚就冒烟了", "My new heater tripped the fuse"]

    assert fingerprints(texts) == [7085631751974033832, 6938503009678477669]


def test_they_fit_a_signed_integer():
    found = fingerprints([pair["one"] for pair in PAIRS])

    assert all(0 <= one < 2**BITS for one in found)
    assert distance(0, 2**BITS - 1) == BITS
