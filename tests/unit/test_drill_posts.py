"""What a drill says is read as what it claims to be, whatever the brand is called."""

import pytest

from agents.settings import Settings
from pipeline.drill_posts import KINDS, TEXTS, Script
from pipeline.hearing import Ear
from pipeline.text.model.reader import packaged
from pipeline.watchlist import Brand, WatchList
from tests.builders import LATER, record

BRAND = Brand(id="acme-mobile", name="Acme", aliases=("Acme Mobile", "爱科"))


@pytest.fixture(scope="module")
def ear() -> Ear:
    return Ear(WatchList(brands=(BRAND,)), packaged(Settings.model_fields["text_weights"].default))


@pytest.mark.parametrize("kind", KINDS)
def test_each_text_is_a_complaint_about_the_brand_and_those_of_safety_are_critical(ear: Ear, kind):
    script = Script("a" * 12, BRAND, kind, pages=True)
    posts = [script.post(number, LATER) for number in range(2 * len(TEXTS[kind]))]
    heard = ear.hear(0, [record(offset, post) for offset, post in enumerate(posts)])
    signals = [one.signal for one in heard if one.signal]

    assert len({signal.author_key for signal in signals}) == len(posts)
    assert all(signal.brands == ("acme-mobile",) and signal.complaint_p >= 0.5 for signal in signals), signals
    assert all(signal.severity == 3 for signal in signals) or kind != "safety"
