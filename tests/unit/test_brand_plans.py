"""What the watch list says about a brand when its minutes close, and what detectors are shown of them."""

from msgspec.structs import replace

from pipeline.brand_plans import BrandPlan, plans
from pipeline.closing import Moment
from pipeline.running import evidence
from pipeline.watchlist import Brand, Campaign, WatchList
from schemas.brand_log import Counts
from tests.builders import SIGNAL, START

HOUR = 3_600_000


def plan(*spans: tuple[int | None, int | None]) -> BrandPlan:
    campaigns = tuple(
        Campaign(id=f"c{number}", name="c", aliases=("c",), starts=starts, ends=ends)
        for number, (starts, ends) in enumerate(spans)
    )
    acme = Brand(id="acme", name="Acme", aliases=("acme",), timezone="Asia/Shanghai", campaigns=campaigns)
    return plans(WatchList(brands=(acme,)))["acme"]


def test_a_minute_is_its_counts_in_the_hour_of_the_brand():
    moment = Moment(START, Counts(posts=9, negatives=4, complaints=3, critical=2))

    assert plan().observe(moment)[:6] == (START, (START // HOUR + 8) % 24, 9, 4, 3, 2)
    assert BrandPlan().observe(moment).hour == START // HOUR % 24


def test_a_campaign_is_on_from_its_start_until_before_its_end():
    moment = Moment(START, Counts())
    spans = {
        (START, START + 1): True, (None, START + 1): True, (START, None): True,
        (START + 1, None): False, (START - 9, START): False, (None, None): False,
    }  # fmt: skip

    assert {span: plan(span).observe(moment).campaign for span in spans} == spans
    assert plan((None, START), (START, None)).observe(moment).campaign
    assert not BrandPlan().observe(moment).campaign


def test_reach_is_that_of_the_complainer_who_is_followed_most():
    quotes = [
        evidence(replace(SIGNAL, post_uid=str(place), reach=reach, severity=severity), "first")
        for place, (reach, severity) in enumerate([(10, 1), (500, 2), (9_000, 0)])
    ]

    assert plan().observe(Moment(START, Counts(), evidence=tuple(quotes))).reach == 500
    assert plan().observe(Moment(START, Counts())).reach == 0
