"""Folding makes spellings of one word equal and leaves other words apart."""

import pytest

from pipeline.text.han import SIMPLIFIED, TRADITIONAL
from pipeline.text.normalise import fold, is_cjk, is_spaced


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("KettleCo", "kettleco"),
        ("ＫｅｔｔｌｅＣｏ！", "kettleco!"),
        ("Straße", "strasse"),
        ("cafe\u0301", "café"),
        ("ket\u200btle", "kettle"),
        ("𝐊𝐞𝐭𝐭𝐥𝐞", "kettle"),
        ("don’t", "don't"),
        ("聯合航空", "联合航空"),
        ("他於台北說衞生紙沾著煙味並報警", "他于台北说卫生纸沾着烟味并报警"),
        ("水壺，壞了！", "水壶,坏了!"),
        ("①", "1"),
    ],
)
def test_fold_makes_spellings_of_one_word_equal(written: str, folded: str):
    assert fold(written) == folded


def test_every_traditional_character_of_the_table_has_one_simplified_form():
    assert len(TRADITIONAL) == len(SIMPLIFIED) == len(set(TRADITIONAL)) >= 300
    assert not set(TRADITIONAL) & set(SIMPLIFIED)


def test_the_columns_of_the_table_are_of_the_right_script():
    assert len(TRADITIONAL.encode("big5hkscs", errors="ignore").decode("big5hkscs")) > 0.99 * len(TRADITIONAL)
    assert len(SIMPLIFIED.encode("gb2312", errors="ignore").decode("gb2312")) > 0.99 * len(SIMPLIFIED)


def test_scripts_without_spaces_are_told_from_those_with():
    assert [is_cjk(char) for char in "汉あ한aжé1"] == [True, True, True, False, False, False, False]
    assert [is_spaced(char) for char in "汉あ한aжé1_'"] == [False, False, False, True, True, True, True, False, False]
