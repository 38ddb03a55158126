"""The model card: its tables come from the facts, everything around them is left as it was."""

import msgspec
import pytest

from agents.training.card import BEGIN, END, card, read_facts
from agents.training.facts import Facts, Source

CORPUS = {"n": 9, "sentiment_macro_f1": 0.5, "accuracy_by_phenomenon": {"sarcasm": {"n": 4, "sentiment": 0.25}}}
FULL = Facts("full", 7_500_000, 90, 9, [Source("airline_en", "CC BY-NC-SA", 80, 8)], {
    "corpus": CORPUS, "airline_en": {"n": 8, "sentiment_macro_f1": 0.751}, "strong_zh": {"n": 5, "intensity_mse": 0.1},
})  # fmt: skip
CLEAN = Facts("clean", 7_000_000, 90, 9, [], {"corpus": CORPUS})
EMPTY = f"# Card\n{BEGIN}{END}\nLimits\n"


def test_the_tables_tell_scores_sources_and_sizes_of_all_weights():
    text = card(EMPTY, [FULL, CLEAN])

    for row in (
        "| full | 7.5 | 90 | 9 |",
        "| airline_en | 8 | sentiment macro-F1 | 75.1 |  |",
        "| corpus | 9 | sentiment macro-F1 | 50.0 | 50.0 |",
        "| strong_zh | 5 | intensity MSE | 0.1000 |  |",
        "| sarcasm | 4 | 25.0 | 25.0 |",
        "| airline_en | 80 | 8 | CC BY-NC-SA | full |",
    ):
        assert row in text


def test_writing_the_tables_again_changes_nothing_else():
    text = card(EMPTY, [FULL])

    assert card(text, [FULL]) == text
    assert card(text, [FULL, CLEAN]) != text
    assert text.startswith("# Card\n")
    assert text.endswith("\nLimits\n")


def test_a_card_without_a_place_for_tables_is_refused():
    with pytest.raises(ValueError, match="model-card"):
        card("# Card\n", [FULL])


def test_facts_are_read_from_beside_the_weights(tmp_path):
    for one in (CLEAN, FULL):
        tmp_path.joinpath(f"{one.name}.json").write_bytes(msgspec.json.encode(one))

    assert read_facts(tmp_path) == [FULL, CLEAN]
