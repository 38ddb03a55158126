"""Brands are found in any spelling and script, as words of their own."""

import pytest

from pipeline.brands import BrandMatcher, Match
from pipeline.watchlist import Brand, Campaign, Facet, WatchList


def facet(name: str, *aliases: str) -> Facet:
    return Facet(id=name, name=name, aliases=aliases)


AIR = Brand(
    id="air",
    name="United Air",
    aliases=("United", "联合航空"),
    products=(facet("lounge", "polar lounge"),),
    regions=(facet("tokyo", "Tokyo", "东京"),),
    campaigns=(Campaign(id="summer", name="Summer", aliases=("#flysummer",)),),
)
CLUB = Brand(id="club", name="Club", aliases=("Manchester United", "K&Q"), regions=(facet("tokyo", "Tokyo"),))
MATCHER = BrandMatcher(WatchList(brands=(CLUB, AIR)))


@pytest.mark.parametrize(
    "text",
    [
        "UNITED",
        "@united",
        "#united!",
        "united's fault",
        "联合united航空",
        "搭united去",
        "ｕｎｉｔｅｄ",
        "uni\u200bted",
        "聯合航空",
        "坐联合航空的",
    ],
)
def test_an_alias_is_found_in_any_case_width_and_script(text: str):
    assert MATCHER.match_one(text).brands == ("air",)


@pytest.mark.parametrize(
    "text", ["reunited", "unitedly", "united2", "2united", "ünited", "unitedé", "Tokyo", "", "\0", "联合"]
)
def test_a_part_of_a_word_is_no_brand(text: str):
    assert MATCHER.match_one(text) == Match()


def test_an_alias_inside_a_longer_alias_of_another_brand_does_not_count():
    assert MATCHER.match_one("manchester united won").brands == ("club",)
    assert MATCHER.match_one("manchester united fly united").brands == ("air", "club")


def test_an_alias_of_several_words_is_also_found_written_together():
    assert MATCHER.match_one("#ManchesterUnited").brands == ("club",)


def test_an_alias_with_a_sign_inside_is_found():
    assert MATCHER.match_one("at k&q today").brands == ("club",)


def test_products_and_campaigns_mean_their_brand_and_regions_do_not():
    assert MATCHER.match_one("the polar lounge") == Match(("air",), products=("air/lounge",))
    assert MATCHER.match_one("#flysummer") == Match(("air",), campaigns=("air/summer",))
    assert MATCHER.match_one("in tokyo") == Match()


def test_regions_are_named_for_matched_brands_only():
    assert MATCHER.match_one("united in tokyo").regions == ("air/tokyo",)
    assert MATCHER.match_one("manchester united, united, tokyo").regions == ("air/tokyo", "club/tokyo")


def test_every_text_of_a_batch_has_its_own_match():
    texts = ["nothing", "united", "", "a\0b", "联合航空 in 东京", "manchester united"]

    assert [match.brands for match in MATCHER.match(texts)] == [(), ("air",), (), (), ("air",), ("club",)]


def test_no_texts_give_no_matches():
    assert MATCHER.match([]) == []


def test_a_watch_list_without_brands_matches_nothing():
    assert BrandMatcher(WatchList(brands=())).match(["united"]) == [Match()]
