"""The weights of the package: small, readable by name, told of in the card and the notice, the same in both scripts."""

from pathlib import Path

import pytest

from agents.training.card import CARD, WEIGHTS, card, read_facts
from agents.training.public_sets import SETS
from pipeline.text.model.reader import packaged

NAMES = ("clean", "full")
LARGEST = 8_000_000  # bytes
NOTICE = Path(__file__).parents[2] / "NOTICE"


def test_there_are_the_weights_that_the_setting_names():
    assert sorted(path.stem for path in WEIGHTS.glob("*.npz")) == list(NAMES)

    with pytest.raises(FileNotFoundError, match="clean, full"):
        packaged("best")


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_small_and_read_both_scripts_alike(name: str):
    reader = packaged(name)
    simplified, traditional = (
        reader.explain(["充电器烫伤了我的手，要求赔偿"]),
        reader.explain(["充電器燙傷了我的手，要求賠償"]),
    )

    assert WEIGHTS.joinpath(f"{name}.npz").stat().st_size <= LARGEST
    assert simplified.complaint_p[0] > 0.8
    assert simplified[1:-1] == traditional[1:-1]


def test_the_card_shows_the_facts_beside_the_weights():
    text = CARD.read_text(encoding="utf-8")

    assert card(text, read_facts(WEIGHTS)) == text, "make card"


def test_clean_weights_were_made_without_sets_of_doubtful_terms():
    facts = {one.name: {source.name for source in one.sources} for one in read_facts(WEIGHTS)}

    assert facts["full"] == {one.name for one in SETS}
    assert facts["clean"] == {one.name for one in SETS if not one.doubtful}


def test_the_notice_names_every_public_set_and_its_terms():
    notice = NOTICE.read_text(encoding="utf-8")

    assert [one.name for one in SETS if f"{one.name}: {one.terms}" not in notice] == []
