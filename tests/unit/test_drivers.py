"""What an excess comes from: exactly what would not be there without it."""

from math import inf, nan

import pytest
from msgspec.structs import replace

from pipeline.account import Account
from pipeline.closing import Moment
from pipeline.detectors._base import Verdict
from pipeline.drivers import categories, excess, once_in
from pipeline.usual import HALVED, Usual
from schemas.brand_log import Cluster, Counts
from tests.builders import MINUTE, START

VOLUME = Verdict(2.0, 20.0, 10.0, 1.0, "complaints per minute", START, calm=False)
SHARE = replace(VOLUME, observed=0.5, expected=0.1, unit="negative share")


def split(complaints: int, posts: int | None = None) -> list[int]:
    return [complaints if posts is None else posts, complaints, complaints, 0]


def account(splits: dict[str, list[int]], usual: dict[str, list[int]], clusters: tuple[Cluster, ...] = ()) -> Account:
    return Account(
        splits=splits, clusters=clusters, expected={"complaints": 20_000}, counted=100,
        usual=Usual([100, 100, 100, 0], usual),
    )  # fmt: skip


def shares(told: Account, complaints: int = 100, lead: Verdict = VOLUME) -> dict[str, float]:
    found = excess(told, Counts(posts=100, negatives=complaints, complaints=complaints), lead)
    assert found is not None
    return {driver.facet: driver.share for driver in found.drivers}


def test_without_a_facet_its_posts_and_what_is_normal_of_it_are_gone():
    told = account({"platform:weibo": split(70), "platform:x": split(30)}, {"platform:weibo": split(50)})

    assert shares(told) == {"platform:weibo": (70 - 20 * 0.5) / 80, "platform:x": 30 / 80}


def test_what_is_always_so_explains_nothing():
    told = account({"language:en": split(96), "language:other": split(4)}, {"language:en": split(96)})

    assert shares(told) == {}


def test_of_a_share_a_facet_drives_what_is_above_that_share_of_its_own_posts():
    told = Account(splits={"platform:x": [40, 40, 0, 0], "platform:weibo": [60, 10, 0, 0]}, counted=100,
                   expected={"negatives": 10_000})  # fmt: skip
    found = excess(told, Counts(posts=100, negatives=50), SHARE)

    assert found is not None
    assert {driver.facet: driver.share for driver in found.drivers} == {
        "platform:x": (40 - 4) / 40, "platform:weibo": (10 - 6) / 40,
    }  # fmt: skip


def test_nobody_expected_a_text_so_all_of_it_is_excess():
    text = Cluster(255, START, [70, 61, 49, 0], 44, 0, [1, 2, 3])
    found = excess(account({}, {}, (text,)), Counts(posts=100, complaints=100), VOLUME)

    assert found is not None
    (driver,) = found.drivers
    assert (driver.facet, driver.share, driver.count, driver.reposts, driver.accounts) == (
        "text:00000000000000ff", 0.6125, 49, 44, 3,
    )  # fmt: skip


def test_a_driver_is_never_more_than_all_of_the_excess():
    told = account({}, {}, (Cluster(1, START, [100, 100, 100, 0]),))

    assert shares(told) == {"text:0000000000000001": 1.0}


def test_while_little_is_known_of_a_brand_nothing_is_called_usual():
    told = account({"platform:x": split(60), "platform:weibo": split(40)}, {})
    told.usual = Usual()
    found = excess(told, Counts(complaints=100), VOLUME)

    assert found is not None
    assert [(one.facet, one.share, one.usual) for one in found.drivers] == [
        ("platform:x", 0.6, None), ("platform:weibo", 0.4, None),
    ]  # fmt: skip


def test_no_excess_has_no_drivers():
    assert excess(account({"platform:x": split(10)}, {}), Counts(complaints=20), VOLUME) is None


@pytest.mark.parametrize("odd", [nan, inf, -1.0, 0.0])
def test_a_level_of_an_unknown_unit_counts_complaints_and_no_odd_number_stops_it(odd: float):
    strange = replace(VOLUME, unit="parsecs")
    fine = excess(Account(), Counts(complaints=100), strange)

    assert fine is not None
    assert (fine.measure, fine.expected) == ("complaints", 10.0)
    assert excess(Account(), Counts(complaints=100), replace(strange, observed=odd)) is None


def test_expected_is_what_detectors_called_normal_minute_by_minute():
    told = Account()
    told.begin(Usual(), START)
    told.expect(START + 10 * MINUTE, {"a": VOLUME, "b": SHARE}, Counts(posts=50))
    told.expect(START + 11 * MINUTE, {"a": replace(VOLUME, expected=1.5), "b": SHARE}, Counts(posts=60))

    assert told.expected == {"complaints": 11_500, "negatives": 6_000}


def test_a_baseline_that_learns_the_incident_is_not_believed():
    told = Account()
    told.begin(Usual(), START)
    told.expect(START + MINUTE, {"a": VOLUME}, Counts())
    told.expect(START + 2 * MINUTE, {"a": replace(VOLUME, expected=50.0)}, Counts())

    assert told.expected == {"complaints": 1_000 + 2_000}


def test_categories_are_shares_of_the_complaints():
    told = Account(splits={"category:safety": split(6), "category:service": split(2), "platform:x": split(8)})

    assert categories(told) == {"safety": 0.75, "service": 0.25}


def test_what_is_usual_forgets_by_halves_and_stays_small():
    usual = Usual()
    for number in range(HALVED // 10):
        usual.learn(Moment(START, Counts(posts=20), splits={"platform:x": split(10), f"product:{number}": split(10)}))

    assert usual.totals[0] < HALVED
    assert usual.facets["platform:x"][0] * 2 == pytest.approx(usual.totals[0], abs=9)
    assert len(usual.facets) <= HALVED // 20


@pytest.mark.parametrize(("strength", "bucket_s", "seconds"), [(0.0, 60, 0), (-1.0, 60, 0), (10.0, 60, 11_013 * 60)])
def test_chance_alone_would_ring_once_in_so_many_seconds(strength: float, bucket_s: int, seconds: int):
    assert once_in(strength, bucket_s) == seconds


def test_the_strongest_evidence_still_fits_a_column():
    assert once_in(1e9, 300) < 2**63
