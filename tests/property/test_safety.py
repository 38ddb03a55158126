"""Any text has a level; cuts of a batch never change it, and the words of brands change it in one direction."""

from functools import cache

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.text.normalise import fold
from pipeline.text.safety import DANGER, HAZARD, LEAST, MILD, NOTHING, Safety, lexicon
from pipeline.text.understanding import MOST_WHY, Understood
from pipeline.watchlist import Overrides

LISTS = lexicon()
DANGERS = sorted(word.rstrip("*") for topic in LISTS.values() for word in topic.get("danger", ()))
PIECES = st.one_of(
    st.sampled_from(DANGERS),
    st.sampled_from(LISTS["exceptions"]["figurative"]),
    st.sampled_from(
        ["没有", "会", "如果", "据报道", "我", " ", ",", "no ", "if ", "my ", "\0", "好", "聯合", "ﷺ", "\ud800", "é"]
    ),
    st.text(st.characters(exclude_categories=()), max_size=6),
)
TEXTS = st.lists(PIECES, max_size=8).map("".join)
BRANDS = ("fireworks", "toys", "kettles")


@cache
def safety() -> Safety:
    return Safety({"fireworks": Overrides(ignore=("爆炸", "fire")), "toys": Overrides(add=("好", "magnet*"))})


@settings(deadline=None)
@given(
    st.lists(st.tuples(TEXTS, st.lists(st.sampled_from(BRANDS), max_size=3, unique=True)), max_size=6),
    st.integers(0, 6),
)
def test_levels_do_not_depend_on_where_batches_are_cut(posts: list[tuple[str, list[str]]], cut: int):
    texts, brands = [text for text, _ in posts], [named for _, named in posts]
    whole = safety().level(texts, brands)
    parts = [safety().level(texts[part], brands[part]) for part in (slice(cut), slice(cut, None))]

    assert whole.level == parts[0].level + parts[1].level
    assert whole.words == parts[0].words + parts[1].words
    assert set(whole.level) <= {NOTHING, HAZARD, DANGER}
    assert whole.figurative == parts[0].figurative + parts[1].figurative
    assert all(bool(words) == (level > NOTHING) for level, words, _ in zip(*whole, strict=True))
    assert not any(figurative and words for _, words, figurative in zip(*whole, strict=True))


@given(TEXTS)
def test_folding_a_text_before_changes_nothing(text: str):
    assert safety().level([fold(text)]) == safety().level([text])


@given(st.sampled_from(DANGERS), st.sampled_from(["昨天", "then ", "。"]))
def test_every_danger_alone_is_at_least_a_hazard(word: str, before: str):
    assert safety().level([f"{before}{word}"]).level[0] >= HAZARD


@given(TEXTS)
def test_ignoring_never_raises_and_adding_never_lowers(text: str):
    everybody, ignoring, adding = safety().level([text] * 3, [(), ("fireworks",), ("toys",)]).level

    assert ignoring <= everybody <= adding


@given(TEXTS, st.lists(st.sampled_from(BRANDS), min_size=1, max_size=3, unique=True))
def test_several_brands_have_the_highest_of_their_levels(text: str, named: list[str]):
    assume(text)
    levels = safety().level([text] * len(named), [[brand] for brand in named]).level

    assert safety().level([text], [named]).level == [max(levels)]


ROWS = st.tuples(TEXTS, st.sampled_from([0.0, 0.19, 0.2, 0.9]), st.integers(0, 3), st.lists(st.sampled_from(BRANDS)))


@settings(deadline=None)
@given(st.lists(ROWS, max_size=6))
def test_likely_complaints_are_raised_and_figures_of_speech_lowered(rows: list[tuple[str, float, int, list[str]]]):
    texts, likely, severity, brands = map(list, zip(*rows, strict=True)) if rows else ([], [], [], [])
    empty = [None] * len(rows)
    read = Understood(empty, empty, empty, likely, empty, severity, empty, empty, [("why",)] * len(rows))  # type: ignore[arg-type]  # only what is looked at
    raised, alarms = safety().raised(read, texts, brands), safety().level(texts, brands)

    for row, (level, words, figurative) in enumerate(zip(*alarms, strict=True)):
        counts = likely[row] >= LEAST and level > severity[row]
        mild = likely[row] >= LEAST and figurative and severity[row] == DANGER
        assert raised.severity[row] == (level if counts else MILD if mild else severity[row])
        assert raised.why[row] == ((*words, "why")[:MOST_WHY] if counts else ("why",))
    assert read.severity == severity
