"""What stands around a word of danger: denied, possible, told of others, or none of these."""

import pytest

from pipeline.text.circumstances import Circumstances
from pipeline.text.safety import lexicon


@pytest.fixture(scope="module")
def circumstances() -> Circumstances:
    lists = lexicon()
    return Circumstances(lists["context"], lists["elsewhere"])


@pytest.mark.parametrize(
    "before", ["没有", "没有发生", "并没有引起", "冇人", "无人", "no ", "no one was ", "it didn't ", "without any "]
)
def test_a_negation_right_before_denies(circumstances: Circumstances, before: str):
    assert circumstances.denied(before)


@pytest.mark.parametrize(
    "before",
    [
        "没想到", "不小心", "特别", "有没有", "会不会", "从来没", "never had ", "no refund after it ", "oh no, it ",
        "knot ", "not only that, it ", "",
    ],
)  # fmt: skip
def test_a_negation_of_something_else_does_not(circumstances: Circumstances, before: str):
    assert not circumstances.denied(before)


@pytest.mark.parametrize(
    "before",
    [
        "会", "会不会", "怕", "如果再", "再不退款我就", "不然我", "could ", "is going to ", "if it ",
        "unless you pay I'll ",
    ],
)  # fmt: skip
def test_what_may_happen_is_possible(circumstances: Circumstances, before: str):
    assert circumstances.possible(before)


@pytest.mark.parametrize("before", ["昨天突然", "如果没记错。它", "If I may say so. It ", "specific ", "Imay ", ""])
def test_what_happened_is_not_only_possible(circumstances: Circumstances, before: str):
    assert not circumstances.possible(before)


@pytest.mark.parametrize(("text", "elsewhere"), [
    ("据报道一仓库起火", True), ("据报道一仓库起火,我家也是", False), ("police said it exploded", True),
    ("police said it exploded, my hand is burned", False), ("the movie ends in flames", True), ("moviestar", False),
])  # fmt: skip
def test_news_and_films_are_elsewhere_unless_the_author_is_in_it(
    circumstances: Circumstances, text: str, *, elsewhere: bool
):
    assert circumstances.elsewhere(text) == elsewhere
