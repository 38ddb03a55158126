"""The compiled rules of languages are those that the words below state, for any text and any cut of a batch."""

import re
import sys

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.text.language import languages
from pipeline.text.language_signs import ENGLISH, NOT_ENGLISH, POINTS
from pipeline.text.model.canonical import pack

HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
FOREIGN = re.compile("[\u0370-\u1dff\u1f00-\u1fff\u3040-\u30fa\u3131-\u318e\uac00-\ud7a3]")
ACCENTED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
NOISE = re.compile(r"https?://\S+|[@#][\w-]+|&\w+;")

MARKS = ["http", "https", "://", "amp;", *"@#&;-_' \u2019\n\u2028\x1f\x85"]
LETTERS = list("的這这龘é\u0130\u212a\u01c5ßжか한ㄱø\0\ud800😡")
PIECES = st.one_of(
    st.sampled_from([*MARKS, *LETTERS, *sorted(ENGLISH), *sorted(NOT_ENGLISH), "The ", "AN ", "DON\u2019T "]),
    st.sampled_from(sorted(ENGLISH | NOT_ENGLISH)).map(lambda word: f" {word} "),
    st.text(st.characters(exclude_categories=()), max_size=4),
)
TEXTS = st.lists(PIECES, max_size=16).map("".join)


def plain(text: str) -> str:
    """The definition, without any table."""
    han, foreign = len(HAN.findall(text)), len(FOREIGN.findall(text))
    if not (han and 2 * han >= len(text) and not foreign):
        letters = len(LATIN.findall(NOISE.sub(" ", text)))
        if 4 * foreign > han and 4 * foreign > letters:
            return "other"
        if not han or 4 * han < letters:
            return "en" if LATIN.search(text) and english(text) else "other"
    simplified, traditional = only_in(text, "gb2312", "big5hkscs"), only_in(text, "big5hkscs", "gb2312")
    return "zh-Hant" if traditional > simplified else "zh-Hans"


def english(text: str) -> bool:
    words = set(text.replace("\u2019", "'").lower().split())
    return len(words & ENGLISH) >= len(words & NOT_ENGLISH) + len(ACCENTED.findall(text)) / 2


def only_in(text: str, charset: str, other: str) -> int:
    return sum(
        "\u4e00" <= char < "\ua000" and bool(char.encode(charset, "ignore")) and not char.encode(other, "ignore")
        for char in text
    )


NOISY = [
    f"的{noise}"
    for noise in (
        "abcde", "&abcde", "&abcde;", "&a-bcd;", "@abcde", "@ab-cd", "@", "#é_abc", "http://abcd", "https://abcd",
        "http://", "http:abcde", "httpss://a", "HTTP://abcd", "http:// abcd", "&&abcd;", "@@abcd", "a&b@cdef",
    )
]  # fmt: skip  # one letter more or less, and it is no Chinese


@settings(deadline=None, max_examples=500)
@example(NOISY, 3)
@given(st.lists(TEXTS, max_size=6), st.integers(0, 6))
def test_languages_are_those_of_the_definition(texts: list[str], cut: int):
    whole = languages(pack(texts))

    assert whole == [plain(text) for text in texts]
    assert whole == languages(pack(texts[:cut])) + languages(pack(texts[cut:]))


def test_no_code_point_beyond_the_tables_is_of_any_class():
    beyond = "".join(map(chr, range(POINTS, sys.maxunicode + 1)))

    assert not re.search(r"[\w\s]", beyond)
    assert beyond.lower() == beyond
