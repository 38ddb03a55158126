"""Any text can be folded, matched and read; sketches do not depend on order; cuts of a batch never show."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.brands import BrandMatcher
from pipeline.sketch import Distinct
from pipeline.text.model.reader import packaged
from pipeline.text.normalise import fold
from pipeline.text.understanding import MOST_WHY, Reader
from pipeline.watchlist import Brand, Facet, WatchList, WatchListError, parse

WORDS = st.sampled_from(
    [
        "united",
        "Manchester United",
        "聯合",
        "not ",
        "good",
        "very ",
        "爆炸",
        "不",
        "好",
        " ",
        "\0",
        "ü",
        "\ud800",
        "，",
        "？",
        "ﷺ",
    ]
)
TEXTS = st.one_of(st.text(st.characters(exclude_categories=()), max_size=60), st.lists(WORDS, max_size=12).map("".join))
HASHES = st.lists(st.integers(0, 2**63 - 1), max_size=200)


@cache
def matcher() -> BrandMatcher:
    club = Brand(id="club", name="Club", aliases=("Manchester United",))
    park = Facet(id="park", name="Park", aliases=("good",))
    return BrandMatcher(
        WatchList(brands=(Brand(id="air", name="Air", aliases=("United", "联合"), regions=(park,)), club))
    )


@cache
def reader() -> Reader:
    return packaged("full")


@given(TEXTS)
def test_folding_twice_changes_nothing(text: str):
    assert fold(fold(text)) == fold(text)


@given(st.lists(TEXTS, max_size=6), st.integers(0, 6))
def test_matches_do_not_depend_on_where_batches_are_cut(texts: list[str], cut: int):
    whole = matcher().match(texts)

    assert whole == matcher().match(texts[:cut]) + matcher().match(texts[cut:])
    assert whole == [matcher().match_one(text) for text in texts]


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=6), st.integers(0, 6))
def test_readings_are_in_range_and_do_not_depend_on_where_batches_are_cut(texts: list[str], cut: int):
    whole = reader().explain(texts)
    parts = zip(reader().explain(texts[:cut]), reader().explain(texts[cut:]), strict=True)

    assert list(whole) == [left + right for left, right in parts]
    assert all(-1 <= polarity <= 1 and round(polarity, 3) == polarity for polarity in whole.polarity)
    assert all(0 <= p <= 1 and round(p, 3) == p for p in whole.complaint_p)
    assert all(0 <= severity <= 3 for severity in whole.severity)
    assert all(-1 <= intensity <= 1 and round(intensity, 3) == intensity for intensity in whole.intensity)
    assert all(len(why) <= MOST_WHY for why in whole.why)


@given(HASHES, HASHES, HASHES)
def test_merging_sketches_is_commutative_associative_and_idempotent(a: list[int], b: list[int], c: list[int]):
    left, right, again = Distinct(a), Distinct(c), Distinct(a + b + c)
    left.merge(Distinct(b).smallest())
    left.merge(Distinct(c).smallest())
    right.merge(Distinct(b).smallest())
    right.merge(Distinct(a).smallest())
    again.merge(again.smallest())

    assert left.smallest() == right.smallest() == again.smallest() == Distinct(a + b + c).smallest()


@given(HASHES)
def test_adding_one_by_one_is_merging(hashes: list[int]):
    sketch = Distinct()
    for value in hashes:
        sketch.add(value)

    assert sketch.smallest() == Distinct(hashes).smallest()


@settings(deadline=None)
@given(st.text(max_size=80))
def test_a_watch_list_is_either_read_or_refused_with_lines(text: str):
    try:
        parse(f"brands:\n- id: a\n  aliases: [kettle]\n  name: {text}", "w.yaml")
    except WatchListError as error:
        refused = str(error)
    else:
        refused = "w.yaml:1: fine"

    assert all(line.startswith("w.yaml:") for line in refused.split("\n"))
