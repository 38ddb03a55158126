"""Texts as the model sees them: spellings of one word are one, links and names say nothing, and nothing overflows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.model.canonical import LONGEST, alphabet, canonical, pack


def seen(text: str) -> tuple[str, list[int]]:
    """The canonical text, and where each of its characters came from."""
    batch = pack([text])
    out, origin = np.empty(LONGEST + 2, np.uint32), np.empty(LONGEST + 2, np.int32)
    length = canonical(batch.points, 0, len(batch.points), alphabet().folded, out, origin)
    return "".join(map(chr, out[:length])), origin[:length].tolist()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("這個電飯煲壞了", "这个电饭煲坏了"),
        ("ＣＨＡＲＧＥＲ on Fire", "charger on fire"),
        ("so  bad \n really", "so bad really"),
        ("ok\u200b\ufe0f", "ok"),
        ("@bob_1-x thanks", "@alice thanks"),
        ("see https://a.example/x?y=1 now", "see HTTP://b.example now"),
        ("baaaaaad!!!!!!", "baaad!!!"),
    ],
)
def test_what_differs_in_spelling_only_is_the_same(one: str, other: str):
    assert seen(one)[0] == seen(other)[0]


@pytest.mark.parametrize(("one", "other"), [("好", "坏"), ("no", "now"), ("@bob bad", "@bob good"), ("bad", "bad!")])
def test_what_differs_in_meaning_stays_different(one: str, other: str):
    assert seen(one)[0] != seen(other)[0]


def test_a_link_ends_where_chinese_begins():
    assert seen("看https://a.example/x這裡")[0] == " 看\x1f这里 "


def test_every_character_knows_where_it_came_from():
    text = "Hi  @bob 壞!!!!! x"
    folded, origin = seen(text)

    assert [text[place] for place, char in zip(origin, folded, strict=True) if char in "壞坏x"] == ["壞", "x"]


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_any_text_has_a_bounded_form_between_two_spaces(text: str):
    folded, origin = seen(text)

    assert folded[0] == folded[-1] == " "
    assert len(folded) <= len(text) + 2
    assert origin == sorted(origin)


def test_a_long_text_is_read_up_to_a_limit():
    assert len(seen("ab " * 100_000)[0]) <= LONGEST + 1


def test_a_batch_is_its_texts_one_after_the_other():
    batch = pack(["ab", "", "壞\ud800"])

    assert batch.bounds.tolist() == [0, 2, 2, 4]
    assert batch.points.tolist() == [97, 98, 0x58DE, 0xD800]
