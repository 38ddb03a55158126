"""Batches fold as their texts do one by one, whatever stands beside what."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.text.folding import folded
from pipeline.text.han import TRADITIONAL
from pipeline.text.model.canonical import TABLE, Points
from pipeline.text.normalise import fold

JOINING = [
    "e\u0301", "\u0301", "\u0344", "x\u0305\u0332", "\u1100\u1161\u11a8", "\uac00\u11a8", "\u3131\u314f",
    "\uff76\uff9e", "\u304b\u3099",
]  # fmt: skip
GROWING = list("\ufdfa\u2026\u00df\u1e9e\u0130\ufb01\u0390\u00bd\u2121\u3300")
OTHERS = list("\0\ud800\U00020bb7\U0002f800\u200d\ufe0f\u03a3\u212b\u13a0\uab70，Ａa")
PIECES = st.one_of(
    st.sampled_from([*JOINING, *GROWING, *OTHERS]),
    st.sampled_from(TRADITIONAL),
    st.text(st.characters(exclude_categories=()), max_size=4),
)
TEXTS = st.lists(PIECES, max_size=10).map("".join)


def texts_of(points: Points) -> list[str]:
    return points.tobytes().decode("utf-32-le", "surrogatepass").split("\0")[1:-1]


@settings(deadline=None, max_examples=500)
@given(st.lists(TEXTS, max_size=6))
def test_a_batch_is_its_texts_folded_between_zeros(texts: list[str]):
    assert texts_of(folded(texts)) == [fold(text.replace("\0", " ")) for text in texts]


def test_every_character_alone_and_beside_letters_folds_as_in_a_text():
    chars = list(map(chr, range(1, TABLE)))

    assert texts_of(folded(chars)) == [fold(char) for char in chars]
    assert texts_of(folded([f"e{char}가" for char in chars])) == [fold(f"e{char}가") for char in chars]
