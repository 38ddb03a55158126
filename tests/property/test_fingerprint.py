"""What people change when they paste a complaint does not change its fingerprint; cuts of a batch never show."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.text.fingerprint import fingerprints
from pipeline.text.han import SIMPLIFIED, TRADITIONAL

PIECES = st.sampled_from(
    ["充电器", "又冒烟了", "客服", "没人理", "refund", "never came", "3次", "退款", "your app", "电热毯"]
)
WORDS = st.lists(PIECES, min_size=1, max_size=12)
BESIDES = st.sampled_from([
    " @某某官方 ", " @acme ", " @a_b-c: ", " https://example.org/x?y=1 ", " www.example.org ", "😡", "👨‍👩‍👧", "🇨🇳",
    "!!!", "，", "。", "……", " ", "\n", "\u200b", "\ufe0f", "—", "#", "“", "1️⃣", "™", "👍🏽", "_", "[怒]", "[二哈]",
])  # fmt: skip
DECORATED = st.lists(st.tuples(PIECES, st.lists(BESIDES, max_size=3).map("".join)), min_size=1, max_size=12)
ANY = st.text(st.characters(exclude_categories=()), max_size=40)
# Only characters that no other traditional one shares, so that the way back is unique.
BACK = {simple: full for full, simple in zip(TRADITIONAL, SIMPLIFIED, strict=True) if SIMPLIFIED.count(simple) == 1}
WIDE = {chr(code): chr(code + 0xFEE0) for code in range(0x30, 0x7B) if chr(code).isalnum()}


@given(DECORATED)
def test_names_links_emoji_punctuation_and_spaces_do_not_matter(parts: list[tuple[str, str]]):
    bare = " ".join(word for word, _ in parts)
    decorated = " ".join(f"{beside} {word} {beside}" for word, beside in parts)

    assert fingerprints([decorated]) == fingerprints([bare])


@given(WORDS)
def test_script_width_and_case_do_not_matter(words: list[str]):
    text = "".join(words)
    variants = [
        text,
        text.upper(),
        "".join(BACK.get(char, char) for char in text),
        "".join(WIDE.get(char, char) for char in text),
    ]

    assert len(set(fingerprints(variants))) == 1


@settings(deadline=None)
@given(st.lists(ANY, max_size=6), st.integers(0, 6))
def test_where_batches_are_cut_does_not_show(texts: list[str], cut: int):
    whole = fingerprints(texts)

    assert whole == fingerprints(texts[:cut]) + fingerprints(texts[cut:])
    assert whole == [fingerprints([text])[0] for text in texts]
    assert all(0 <= one < 2**63 for one in whole)
