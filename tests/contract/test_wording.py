"""What every language of pages, answers and the console promises: the same words for the same, in its own script."""

import pkgutil
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from string import Formatter
from typing import get_args

import pytest

from agents.notifiers._base import language
from agents.notifiers.pagerduty import RUNBOOK
from pipeline import wording
from pipeline.console.standing import CONSOLE
from pipeline.languages import MEANT, TAGS, Language, said
from pipeline.page_text import LANGUAGES
from pipeline.why_text import WORDS

KINDS: dict[str, Mapping[str, tuple[object, ...]]] = {"pages": LANGUAGES, "answers": WORDS, "console": CONSOLE}
SCRIPTS = {"zh": "gb2312", "zh-Hant": "cp950"}  # characters of the mainland, and of Taiwan
OTHERS = sorted(set(TAGS) - {"en"})
MAINLAND = (
    "帖子", "信息", "數據", "賬號", "賬戶", "登錄", "默認", "視頻", "網絡", "軟件", "服務器", "用戶", "質量", "搜索",
    "刷新", "加載", "鏈接", "刷屏", "閾值", "粉絲", "在線", "博客", "字節", "令牌", "靜默", "日誌", "渠道",
)  # fmt: skip
HAN = re.compile(r"[\u2e80-\u9fff]")

each_kind = pytest.mark.parametrize("kind", KINDS)
each_other = pytest.mark.parametrize("spoken", OTHERS)


def texts(words: tuple[object, ...]) -> Iterator[tuple[str, str]]:
    """Every text with the name of its place."""
    for name in words._fields:  # type: ignore[attr-defined]  # every wording is a NamedTuple
        value = getattr(words, name)
        listed = (
            {"": value} if isinstance(value, str) else value if isinstance(value, Mapping) else dict(enumerate(value))
        )
        yield from ((f"{name}.{key}", text) for key, text in listed.items())


def slots(text: str) -> set[str]:
    """What goes into a template."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_each_file_of_words_is_spoken_and_each_language_has_all_of_them():
    files = {found.name for found in pkgutil.iter_modules(wording.__path__)}
    found = [import_module(f"pipeline.wording.{name}") for name in files]
    spoken = [words for kind in KINDS.values() for words in kind.values()]

    assert all(module.WORDING in spoken for module in found if hasattr(module, "WORDING"))
    assert [set(kind) for kind in KINDS.values()] == [set(TAGS)] * 3
    assert set(TAGS) == set(get_args(Language)) == set(MEANT.values()) == set(RUNBOOK)


@each_kind
@each_other
def test_a_language_names_the_same_and_its_templates_take_the_same(kind: str, spoken: str):
    english, other = (dict(texts(KINDS[kind][tag])) for tag in ("en", spoken))
    fixed = {place for place in english if not place.startswith("names.")}

    assert fixed == {place for place in other if not place.startswith("names.")}
    assert {place: slots(other[place]) for place in fixed} == {place: slots(english[place]) for place in fixed}


def test_both_scripts_name_the_same_things_and_no_name_is_a_template():
    named = [LANGUAGES[spoken].names for spoken in OTHERS]

    assert named[0].keys() == named[1].keys()
    assert not [text for words in LANGUAGES.values() for text in words.names.values() if "{" in text]


@each_kind
@each_other
def test_words_are_in_the_characters_of_their_script(kind: str, spoken: str):
    written = "".join(text for _, text in texts(KINDS[kind][spoken]) if text not in {"繁體中文", "简体中文"})
    strange = {one for one in HAN.findall(written) if not one.encode(SCRIPTS[spoken], "ignore")}

    assert HAN.search(written)
    assert strange == set()


@each_kind
def test_traditional_words_are_those_of_taiwan_and_not_only_its_characters(kind: str):
    found = [(place, text) for place, text in texts(KINDS[kind]["zh-Hant"]) if any(word in text for word in MAINLAND)]

    assert found == []


@pytest.mark.parametrize("spoken", TAGS)
def test_a_page_that_lacks_a_language_is_told_in_the_nearest(spoken: Language):
    before = {"en": "fire", "zh": "起火"}

    assert said(before, spoken) == {"en": "fire", "zh": "起火", "zh-Hant": "起火"}[spoken]
    assert said({"en": "fire"}, spoken) == "fire"
    assert said({"fr": "feu"}, spoken) == "feu"
    assert said({}, spoken) == ""
    assert language({"language": spoken}) == spoken


def test_a_language_that_nobody_speaks_is_refused_with_those_that_are():
    with pytest.raises(ValueError, match="write en or zh or zh-Hant"):
        language({"language": "zh-TW"})
